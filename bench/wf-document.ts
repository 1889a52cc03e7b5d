/** Tasks that run side by side; the rest of a document's tasks follow in layers of this width. */
const WIDTH = 25;
const PROGRAMS = ["fetch", "align", "sort", "merge", "index", "call", "filter", "report"];
const RUNTIME_S = 60;

/**
 * A run in WfFormat 1.5 with as many tasks as asked for: layers in which each task waits for two of the layer before it,
 * its own column and a neighbour further off, so that edges cross as they do in real runs. The same text every time.
 */
export function wfDocument(tasks: number): string {
  const ids = Array.from({ length: tasks }, (_, at) => `task_${at}`);
  const programOf = (at: number): string => PROGRAMS[Math.floor(at / WIDTH) % PROGRAMS.length] ?? "fetch";
  const parentsOf = (at: number): string[] => {
    if (at < WIDTH) return [];
    const layer = at - (at % WIDTH) - WIDTH;
    return [...new Set([at - WIDTH, layer + ((at * 7) % WIDTH)])].flatMap((parent) => ids[parent] ?? []);
  };
  const specification = ids.map((id, at) => ({
    name: programOf(at),
    id,
    parents: parentsOf(at),
    children: [],
    inputFiles: [],
    outputFiles: [],
  }));
  const execution = ids.map((id, at) => ({
    id,
    runtimeInSeconds: RUNTIME_S,
    command: { program: programOf(at), arguments: [id] },
    machines: ["bench"],
  }));
  return JSON.stringify({
    name: `bench-${tasks}`,
    schemaVersion: "1.5",
    workflow: {
      specification: { tasks: specification, files: [] },
      execution: { makespanInSeconds: Math.ceil(tasks / WIDTH) * RUNTIME_S, tasks: execution },
    },
  });
}
