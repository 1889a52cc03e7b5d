import type { TaskGraph } from "../graph/task-graph.ts";
import { STATES_BY_NEED, stateName } from "../task-states.ts";
import type { TableRow } from "./table-rows.ts";

/** What rows are compared by and say: of a group or an agent, what its tasks come to together. */

/** How much the state of a row needs somebody: that of its neediest task. */
export function needOf(states: Uint8Array, { tasks }: TableRow): number {
  return tasks.reduce(
    (least, task) => Math.min(least, STATES_BY_NEED.indexOf(stateName(states[task]))),
    STATES_BY_NEED.length - 1,
  );
}

/** The agent they share, or null where there are several. */
export function agentIndexOf({ run }: TaskGraph, { tasks }: TableRow): number | null {
  const agent = run.agent[tasks[0] ?? -1] ?? -1;
  return tasks.every((task) => run.agent[task] === agent) ? agent : null;
}

export function agentOf({ run }: TaskGraph, { tasks }: TableRow): string {
  return run.agents[run.agent[tasks[0] ?? -1] ?? -1]?.name ?? "";
}

/** Number of the failure domain of its agent, -1 for none. */
export function domainNumberOf({ run, domainOf }: TaskGraph, { tasks }: TableRow): number {
  return domainOf?.[run.agent[tasks[0] ?? -1] ?? -1] ?? -1;
}

export function nameOf(graph: TaskGraph, row: TableRow): string {
  const { run } = graph;
  if (row.kind === "agent") return agentOf(graph, row);
  return (row.kind === "group" ? run.actions[row.of] : run.names[row.of]) ?? "";
}

/** The action they share, or null where there are several. */
export function actionOf({ run }: TaskGraph, { tasks }: TableRow): string | null {
  const action = run.actions[tasks[0] ?? -1] ?? "";
  return tasks.every((task) => run.actions[task] === action) ? action : null;
}

/** The first recorded start; null where none was recorded. */
export function startOf({ run }: TaskGraph, { tasks }: TableRow): number | null {
  return tasks.reduce<number | null>((first, task) => {
    const start = run.startMs[task] ?? null;
    return start === null || (first !== null && first <= start) ? first : start;
  }, null);
}

/** The recorded time of all together. */
export function durationOf({ run }: TaskGraph, { tasks }: TableRow): number {
  return tasks.reduce((sum, task) => sum + (run.durationMs[task] ?? 0), 0);
}

/** The same, to be shown; null where the recording has no times at all. */
export function recordedTimeOf(graph: TaskGraph, row: TableRow): number | null {
  const duration = durationOf(graph, row);
  return duration === 0 && startOf(graph, row) === null ? null : duration;
}

/** Recorded results, the worst first. */
const RESULTS = ["failure", "killed", "unfinished", "success"] as const;
export type Recorded = (typeof RESULTS)[number];

/** The worst recorded result, and how many have it. */
export function recordedOf(
  { run }: TaskGraph,
  { tasks }: TableRow,
): { readonly result: Recorded; readonly count: number } {
  const result = RESULTS.find((wanted) => tasks.some((task) => run.recorded[task] === wanted)) ?? "success";
  return { result, count: tasks.filter((task) => run.recorded[task] === result).length };
}
