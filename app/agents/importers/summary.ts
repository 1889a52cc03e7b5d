import type { RecordedRun, RunWarning } from "../../protocol/run/recorded-run.ts";

/** Counts of a recorded run, as the command line prints and the screen shows them. */
export interface RunSummary {
  readonly format: string;
  readonly name: string;
  readonly agents: number;
  readonly tasks: number;
  readonly edges: number;
  readonly roots: number;
  readonly leaves: number;
  /** Tasks on the longest chain. */
  readonly levels: number;
  readonly failed: number;
  readonly maxFanIn: number;
  readonly maxFanOut: number;
  /** The heaviest chain by durations alone, seconds. */
  readonly longestPathS: number;
  readonly warnings: readonly RunWarning[];
}

/** Needs an acyclic run, which import guarantees. */
export function summarizeRun(run: RecordedRun): RunSummary {
  const byId = new Map(run.tasks.map((task) => [task.id, task]));
  const fanOut = new Map<string, number>();
  for (const task of run.tasks)
    for (const parent of task.parents) fanOut.set(parent.id, (fanOut.get(parent.id) ?? 0) + 1);
  const level = new Map<string, number>();
  const path = new Map<string, number>();
  // Start times put every task after its parents, ties in the order of the recording's own dependencies.
  const visit = (id: string): void => {
    const open = [id];
    while (open.length > 0) {
      const task = byId.get(open.at(-1) ?? "");
      const missing = task?.parents.find((parent) => !level.has(parent.id));
      if (missing !== undefined) {
        open.push(missing.id);
        continue;
      }
      open.pop();
      if (task === undefined) continue;
      level.set(task.id, 1 + Math.max(0, ...task.parents.map((parent) => level.get(parent.id) ?? 0)));
      path.set(
        task.id,
        task.durationMs / 1000 + Math.max(0, ...task.parents.map((parent) => path.get(parent.id) ?? 0)),
      );
    }
  };
  for (const task of run.tasks) if (!level.has(task.id)) visit(task.id);
  return {
    format: run.format,
    name: run.name,
    agents: run.agents.length,
    tasks: run.tasks.length,
    edges: run.tasks.reduce((sum, task) => sum + task.parents.length, 0),
    roots: run.tasks.filter((task) => task.parents.length === 0).length,
    leaves: run.tasks.filter((task) => !fanOut.has(task.id)).length,
    levels: Math.max(...level.values()),
    failed: run.tasks.filter((task) => task.outcome === "failure").length,
    maxFanIn: Math.max(...run.tasks.map((task) => task.parents.length)),
    maxFanOut: Math.max(0, ...fanOut.values()),
    longestPathS: Math.max(...path.values()),
    warnings: run.warnings,
  };
}
