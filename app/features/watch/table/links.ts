import { CALL, INFERRED, type TaskGraph } from "../graph/task-graph.ts";
import type { Adjacency } from "../layout/adjacency.ts";
import { at } from "../layout/layout-types.ts";

/** How many tasks stand on one side of some tasks, and how many of those only because it was concluded. */
export interface Links {
  readonly count: number;
  readonly inferred: number;
}

export function linksBefore(graph: TaskGraph, tasks: readonly number[]): Links {
  return linksOf(graph, graph.up, tasks);
}

export function linksAfter(graph: TaskGraph, tasks: readonly number[]): Links {
  return linksOf(graph, graph.down, tasks);
}

/** Every other task once; callers are no predecessors. */
function linksOf(graph: TaskGraph, adjacent: Adjacency, tasks: readonly number[]): Links {
  const own = tasks.length > 1 ? new Set(tasks) : null;
  const onlyInferred = new Map<number, boolean>();
  for (const task of tasks) {
    for (let k = at(adjacent.start, task); k < at(adjacent.start, task + 1); k += 1) {
      const other = at(adjacent.list, k);
      const kind = at(graph.kind, at(adjacent.edge, k));
      if (kind === CALL || own?.has(other) === true) continue;
      onlyInferred.set(other, kind === INFERRED && (onlyInferred.get(other) ?? true));
    }
  }
  let inferred = 0;
  for (const only of onlyInferred.values()) if (only) inferred += 1;
  return { count: onlyInferred.size, inferred };
}
