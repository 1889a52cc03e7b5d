const PROGRAMS = ["survey", "dig"] as const;

/**
 * A run that is still going on however slow the machine is: WfFormat 1.5, written for these journeys. Two agents share its
 * steps, which come one after another, so that a next one is always due, or side by side, so that all are under way at
 * once; a third agent ends it with what needs an approval.
 */
export function longRun(order: "chained" | "parallel", steps: number, seconds: number) {
  const ids = Array.from({ length: steps }, (_, at) => `step_${at + 1}`);
  const parents = (at: number): string[] => (order === "chained" ? ids.slice(0, at).slice(-1) : []);
  const last = { id: "report", parents: order === "chained" ? ids.slice(-1) : ids, program: "publish" };
  const tasks = [...ids.map((id, at) => ({ id, parents: parents(at), program: PROGRAMS[at % 2] })), last];
  const run = {
    name: "long-run",
    description: "written for the journeys of an operator",
    createdAt: "2026-01-01T00:00:00Z",
    schemaVersion: "1.5",
    workflow: {
      specification: {
        tasks: tasks.map(({ id, parents: before }) => ({
          name: id,
          id,
          parents: before,
          children: tasks.filter(({ parents: of }) => of.includes(id)).map((child) => child.id),
        })),
        files: [],
      },
      execution: {
        makespanInSeconds: order === "chained" ? steps * seconds : seconds,
        executedAt: "2026-01-01T00:00:00Z",
        tasks: tasks.map(({ id, program }) => ({ id, runtimeInSeconds: seconds, command: { program } })),
      },
    },
  };
  return { name: "long-run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(run)) };
}
