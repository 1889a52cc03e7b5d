import type { RunGraph } from "../../../api/contract/workflow.ts";
import { type Adjacency, adjacency } from "../layout/adjacency.ts";
import { assignLayers } from "../layout/layers.ts";
import { at } from "../layout/layout-types.ts";

/** What an edge of a run says: `after` a recorded order, `inferred` one that was concluded, `call` made by the upper task. */
export const EDGE_KINDS = ["after", "inferred", "call"] as const;
export type EdgeKind = (typeof EDGE_KINDS)[number];
export const INFERRED = 1;
export const CALL = 2;

/** A run as numbers: what grouping, layout and walking along edges need. */
export interface TaskGraph {
  readonly run: RunGraph;
  readonly tasks: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Index into EDGE_KINDS. */
  readonly kind: Uint8Array;
  readonly down: Adjacency;
  readonly up: Adjacency;
  readonly layer: Int32Array;
  readonly agent: Int32Array;
  /** Number of each agent's failure domain, -1 for none; null where none are set up. */
  readonly domainOf: Int32Array | null;
}

/** Callers become edges too, so that what a task called hangs below it. */
export function taskGraph(run: RunGraph): TaskGraph {
  const from: number[] = [];
  const to: number[] = [];
  const kind: number[] = [];
  const joined = new Set<number>();
  const tasks = run.ids.length;
  for (const [a, b, inferred] of run.edges) {
    from.push(a);
    to.push(b);
    kind.push(inferred === 1 ? INFERRED : 0);
    joined.add(a * tasks + b);
  }
  run.caller.forEach((caller, task) => {
    if (caller < 0 || joined.has(caller * tasks + task)) return;
    from.push(caller);
    to.push(task);
    kind.push(CALL);
  });
  return {
    run,
    tasks,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    kind: Uint8Array.from(kind),
    down: adjacency(tasks, from, to),
    up: adjacency(tasks, to, from),
    layer: assignLayers(tasks, from, to),
    agent: Int32Array.from(run.agent),
    domainOf: null,
  };
}

/** Neighbours of one task in an adjacency, as a list. */
export function neighbours(adjacent: Adjacency, task: number): readonly number[] {
  return Array.from(adjacent.list.subarray(at(adjacent.start, task), at(adjacent.start, task + 1)));
}

/** How the edge between two tasks is known; `after` where there is none. */
export function edgeKind(graph: TaskGraph, from: number, to: number): EdgeKind {
  for (let k = at(graph.down.start, from); k < at(graph.down.start, from + 1); k += 1)
    if (at(graph.down.list, k) === to) return EDGE_KINDS[at(graph.kind, at(graph.down.edge, k))] ?? "after";
  return "after";
}

/** Tasks that a task called. */
export function calledBy(graph: TaskGraph, task: number): readonly number[] {
  const called = new Set<number>();
  for (const other of neighbours(graph.down, task)) if (graph.run.caller[other] === task) called.add(other);
  return [...called];
}
