import {
  coordCenter,
  decrossDfs,
  decrossTwoLayer,
  graph as emptyGraph,
  type Graph,
  type Layering,
  sugiyama,
  twolayerGreedy,
} from "d3-dag";
import { type Layered, layeredGraph } from "./layered.ts";
import { at, type Layout, type LayoutGraph, type LayoutOptions } from "./layout-types.ts";
import { countCrossings, type Order } from "./order.ts";
import { layoutOf } from "./sweep-layout.ts";

/**
 * The same layers with d3-dag's two-layer greedy exchange deciding the order within them; our own placing follows. Slow on
 * wide graphs and without a bound of its own, so it runs in the layout worker only, which is ended at the deadline.
 * Null when d3-dag gives up or the result crosses more than `crossings`.
 */
export function refineLayout(graph: LayoutGraph, options: LayoutOptions, crossings: number): Layout | null {
  if (graph.lane !== null || crossings === 0) return null;
  const layered = layeredGraph(graph);
  const order = greedyOrder(graph, layered);
  if (order === null) return null;
  const refined = countCrossings(layered, order);
  return refined < crossings ? layoutOf(graph, layered, order, refined, "refined", options) : null;
}

/** Where d3-dag puts each node, and each long edge in each layer, turned back into an order of our layers. */
function greedyOrder(graph: LayoutGraph, layered: Layered): Order | null {
  const dag = emptyGraph<number, number>();
  const nodes = Array.from({ length: graph.nodes }, (_, index) => dag.node(index));
  for (let e = 0; e < graph.from.length; e += 1) {
    const from = nodes[at(graph.from, e)];
    const to = nodes[at(graph.to, e)];
    if (from !== undefined && to !== undefined) dag.link(from, to, e);
  }
  const layout = sugiyama()
    .layering(ourLayers(layered))
    .decross(decrossTwoLayer().order(twolayerGreedy()).inits([decrossDfs()]))
    .coord(coordCenter())
    .nodeSize([1, 1])
    .gap([1, 1]);
  try {
    layout(dag);
  } catch {
    // d3-dag throws on what it cannot lay out (a deep recursion, a circle): our sweep stands.
    return null;
  }
  const key = new Float64Array(layered.total);
  for (const node of dag.nodes()) key[node.data] = node.x;
  const sums = new Float64Array(layered.total);
  const seen = new Float64Array(layered.total);
  for (const link of dag.links()) {
    for (let step = 0; step < at(layered.chainLength, link.data); step += 1) {
      const dummy = at(layered.chainFirst, link.data) + step;
      const point = link.points[step + 1];
      if (point === undefined) continue;
      sums[dummy] = at(sums, dummy) + point[0];
      seen[dummy] = at(seen, dummy) + 1;
    }
  }
  for (let n = layered.real; n < layered.total; n += 1) key[n] = at(sums, n) / Math.max(1, at(seen, n));
  const layers: number[][] = Array.from({ length: layered.layers }, () => []);
  for (let n = 0; n < layered.total; n += 1) layers[at(layered.layer, n)]?.push(n);
  return layers.map((layer) => Int32Array.from(layer.sort((a, b) => at(key, a) - at(key, b))));
}

/** d3-dag's layering operator that keeps our layers. */
function ourLayers(layered: Layered): Layering<number, number> {
  return <N extends number, L extends number>(dag: Graph<N, L>): number => {
    for (const node of dag.nodes()) node.y = at(layered.layer, node.data);
    return layered.layers - 1;
  };
}
