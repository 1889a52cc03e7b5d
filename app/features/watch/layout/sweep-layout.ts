import type { Metrics } from "./columns.ts";
import { type Layered, layeredGraph } from "./layered.ts";
import { at, type Layout, type LayoutGraph, type LayoutOptions } from "./layout-types.ts";
import { type Order, sweepOrder } from "./order.ts";
import { placeNodes } from "./place.ts";

/** Our own layered layout: longest-path layers, barycentre sweeps, least-squares placing. Fast, never refused. */
export function sweepLayout(graph: LayoutGraph, options: LayoutOptions): Layout {
  const layered = layeredGraph(graph);
  const { order, crossings } = sweepOrder(layered);
  return layoutOf(graph, layered, order, crossings, "sweep", options);
}

/** A layout from a given order of the layers. */
export function layoutOf(
  graph: LayoutGraph,
  layered: Layered,
  order: Order,
  crossings: number,
  source: Layout["source"],
  options: LayoutOptions,
): Layout {
  const metrics = metricsOf(options);
  const placed = placeNodes(layered, order, metrics);
  const down = options.direction === "down";
  const x = new Float32Array(graph.nodes);
  const y = new Float32Array(graph.nodes);
  let width = 0;
  let height = 0;
  for (let n = 0; n < graph.nodes; n += 1) {
    const cross = Math.round(at(placed.cross, n) - metrics.cross / 2);
    const main = Math.round(at(placed.main, n));
    x[n] = down ? cross : main;
    y[n] = down ? main : cross;
    width = Math.max(width, at(x, n) + options.nodeWidth);
    height = Math.max(height, at(y, n) + options.nodeHeight);
  }
  const crossEnd = placed.lanes.at(-1)?.end ?? 0;
  const { bendStart, bends } = bendsOf(graph, layered, placed, down);
  return {
    x,
    y,
    width: down ? Math.max(width, crossEnd) : width,
    height: down ? height : Math.max(height, crossEnd),
    direction: options.direction,
    layer: layered.layer.slice(0, graph.nodes),
    lanes: placed.lanes,
    bendStart,
    bends,
    crossings,
    source,
  };
}

function metricsOf(options: LayoutOptions): Metrics {
  return options.direction === "down"
    ? { cross: options.nodeWidth, main: options.nodeHeight, crossGap: 16, rowGap: 12, layerGap: 56, aspect: 1.7 }
    : { cross: options.nodeHeight, main: options.nodeWidth, crossGap: 12, rowGap: 16, layerGap: 72, aspect: 0.6 };
}

/** Each layer an edge passes through gives two points: where it enters the layer and where it leaves it. */
function bendsOf(
  graph: LayoutGraph,
  layered: Layered,
  placed: ReturnType<typeof placeNodes>,
  down: boolean,
): { bendStart: Int32Array; bends: Float32Array } {
  const edges = graph.from.length;
  const bendStart = new Int32Array(edges + 1);
  for (let e = 0; e < edges; e += 1) bendStart[e + 1] = at(bendStart, e) + 2 * at(layered.chainLength, e);
  const bends = new Float32Array(2 * at(bendStart, edges));
  for (let e = 0; e < edges; e += 1) {
    let point = at(bendStart, e);
    for (let step = 0; step < at(layered.chainLength, e); step += 1) {
      const dummy = at(layered.chainFirst, e) + step;
      const layer = at(layered.layer, dummy);
      for (const main of [at(placed.layerStart, layer), at(placed.layerEnd, layer)]) {
        bends[2 * point] = down ? at(placed.cross, dummy) : main;
        bends[2 * point + 1] = down ? main : at(placed.cross, dummy);
        point += 1;
      }
    }
  }
  return { bendStart, bends };
}
