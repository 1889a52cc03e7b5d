import { at, type Layout } from "../layout/layout-types.ts";
import { STATES_BY_NEED, stateName } from "../task-states.ts";
import {
  type Box,
  fitBox,
  fitLayout,
  lookAt,
  nodeBox,
  nodesIn,
  type Size,
  type Viewport,
  visibleBox,
} from "./geometry.ts";
import { parseViewport } from "./linked-viewport.ts";
import type { TaskGraph } from "./task-graph.ts";
import type { ViewGraph } from "./view-graph.ts";

/** From here on the text of a node can be read without effort. */
const READABLE_ZOOM = 0.75;

/** Below it the names of nodes, 13 px at life size, can hardly be read. */
const LEGIBLE_ZOOM = 0.6;

/** A screen as wide as this shows nodes in life size first, a narrower one more of them, px. */
const ROOMY = 1000;

/** What a link says of where to look. */
export interface Linked {
  readonly vp: string | undefined;
  /** Selected tasks; the last one matters most. */
  readonly tasks: readonly number[];
}

/** Where a graph is looked at when it first appears. */
export type FirstView = (view: ViewGraph, layout: Layout, size: Size) => Viewport;

export const showAll: FirstView = (_view, layout, size) => fitLayout(layout, size);

/** True where the whole graph is what is looked at first, because its names can be read. */
export const opensWhole = (layout: Layout, size: Size): boolean => fitLayout(layout, size).zoom >= LEGIBLE_ZOOM;

/**
 * Looks where the link says. Without that, at the whole graph; where its nodes would be too small to read, at what is
 * selected, otherwise at `start` with what is around it, large enough to read.
 */
export function firstView({ vp, tasks }: Linked, start: number): FirstView {
  return (view, layout, size) => {
    const restored = parseViewport(vp, size);
    if (restored !== null && nodesIn(layout, visibleBox(restored, size)).length > 0) return restored;
    const whole = fitLayout(layout, size);
    const cursor = tasks.at(-1);
    if (cursor === undefined) {
      if (whole.zoom >= LEGIBLE_ZOOM || start < 0) return whole;
      return lookAt(layout, at(view.nodeOf, start), size, Math.min(1, Math.max(READABLE_ZOOM, size.width / ROOMY)));
    }
    if (whole.zoom >= READABLE_ZOOM) return whole;
    const nodes = [...new Set(tasks.map((task) => at(view.nodeOf, task)))];
    const all = fitBox(nodes.map((node) => nodeBox(layout, node)).reduce(around), size);
    if (all.zoom >= READABLE_ZOOM) return all;
    return fitBox(nodeBox(layout, at(view.nodeOf, cursor)), size);
  };
}

/**
 * The task to begin at: the first that waits for a human, otherwise the first that went wrong or is under way, and where
 * nothing is, a root. The first is the nearest to a root, then the first in the recording. -1 without tasks.
 */
export function startOf({ tasks, layer }: Pick<TaskGraph, "tasks" | "layer">, states: ArrayLike<number>): number {
  let best = -1;
  let bestNeed = 0;
  for (let task = 0; task < tasks; task += 1) {
    const need = Math.min(CALM, STATES_BY_NEED.indexOf(stateName(states[task])));
    if (best < 0 || need < bestNeed || (need === bestNeed && at(layer, task) < at(layer, best))) {
      best = task;
      bestNeed = need;
    }
  }
  return best;
}

/** From here on in the order of need, nothing goes on: what is done and what is planned are alike. */
const CALM = STATES_BY_NEED.indexOf("done");

function around(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
