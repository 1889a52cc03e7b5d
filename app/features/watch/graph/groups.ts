import type { Adjacency } from "../layout/adjacency.ts";
import { at } from "../layout/layout-types.ts";
import type { TaskGraph } from "./task-graph.ts";

/** Fewer alike tasks than this stay single. */
const MIN_MEMBERS = 3;
/** When exact grouping leaves more nodes than this, alike tasks of a layer become one group whatever they are joined to. */
const WANTED_NODES = 400;

/**
 * Tasks that read as one: the same action by the same agent in the same layer, called by the same task, with the same
 * predecessors and successors. Where that leaves too many, neighbours need not be the same. A group stays within a layer, so
 * groups never make a circle. Each group is in ascending order; the first member is its id.
 */
export function groupTasks(tasks: TaskGraph): readonly Int32Array[] {
  const exact = collect(tasks, (task) => `${listKey(tasks.up, task)}>${listKey(tasks.down, task)}`);
  const left = tasks.tasks - exact.reduce((sum, group) => sum + group.length - 1, 0);
  return left <= WANTED_NODES ? exact : collect(tasks, () => "");
}

function collect(tasks: TaskGraph, extra: (task: number) => string): readonly Int32Array[] {
  const { run } = tasks;
  const found = new Map<string, number[]>();
  for (let task = 0; task < tasks.tasks; task += 1) {
    const caller = run.callers === "groups" ? (run.caller[task] ?? -1) : -1;
    const key = `${at(tasks.layer, task)}|${run.actions[task]}|${at(tasks.agent, task)}|${caller}|${extra(task)}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [task]);
    else group.push(task);
  }
  return [...found.values()].filter((group) => group.length >= MIN_MEMBERS).map((group) => Int32Array.from(group));
}

function listKey(adjacent: Adjacency, task: number): string {
  return adjacent.list
    .slice(at(adjacent.start, task), at(adjacent.start, task + 1))
    .sort()
    .join();
}
