/** What the layout knows of a graph: node and edge numbers only, so that it can go to a worker as plain arrays. */

export type Direction = "down" | "right";

export interface LayoutGraph {
  readonly nodes: number;
  /** Edge e runs from `from[e]` to `to[e]`. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Swim lane of each node, 0 .. lanes-1; null for one field without lanes. */
  readonly lane: Int32Array | null;
}

export interface LayoutOptions {
  readonly direction: Direction;
  /** Every node has this size, CSS px. */
  readonly nodeWidth: number;
  readonly nodeHeight: number;
}

export interface LaneBand {
  readonly lane: number;
  /** Extent across the layers, px: along x when the graph runs down, along y when it runs right. */
  readonly start: number;
  readonly end: number;
}

/** A finished layout. Positions are the top left corner of each node, px, all at or above zero. */
export interface Layout {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly direction: Direction;
  readonly layer: Int32Array;
  readonly lanes: readonly LaneBand[];
  /** Points between the ends of edge e: `bends[2 * i]`, `bends[2 * i + 1]` for i from `bendStart[e]` to `bendStart[e + 1]`. */
  readonly bendStart: Int32Array;
  readonly bends: Float32Array;
  readonly crossings: number;
  /** Our own sweep, or the sweep refined by d3-dag within its deadline. */
  readonly source: "sweep" | "refined";
}

/** An array access that the layout's own bookkeeping keeps in range. */
export function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
