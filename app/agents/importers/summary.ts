import type { RecordedRun, RunTask, RunWarning } from "../../protocol/run/recorded-run.ts";

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

/**
 * Needs an acyclic run, which import guarantees. Where callers are edges, a task comes below its caller; where they are
 * groups, the members of a group hang below the graph and are none of its roots or leaves.
 */
export function summarizeRun(run: RecordedRun): RunSummary {
  const byId = new Map(run.tasks.map((task) => [task.id, task]));
  const edges = run.callers === "edges";
  const before = new Map(
    run.tasks.map((task) => {
      const parents = task.parents.map((parent) => parent.id);
      return [task.id, edges && task.caller !== null ? [...parents, task.caller] : parents];
    }),
  );
  const earlier = (task: RunTask): readonly string[] => before.get(task.id) ?? [];
  const graph = edges ? run.tasks : run.tasks.filter((task) => task.caller === null);
  const fanOut = new Map<string, number>();
  for (const task of run.tasks) for (const id of earlier(task)) fanOut.set(id, (fanOut.get(id) ?? 0) + 1);
  const level = new Map<string, number>();
  const path = new Map<string, number>();
  // Start times put every task after its parents, ties in the order of the recording's own dependencies.
  const visit = (id: string): void => {
    const open = [id];
    while (open.length > 0) {
      const task = byId.get(open.at(-1) ?? "");
      const missing = task === undefined ? undefined : earlier(task).find((parent) => !level.has(parent));
      if (missing !== undefined) {
        open.push(missing);
        continue;
      }
      open.pop();
      if (task === undefined) continue;
      level.set(task.id, 1 + greatest(earlier(task).map((id) => level.get(id) ?? 0)));
      // A callee's time is part of its caller's, so that only finish-to-start links add up.
      path.set(task.id, task.durationMs / 1000 + greatest(task.parents.map((parent) => path.get(parent.id) ?? 0)));
    }
  };
  for (const task of run.tasks) if (!level.has(task.id)) visit(task.id);
  return {
    format: run.format,
    name: run.name,
    agents: run.agents.length,
    tasks: run.tasks.length,
    edges: run.tasks.reduce((sum, task) => sum + earlier(task).length, 0),
    roots: graph.filter((task) => earlier(task).length === 0).length,
    leaves: graph.filter((task) => !fanOut.has(task.id)).length,
    levels: greatest(level.values()),
    failed: run.tasks.filter((task) => task.outcome === "failure").length,
    maxFanIn: greatest(run.tasks.map((task) => earlier(task).length)),
    maxFanOut: greatest(fanOut.values()),
    longestPathS: greatest(path.values()),
    warnings: run.warnings,
  };
}

/** 0 for none; a spread of 100,000 arguments would overflow the stack. */
function greatest(values: Iterable<number>): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
