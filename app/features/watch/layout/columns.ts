import type { Layered } from "./layered.ts";
import { at } from "./layout-types.ts";
import type { Order } from "./order.ts";

/** Sizes along the layers (main) and across them (cross), px. */
export interface Metrics {
  readonly cross: number;
  readonly main: number;
  readonly crossGap: number;
  readonly rowGap: number;
  readonly layerGap: number;
  /** Wanted cross extent per main extent. */
  readonly aspect: number;
}

/** Below this many columns a layer is never folded. */
const MIN_COLUMNS = 8;

/** A layer as columns: each holds up to some rows of nodes, or one dummy. */
export interface Columned {
  /** Nodes of each column, front row first. */
  readonly columns: readonly (readonly number[])[];
  readonly rows: number;
}

/**
 * Folds wide layers: a layer of a thousand siblings becomes a block of rows instead of a line that no screen shows.
 * The order is kept column by column, so neighbours stay neighbours.
 */
export function foldLayers(graph: Layered, order: Order, metrics: Metrics): readonly Columned[] {
  const widths = realWidths(graph, order);
  const limit = columnLimit(widths, graph.lanes, metrics);
  return order.map((layer, l) => {
    const rows = Math.max(1, ...(widths[l] as readonly number[]).map((count) => Math.ceil(count / limit)));
    const columns: number[][] = [];
    let open: number[] | null = null;
    let lane = -1;
    let waiting: number[][] = [];
    for (const node of layer) {
      if (at(graph.lane, node) !== lane) {
        columns.push(...waiting);
        waiting = [];
        open = null;
        lane = at(graph.lane, node);
      }
      if (node >= graph.real) {
        // A dummy between two nodes of one column comes after that column.
        if (open === null) columns.push([node]);
        else waiting.push([node]);
        continue;
      }
      if (open === null) {
        columns.push(...waiting);
        waiting = [];
        open = [];
        columns.push(open);
      }
      open.push(node);
      if (open.length === rows) {
        columns.push(...waiting);
        waiting = [];
        open = null;
      }
    }
    columns.push(...waiting);
    return { columns, rows };
  });
}

/** Real nodes per layer and lane. */
function realWidths(graph: Layered, order: Order): readonly (readonly number[])[] {
  return order.map((layer) => {
    const counts = new Array<number>(graph.lanes).fill(0);
    for (const node of layer)
      if (node < graph.real) counts[at(graph.lane, node)] = (counts[at(graph.lane, node)] ?? 0) + 1;
    return counts;
  });
}

/** The most columns a lane may have so that the whole keeps the wanted shape. */
function columnLimit(widths: readonly (readonly number[])[], lanes: number, metrics: Metrics): number {
  const widest = Math.max(1, ...widths.flat());
  const fits = (limit: number): boolean => {
    let cross = 0;
    for (let lane = 0; lane < lanes; lane += 1) {
      const most = widths.reduce((max, counts) => Math.max(max, counts[lane] ?? 0), 0);
      cross += Math.min(limit, most) * (metrics.cross + metrics.crossGap);
    }
    let main = 0;
    for (const counts of widths) {
      const rows = Math.max(1, ...counts.map((count) => Math.ceil(count / limit)));
      main += rows * (metrics.main + metrics.rowGap) + metrics.layerGap;
    }
    return cross <= metrics.aspect * main;
  };
  let low = Math.min(lanes > 1 ? 2 : MIN_COLUMNS, widest);
  let high = widest;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
