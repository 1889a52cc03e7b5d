import { type Adjacency, adjacency } from "./adjacency.ts";
import { assignLayers } from "./layers.ts";
import { at, type LayoutGraph } from "./layout-types.ts";

/** Bound on the points that carry long edges through the layers between, per node of the graph. */
const MAX_DUMMIES_PER_NODE = 4;

/**
 * A graph whose edges all join neighbouring layers: longer edges run over dummies, one chain per source, shared by all
 * its long edges. Nodes are 0 .. real-1, dummies follow.
 */
export interface Layered {
  readonly real: number;
  readonly total: number;
  readonly layer: Int32Array;
  readonly layers: number;
  readonly lane: Int32Array;
  readonly lanes: number;
  readonly up: Adjacency;
  readonly down: Adjacency;
  /** Source node of each dummy (index minus `real`). */
  readonly dummySource: Int32Array;
  /** Dummies of edge e, in order, as a range of one source's chain: first dummy and number; 0 when short or too long. */
  readonly chainFirst: Int32Array;
  readonly chainLength: Int32Array;
}

export function layeredGraph(graph: LayoutGraph): Layered {
  const layer = assignLayers(graph.nodes, graph.from, graph.to);
  const edges = graph.from.length;
  const reach = longestSpans(graph, layer);
  const from: number[] = [];
  const to: number[] = [];
  const dummyLayer: number[] = [];
  const dummySource: number[] = [];
  const chainOf = new Int32Array(graph.nodes).fill(-1);
  const chainFirst = new Int32Array(edges);
  const chainLength = new Int32Array(edges);
  for (let n = 0; n < graph.nodes; n += 1) {
    const span = at(reach, n);
    if (span < 2) continue;
    chainOf[n] = graph.nodes + dummySource.length;
    for (let step = 1; step < span; step += 1) {
      const dummy = graph.nodes + dummySource.length;
      from.push(step === 1 ? n : dummy - 1);
      to.push(dummy);
      dummySource.push(n);
      dummyLayer.push(at(layer, n) + step);
    }
  }
  for (let e = 0; e < edges; e += 1) {
    const span = at(layer, at(graph.to, e)) - at(layer, at(graph.from, e));
    if (span === 1) {
      from.push(at(graph.from, e));
      to.push(at(graph.to, e));
    } else if (span > 1 && span <= at(reach, at(graph.from, e))) {
      const first = at(chainOf, at(graph.from, e));
      chainFirst[e] = first;
      chainLength[e] = span - 1;
      from.push(first + span - 2);
      to.push(at(graph.to, e));
    }
  }
  const total = graph.nodes + dummySource.length;
  const allLayers = new Int32Array(total);
  allLayers.set(layer);
  allLayers.set(dummyLayer, graph.nodes);
  const lane = new Int32Array(total);
  if (graph.lane !== null) lane.set(graph.lane);
  dummySource.forEach((source, index) => {
    lane[graph.nodes + index] = at(lane, source);
  });
  return {
    real: graph.nodes,
    total,
    layer: allLayers,
    layers: allLayers.reduce((most, value) => Math.max(most, value + 1), 0),
    lane,
    lanes: lane.reduce((most, value) => Math.max(most, value + 1), 1),
    down: adjacency(total, from, to),
    up: adjacency(total, to, from),
    dummySource: Int32Array.from(dummySource),
    chainFirst,
    chainLength,
  };
}

/** Per source the longest edge that gets dummies; the longest edges go without when there would be too many. */
function longestSpans(graph: LayoutGraph, layer: Int32Array): Int32Array {
  const spans = new Int32Array(graph.nodes);
  for (let e = 0; e < graph.from.length; e += 1) {
    const node = at(graph.from, e);
    spans[node] = Math.max(at(spans, node), at(layer, at(graph.to, e)) - at(layer, node));
  }
  const budget = 1000 + MAX_DUMMIES_PER_NODE * graph.nodes;
  let limit = spans.reduce((most, span) => Math.max(most, span), 0);
  const cost = (bound: number): number => spans.reduce((sum, span) => sum + Math.max(0, Math.min(span, bound) - 1), 0);
  while (limit > 1 && cost(limit) > budget) limit = Math.floor(limit / 2);
  return spans.map((span) => Math.min(span, limit));
}
