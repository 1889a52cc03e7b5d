import { at } from "./layout-types.ts";

/** Neighbours in compressed rows: those of node n are `list[start[n]] .. list[start[n + 1] - 1]`. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly list: Int32Array;
  /** Number of the edge that each neighbour was reached by. */
  readonly edge: Int32Array;
}

export function adjacency(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): Adjacency {
  const start = new Int32Array(nodes + 1);
  for (let e = 0; e < from.length; e += 1) start[at(from, e) + 1] = at(start, at(from, e) + 1) + 1;
  for (let n = 0; n < nodes; n += 1) start[n + 1] = at(start, n + 1) + at(start, n);
  const next = start.slice();
  const list = new Int32Array(from.length);
  const edge = new Int32Array(from.length);
  for (let e = 0; e < from.length; e += 1) {
    const node = at(from, e);
    const slot = at(next, node);
    next[node] = slot + 1;
    list[slot] = at(to, e);
    edge[slot] = e;
  }
  return { start, list, edge };
}

export const degree = (adjacent: Adjacency, node: number): number =>
  at(adjacent.start, node + 1) - at(adjacent.start, node);
