import { at, type Layout } from "../layout/layout-types.ts";
import type { ViewGraph } from "./view-graph.ts";

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/**
 * The node an arrow key leads to: along the direction of the graph to the nearest successor or predecessor, across it to
 * the neighbour in the same layer, column by column in a folded layer. Null at an end.
 */
export function walk(view: ViewGraph, layout: Layout, node: number, arrow: Arrow): number | null {
  const forward = layout.direction === "down" ? "ArrowDown" : "ArrowRight";
  const backward = layout.direction === "down" ? "ArrowUp" : "ArrowLeft";
  if (arrow === forward) return nearest(layout, node, ends(view.from, view.to, node));
  if (arrow === backward) return nearest(layout, node, ends(view.to, view.from, node));
  const siblings = sameLayer(layout, node);
  const place = siblings.indexOf(node);
  const step = arrow === "ArrowDown" || arrow === "ArrowRight" ? 1 : -1;
  return siblings[place + step] ?? null;
}

function ends(near: Int32Array, far: Int32Array, node: number): number[] {
  const found: number[] = [];
  for (let e = 0; e < near.length; e += 1) if (at(near, e) === node) found.push(at(far, e));
  return found;
}

function nearest(layout: Layout, node: number, candidates: readonly number[]): number | null {
  const distance = (other: number): number =>
    Math.hypot(at(layout.x, other) - at(layout.x, node), at(layout.y, other) - at(layout.y, node));
  return candidates.reduce<number | null>(
    (best, other) => (best === null || distance(other) < distance(best) ? other : best),
    null,
  );
}

function sameLayer(layout: Layout, node: number): readonly number[] {
  const found: number[] = [];
  for (let n = 0; n < layout.layer.length; n += 1) if (at(layout.layer, n) === at(layout.layer, node)) found.push(n);
  const [cross, main] = layout.direction === "down" ? [layout.x, layout.y] : [layout.y, layout.x];
  return found.sort((a, b) => at(cross, a) - at(cross, b) || at(main, a) - at(main, b));
}
