import { at, type Layout } from "../layout/layout-types.ts";
import { type Box, edgePath, edgePoints } from "./geometry.ts";
import type { ViewGraph } from "./view-graph.ts";

/** Edges of one kind that lie near each other, as one path: drawn together, or left out together when off screen. */
export interface EdgeChunk {
  /** Index into EDGE_KINDS. */
  readonly kind: number;
  readonly edges: number;
  readonly box: Box;
  /** Bent around what lies between. */
  readonly bent: Path2D;
  /** From end to end, for when a bend would not be seen. */
  readonly straight: Path2D;
}

const PER_CHUNK = 150;

export function edgeChunks(view: ViewGraph, layout: Layout): readonly EdgeChunk[] {
  const points = Array.from({ length: view.from.length }, (_, e) => edgePoints(view, layout, e));
  const main = layout.direction === "down" ? 1 : 0;
  const order = points
    .map((_, e) => e)
    .sort(
      (a, b) =>
        at(view.kind, a) - at(view.kind, b) ||
        (points[a]?.[main] ?? 0) - (points[b]?.[main] ?? 0) ||
        (points[a]?.[1 - main] ?? 0) - (points[b]?.[1 - main] ?? 0),
    );
  const chunks: EdgeChunk[] = [];
  for (let first = 0; first < order.length; ) {
    const kind = at(view.kind, order[first] as number);
    let last = first;
    while (last < order.length && last - first < PER_CHUNK && at(view.kind, order[last] as number) === kind) last += 1;
    chunks.push(
      chunkOf(
        order.slice(first, last).map((e) => points[e] ?? []),
        kind,
        layout,
      ),
    );
    first = last;
  }
  return chunks;
}

function chunkOf(edges: readonly (readonly number[])[], kind: number, layout: Layout): EdgeChunk {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  const straight = new Path2D();
  for (const points of edges) {
    for (let i = 0; i < points.length; i += 2) {
      box.left = Math.min(box.left, points[i] as number);
      box.right = Math.max(box.right, points[i] as number);
      box.top = Math.min(box.top, points[i + 1] as number);
      box.bottom = Math.max(box.bottom, points[i + 1] as number);
    }
    straight.moveTo(points[0] as number, points[1] as number);
    straight.lineTo(points.at(-2) as number, points.at(-1) as number);
  }
  const bent = new Path2D(edges.map((points) => edgePath(points, layout.direction)).join(""));
  return { kind, edges: edges.length, box, bent, straight };
}
