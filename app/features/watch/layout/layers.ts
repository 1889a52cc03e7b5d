import { adjacency, degree } from "./adjacency.ts";
import { at } from "./layout-types.ts";

/**
 * Layer of every node by longest path from the sources; a source moves down to just above its first successor, so that
 * its edges are short. Nodes on a circle (an importer refuses them) come after what they can, and never loop.
 */
export function assignLayers(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): Int32Array {
  const down = adjacency(nodes, from, to);
  const due = new Int32Array(nodes);
  for (let e = 0; e < to.length; e += 1) due[at(to, e)] = at(due, at(to, e)) + 1;
  const sources: number[] = [];
  for (let n = 0; n < nodes; n += 1) if (at(due, n) === 0) sources.push(n);

  const layer = new Int32Array(nodes);
  const order = sources.slice();
  for (let i = 0; i < order.length; i += 1) {
    const node = order[i] as number;
    for (let k = at(down.start, node); k < at(down.start, node + 1); k += 1) {
      const next = at(down.list, k);
      layer[next] = Math.max(at(layer, next), at(layer, node) + 1);
      due[next] = at(due, next) - 1;
      if (at(due, next) === 0) order.push(next);
    }
  }
  for (const node of sources) {
    if (degree(down, node) === 0) continue;
    let first = Number.POSITIVE_INFINITY;
    for (let k = at(down.start, node); k < at(down.start, node + 1); k += 1)
      first = Math.min(first, at(layer, at(down.list, k)));
    layer[node] = Math.max(0, first - 1);
  }
  return layer;
}
