import type { Adjacency } from "./adjacency.ts";
import type { Layered } from "./layered.ts";
import { at } from "./layout-types.ts";

/** The nodes of each layer from first to last. */
export type Order = readonly Int32Array[];

const MAX_SWEEPS = 16;
/** Sweeps without a better result before giving up. */
const PATIENCE = 4;

/** Orders the layers so that few edges cross: depth-first start, then barycentre sweeps down and up; the best seen wins. */
export function sweepOrder(graph: Layered): { order: Order; crossings: number } {
  const order = depthFirstOrder(graph);
  const position = positionsOf(graph, order);
  let best = order.map((layer) => layer.slice());
  let fewest = countCrossings(graph, best);
  let idle = 0;
  for (let sweep = 0; sweep < MAX_SWEEPS && idle < PATIENCE && fewest > 0; sweep += 1) {
    if (sweep % 2 === 0) for (let l = 1; l < order.length; l += 1) sortLayer(graph, order, position, graph.up, l);
    else for (let l = order.length - 2; l >= 0; l -= 1) sortLayer(graph, order, position, graph.down, l);
    const crossings = countCrossings(graph, order);
    idle = crossings < fewest ? 0 : idle + 1;
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = order.map((layer) => layer.slice());
  }
  return { order: best, crossings: fewest };
}

function positionsOf(graph: Layered, order: Order): Int32Array {
  const position = new Int32Array(graph.total);
  for (const layer of order) for (let i = 0; i < layer.length; i += 1) position[at(layer, i)] = i;
  return position;
}

/** Branches stay together: every layer in the order in which a depth-first walk from the sources meets its nodes. */
function depthFirstOrder(graph: Layered): Int32Array[] {
  const layers: number[][] = Array.from({ length: graph.layers }, () => []);
  const seen = new Uint8Array(graph.total);
  const walk = (root: number): void => {
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen[node] === 1) continue;
      seen[node] = 1;
      (layers[at(graph.layer, node)] as number[]).push(node);
      for (let k = at(graph.up.start, node + 1) - 1; k >= at(graph.up.start, node); k -= 1)
        open.push(at(graph.up.list, k));
      for (let k = at(graph.down.start, node + 1) - 1; k >= at(graph.down.start, node); k -= 1)
        open.push(at(graph.down.list, k));
    }
  };
  for (let n = 0; n < graph.total; n += 1) if (at(graph.layer, n) === 0) walk(n);
  for (let n = 0; n < graph.total; n += 1) walk(n);
  return layers.map((layer) => {
    const nodes = Int32Array.from(layer);
    return graph.lanes > 1 ? stableSort(nodes, (node) => at(graph.lane, node)) : nodes;
  });
}

/** Sorts one layer by the mean position of its neighbours on one side; lanes stay apart, ties keep their order. */
function sortLayer(graph: Layered, order: Int32Array[], position: Int32Array, side: Adjacency, l: number): void {
  const layer = order[l] as Int32Array;
  const key = (node: number): number => {
    const first = at(side.start, node);
    const last = at(side.start, node + 1);
    if (first === last) return at(position, node);
    let sum = 0;
    for (let k = first; k < last; k += 1) sum += at(position, at(side.list, k));
    return sum / (last - first);
  };
  const laneStep = graph.total + 1;
  const sorted = stableSort(layer, (node) => at(graph.lane, node) * laneStep + key(node));
  order[l] = sorted;
  for (let i = 0; i < sorted.length; i += 1) position[at(sorted, i)] = i;
}

function stableSort(nodes: Int32Array, keyOf: (node: number) => number): Int32Array {
  const keys = new Float64Array(nodes.length);
  const index = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i += 1) {
    keys[i] = keyOf(at(nodes, i));
    index[i] = i;
  }
  index.sort((a, b) => at(keys, a) - at(keys, b) || a - b);
  return Int32Array.from(index, (i) => at(nodes, i));
}

/** Crossings of edges between neighbouring layers, counted with a tree of sums: O(edges log width). */
export function countCrossings(graph: Layered, order: Order): number {
  const position = positionsOf(graph, order);
  let crossings = 0;
  for (let l = 0; l + 1 < order.length; l += 1) {
    const upper = order[l] as Int32Array;
    const width = (order[l + 1] as Int32Array).length;
    const sums = new Int32Array(width + 1);
    let inserted = 0;
    for (let i = 0; i < upper.length; i += 1) {
      const node = at(upper, i);
      const first = at(graph.down.start, node);
      const last = at(graph.down.start, node + 1);
      for (let k = first; k < last; k += 1)
        crossings += inserted - prefix(sums, at(position, at(graph.down.list, k)) + 1);
      for (let k = first; k < last; k += 1) add(sums, at(position, at(graph.down.list, k)) + 1);
      inserted += last - first;
    }
  }
  return crossings;
}

function prefix(sums: Int32Array, end: number): number {
  let sum = 0;
  for (let i = end; i > 0; i -= i & -i) sum += at(sums, i);
  return sum;
}

function add(sums: Int32Array, place: number): void {
  for (let i = place; i < sums.length; i += i & -i) sums[i] = at(sums, i) + 1;
}
