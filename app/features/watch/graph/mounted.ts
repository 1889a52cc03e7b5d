import type { Layout } from "../layout/layout-types.ts";
import { type Box, contains, nodesIn, visibleBox } from "./geometry.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { Look } from "./viewport-store.ts";

/** A graph of up to this size is mounted whole, with its edges; of a larger one only what is on screen, and edges on canvas. */
const SMALL_NODES = 200;
const SMALL_EDGES = 300;
/** More nodes than this on screen stay on the canvas, which draws them alike: each mounted one costs time in every frame. */
const OVERVIEW_ABOVE = 120;
/** What is mounted around the screen, as a share of it. */
const MARGIN = 0.15;

export function isSmall(view: ViewGraph): boolean {
  return view.size <= SMALL_NODES && view.from.length <= SMALL_EDGES;
}

/** Nodes that React Flow draws; the canvas below draws all others. */
export interface Mounted {
  readonly nodes: readonly number[];
  /** Valid while the screen stays inside it. */
  readonly window: Box;
}

export const NOTHING_MOUNTED: Mounted = { nodes: [], window: { left: 0, top: 0, right: 0, bottom: 0 } };

/** What React Flow should draw for what is looked at; the same object while nothing has to change. */
export function mountedFor(before: Mounted, view: ViewGraph, layout: Layout, { viewport, size }: Look): Mounted {
  if (isSmall(view)) {
    if (before.nodes.length === view.size) return before;
    return { nodes: Array.from({ length: view.size }, (_, node) => node), window: EVERYTHING };
  }
  const visible = visibleBox(viewport, size);
  if (nodesIn(layout, visible).length > OVERVIEW_ABOVE) return before.nodes.length === 0 ? before : NOTHING_MOUNTED;
  if (before.nodes.length > 0 && contains(before.window, visible)) return before;
  const window = visibleBox(viewport, size, MARGIN);
  return { nodes: nodesIn(layout, window), window };
}

const EVERYTHING: Box = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
