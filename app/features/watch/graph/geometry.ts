import { at, type Layout } from "../layout/layout-types.ts";
import { NODE_HEIGHT, NODE_WIDTH } from "./node-size.ts";
import type { ViewGraph } from "./view-graph.ts";

/** How the graph lies on the screen: screen = graph * zoom + (x, y). */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A chain of a thousand fits: above that, alike tasks are grouped. */
export const MIN_ZOOM = 0.005;
export const MAX_ZOOM = 2;
const FIT_PADDING = 24;

/** The viewport that shows a box whole, centred, never larger than life. */
export function fitBox(box: Box, size: Size, maxZoom = 1): Viewport {
  const width = Math.max(1, box.right - box.left);
  const height = Math.max(1, box.bottom - box.top);
  const zoom = Math.max(
    MIN_ZOOM,
    Math.min(maxZoom, (size.width - 2 * FIT_PADDING) / width, (size.height - 2 * FIT_PADDING) / height),
  );
  return {
    x: (size.width - zoom * (box.left + box.right)) / 2,
    y: (size.height - zoom * (box.top + box.bottom)) / 2,
    zoom,
  };
}

export function fitLayout(layout: Layout, size: Size): Viewport {
  return fitBox({ left: 0, top: 0, right: layout.width, bottom: layout.height }, size);
}

/** The viewport at a zoom with a node in the middle, or as near to it as leaves no empty screen beyond the graph's edge. */
export function lookAt(layout: Layout, node: number, size: Size, zoom: number): Viewport {
  const shift = (room: number, middle: number, extent: number): number => {
    const spare = room - zoom * extent;
    if (spare >= 2 * FIT_PADDING) return spare / 2;
    return Math.max(spare - FIT_PADDING, Math.min(FIT_PADDING, room / 2 - zoom * middle));
  };
  const { left, right, top, bottom } = nodeBox(layout, node);
  return {
    x: shift(size.width, (left + right) / 2, layout.width),
    y: shift(size.height, (top + bottom) / 2, layout.height),
    zoom,
  };
}

export function nodeBox(layout: Layout, node: number): Box {
  const left = at(layout.x, node);
  const top = at(layout.y, node);
  return { left, top, right: left + NODE_WIDTH, bottom: top + NODE_HEIGHT };
}

/** What of the graph is on screen, grown on each side by a share of the screen. */
export function visibleBox(viewport: Viewport, size: Size, margin = 0): Box {
  const width = size.width / viewport.zoom;
  const height = size.height / viewport.zoom;
  const left = -viewport.x / viewport.zoom;
  const top = -viewport.y / viewport.zoom;
  return {
    left: left - margin * width,
    top: top - margin * height,
    right: left + (1 + margin) * width,
    bottom: top + (1 + margin) * height,
  };
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom
  );
}

/** Nodes that touch a box. */
export function nodesIn(layout: Layout, box: Box): number[] {
  const found: number[] = [];
  for (let n = 0; n < layout.x.length; n += 1) {
    const x = at(layout.x, n);
    const y = at(layout.y, n);
    if (x < box.right && x + NODE_WIDTH > box.left && y < box.bottom && y + NODE_HEIGHT > box.top) found.push(n);
  }
  return found;
}

/** The node at a point of the graph, or null; `slack` px around a node count as well. */
export function nodeAt(layout: Layout, x: number, y: number, slack = 0): number | null {
  for (let n = 0; n < layout.x.length; n += 1) {
    const dx = x - at(layout.x, n);
    const dy = y - at(layout.y, n);
    if (dx >= -slack && dx <= NODE_WIDTH + slack && dy >= -slack && dy <= NODE_HEIGHT + slack) return n;
  }
  return null;
}

/** The node at the start of the first layer; where that is off screen, the one nearest to the middle of it. */
export function firstNode(layout: Layout, viewport: Viewport, size: Size): number | null {
  const first = nearest(layout, 0, 0);
  const seen = visibleBox(viewport, size);
  if (first === null || contains(seen, nodeBox(layout, first))) return first;
  return nearest(layout, (seen.left + seen.right - NODE_WIDTH) / 2, (seen.top + seen.bottom - NODE_HEIGHT) / 2);
}

/** The node whose upper left corner is the fewest steps right or left, up or down, from a point. */
function nearest(layout: Layout, x: number, y: number): number | null {
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < layout.x.length; n += 1) {
    const steps = Math.abs(at(layout.x, n) - x) + Math.abs(at(layout.y, n) - y);
    if (steps >= least) continue;
    best = n;
    least = steps;
  }
  return best;
}

/** The least move that brings a box onto the screen with some air; the same viewport when it is there. */
export function reveal(viewport: Viewport, size: Size, box: Box): Viewport {
  const air = 32;
  const shift = (low: number, high: number, room: number): number => {
    if (high - low > room - 2 * air) return room / 2 - (low + high) / 2;
    if (low < air) return air - low;
    return high > room - air ? room - air - high : 0;
  };
  const { zoom } = viewport;
  const dx = shift(viewport.x + zoom * box.left, viewport.x + zoom * box.right, size.width);
  const dy = shift(viewport.y + zoom * box.top, viewport.y + zoom * box.bottom, size.height);
  return dx === 0 && dy === 0 ? viewport : { x: viewport.x + dx, y: viewport.y + dy, zoom };
}

/** Where edge e starts, bends and ends: x, y, x, y … in graph px. */
export function edgePoints(view: ViewGraph, layout: Layout, e: number): number[] {
  const down = layout.direction === "down";
  const from = at(view.from, e);
  const to = at(view.to, e);
  const points = down
    ? [at(layout.x, from) + NODE_WIDTH / 2, at(layout.y, from) + NODE_HEIGHT]
    : [at(layout.x, from) + NODE_WIDTH, at(layout.y, from) + NODE_HEIGHT / 2];
  for (let i = at(layout.bendStart, e); i < at(layout.bendStart, e + 1); i += 1)
    points.push(at(layout.bends, 2 * i), at(layout.bends, 2 * i + 1));
  if (down) points.push(at(layout.x, to) + NODE_WIDTH / 2, at(layout.y, to));
  else points.push(at(layout.x, to), at(layout.y, to) + NODE_HEIGHT / 2);
  return points;
}

/** An edge as an SVG path: straight through layers, bent between them. */
export function edgePath(points: readonly number[], direction: Layout["direction"]): string {
  let path = `M${points[0]} ${points[1]}`;
  for (let i = 2; i < points.length; i += 2) {
    const [x0, y0, x1, y1] = points.slice(i - 2, i + 2) as [number, number, number, number];
    if (direction === "down")
      path += x0 === x1 ? `V${y1}` : `C${x0} ${(y0 + y1) / 2} ${x1} ${(y0 + y1) / 2} ${x1} ${y1}`;
    else path += y0 === y1 ? `H${x1}` : `C${(x0 + x1) / 2} ${y0} ${(x0 + x1) / 2} ${y1} ${x1} ${y1}`;
  }
  return path;
}
