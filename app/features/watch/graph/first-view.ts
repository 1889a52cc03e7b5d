import { at, type Layout } from "../layout/layout-types.ts";
import { type Box, fitBox, fitLayout, nodeBox, nodesIn, type Size, type Viewport, visibleBox } from "./geometry.ts";
import { parseViewport } from "./linked-viewport.ts";
import type { ViewGraph } from "./view-graph.ts";

/** From here on the text of a node can be read without effort. */
const READABLE_ZOOM = 0.75;

/** What a link says of where to look. */
export interface Linked {
  readonly vp: string | undefined;
  /** Selected tasks; the last one matters most. */
  readonly tasks: readonly number[];
}

/** Where a graph is looked at when it first appears. */
export type FirstView = (view: ViewGraph, layout: Layout, size: Size) => Viewport;

export const showAll: FirstView = (_view, layout, size) => fitLayout(layout, size);

/**
 * Looks where the link says. Without that, at the whole graph; where its nodes would be too small to read and some are
 * selected, at those.
 */
export function firstView({ vp, tasks }: Linked): FirstView {
  return (view, layout, size) => {
    const restored = parseViewport(vp, size);
    if (restored !== null && nodesIn(layout, visibleBox(restored, size)).length > 0) return restored;
    const whole = fitLayout(layout, size);
    const cursor = tasks.at(-1);
    if (cursor === undefined || whole.zoom >= READABLE_ZOOM) return whole;
    const nodes = [...new Set(tasks.map((task) => at(view.nodeOf, task)))];
    const all = fitBox(nodes.map((node) => nodeBox(layout, node)).reduce(around), size);
    if (all.zoom >= READABLE_ZOOM) return all;
    return fitBox(nodeBox(layout, at(view.nodeOf, cursor)), size);
  };
}

function around(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
