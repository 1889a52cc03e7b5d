import { type Columned, foldLayers, type Metrics } from "./columns.ts";
import type { Layered } from "./layered.ts";
import { at, type LaneBand } from "./layout-types.ts";
import type { Order } from "./order.ts";

/** Cross extent of a dummy: an edge that passes through a layer. */
const DUMMY_CROSS = 8;
const ROUNDS = 4;
/** Space between a lane's border and its nodes, px. */
const LANE_PADDING = 20;

export interface Placed {
  /** Cross coordinate of each node's middle. */
  readonly cross: Float64Array;
  /** Main coordinate of each node's near side. */
  readonly main: Float64Array;
  readonly layerStart: Float64Array;
  readonly layerEnd: Float64Array;
  readonly lanes: readonly LaneBand[];
}

interface Slots {
  readonly layers: readonly Columned[];
  /** Column number of each node in its layer. */
  readonly columnOf: Int32Array;
  /** Middle of each column, per layer. */
  readonly middle: readonly Float64Array[];
  /** Smallest distance of each column's middle from the first column's, per layer. */
  readonly offset: readonly Float64Array[];
}

/** Gives every node its place: order and distances are kept, and each layer is as near to its neighbours as that allows. */
export function placeNodes(graph: Layered, order: Order, metrics: Metrics): Placed {
  const layers = foldLayers(graph, order, metrics);
  const slots = slotsOf(graph, layers, metrics);
  const bands = graph.lanes > 1 ? laneBands(graph, slots, metrics) : [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let l = 1; l < layers.length; l += 1) settle(graph, slots, bands, l, "up", metrics);
    for (let l = layers.length - 2; l >= 0; l -= 1) settle(graph, slots, bands, l, "down", metrics);
  }
  for (let l = 0; l < layers.length; l += 1) settle(graph, slots, bands, l, "both", metrics);
  return coordinates(graph, slots, bands, metrics);
}

const isDummy = (graph: Layered, column: readonly number[]): boolean => (column[0] ?? 0) >= graph.real;

function slotsOf(graph: Layered, layers: readonly Columned[], metrics: Metrics): Slots {
  const columnOf = new Int32Array(graph.total);
  const widthOf = (column: readonly number[]): number => (isDummy(graph, column) ? DUMMY_CROSS : metrics.cross);
  const offset = layers.map(({ columns }) => {
    const offsets = new Float64Array(columns.length);
    columns.forEach((column, index) => {
      for (const node of column) columnOf[node] = index;
      if (index === 0) return;
      const before = columns[index - 1] as readonly number[];
      const gap = isDummy(graph, before) && isDummy(graph, column) ? metrics.crossGap / 2 : metrics.crossGap;
      offsets[index] = at(offsets, index - 1) + (widthOf(before) + widthOf(column)) / 2 + gap;
    });
    return offsets;
  });
  const middle = offset.map((offsets) => {
    const half = (offsets.at(-1) ?? 0) / 2;
    return offsets.map((value) => value - half);
  });
  return { layers, columnOf, middle, offset };
}

/** Moves one layer's columns to the mean of their neighbours, by isotonic regression: least squares, order and distances kept. */
function settle(
  graph: Layered,
  slots: Slots,
  bands: readonly LaneBand[],
  l: number,
  side: "up" | "down" | "both",
  metrics: Metrics,
): void {
  const { columns } = slots.layers[l] as Columned;
  const middle = slots.middle[l] as Float64Array;
  const offsets = slots.offset[l] as Float64Array;
  const wanted = new Float64Array(columns.length);
  const weights = new Float64Array(columns.length);
  columns.forEach((column, index) => {
    let sum = 0;
    let weight = 0;
    for (const node of column) {
      for (const adjacent of side === "both" ? [graph.up, graph.down] : [graph[side]]) {
        for (let k = at(adjacent.start, node); k < at(adjacent.start, node + 1); k += 1) {
          const other = at(adjacent.list, k);
          const pull = node >= graph.real ? (other >= graph.real ? 8 : 2) : 1;
          const otherLayer = at(graph.layer, other);
          sum += pull * at(slots.middle[otherLayer] as Float64Array, at(slots.columnOf, other));
          weight += pull;
        }
      }
    }
    wanted[index] = (weight === 0 ? at(middle, index) : sum / weight) - at(offsets, index);
    weights[index] = weight === 0 ? 0.01 : weight;
  });
  if (bands.length === 0) {
    isotonic(wanted, weights, 0, columns.length);
    for (let i = 0; i < columns.length; i += 1) middle[i] = at(wanted, i) + at(offsets, i);
    return;
  }
  for (let first = 0; first < columns.length; ) {
    const lane = at(graph.lane, (columns[first] as readonly number[])[0] as number);
    let last = first + 1;
    while (last < columns.length && at(graph.lane, (columns[last] as readonly number[])[0] as number) === lane)
      last += 1;
    const band = bands[lane] as LaneBand;
    isotonic(wanted, weights, first, last);
    const edge = LANE_PADDING + metrics.cross / 2;
    for (let i = first; i < last; i += 1) {
      // Within the lane: clamped so that what lies before and after in this lane still has room.
      const low = band.start + edge - at(offsets, first);
      const high = band.end - edge - at(offsets, last - 1);
      middle[i] = Math.min(Math.max(at(wanted, i), low), Math.max(low, high)) + at(offsets, i);
    }
    first = last;
  }
}

/** Pool adjacent violators, in place on `values[first .. last)`: the nearest non-decreasing values by weighted squares. */
export function isotonic(values: Float64Array, weights: Float64Array, first: number, last: number): void {
  const means: number[] = [];
  const masses: number[] = [];
  const ends: number[] = [];
  for (let i = first; i < last; i += 1) {
    let mean = at(values, i);
    let mass = at(weights, i);
    while (means.length > 0 && (means.at(-1) as number) > mean) {
      const other = masses.pop() as number;
      mean = (mean * mass + (means.pop() as number) * other) / (mass + other);
      mass += other;
      ends.pop();
    }
    means.push(mean);
    masses.push(mass);
    ends.push(i + 1);
  }
  let i = first;
  means.forEach((mean, block) => {
    for (; i < (ends[block] as number); i += 1) values[i] = mean;
  });
}

/** Each lane is as wide as its widest layer. */
function laneBands(graph: Layered, slots: Slots, metrics: Metrics): LaneBand[] {
  const widths = new Array<number>(graph.lanes).fill(metrics.cross);
  slots.layers.forEach(({ columns }, l) => {
    const offsets = slots.offset[l] as Float64Array;
    const first = new Map<number, number>();
    columns.forEach((column, index) => {
      const lane = at(graph.lane, column[0] as number);
      if (!first.has(lane)) first.set(lane, index);
      const extent = at(offsets, index) - at(offsets, first.get(lane) ?? index) + metrics.cross;
      widths[lane] = Math.max(widths[lane] ?? 0, extent);
    });
  });
  let start = 0;
  return widths.map((width, lane) => {
    const band = { lane, start, end: start + width + 2 * LANE_PADDING };
    start = band.end;
    return band;
  });
}

function coordinates(graph: Layered, slots: Slots, bands: readonly LaneBand[], metrics: Metrics): Placed {
  const cross = new Float64Array(graph.total);
  const main = new Float64Array(graph.total);
  const layerStart = new Float64Array(graph.layers);
  const layerEnd = new Float64Array(graph.layers);
  let start = 0;
  slots.layers.forEach(({ columns, rows }, l) => {
    layerStart[l] = start;
    columns.forEach((column, index) => {
      column.forEach((node, row) => {
        cross[node] = at(slots.middle[l] as Float64Array, index);
        main[node] = start + row * (metrics.main + metrics.rowGap);
      });
    });
    layerEnd[l] = start + rows * (metrics.main + metrics.rowGap) - metrics.rowGap;
    start = at(layerEnd, l) + metrics.layerGap;
  });
  if (bands.length === 0) {
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < graph.total; n += 1)
      least = Math.min(least, at(cross, n) - (n < graph.real ? metrics.cross : DUMMY_CROSS) / 2);
    if (Number.isFinite(least)) for (let n = 0; n < graph.total; n += 1) cross[n] = at(cross, n) - least;
  }
  return { cross, main, layerStart, layerEnd, lanes: bands };
}
