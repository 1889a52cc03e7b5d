import type { Layout } from "../layout/layout-types.ts";
import { type Box, type Size, type Viewport, visibleBox } from "./geometry.ts";

/** A strip narrower than this could not be pressed. */
const MIN_SIDE = 28;
/** The part in view is never drawn smaller, px. */
const MIN_FRAME = 6;

/**
 * How the whole graph lies on its map: map = graph * scale. Each side has a scale of its own, so that a chain of hundreds is
 * a strip that can be seen and pressed, not a hairline.
 */
export interface MapScale extends Size {
  readonly x: number;
  readonly y: number;
}

export function mapScale(layout: Pick<Layout, "width" | "height">, room: Size): MapScale {
  const fit = Math.min(room.width / layout.width, room.height / layout.height);
  const width = Math.min(room.width, Math.max(MIN_SIDE, layout.width * fit));
  const height = Math.min(room.height, Math.max(MIN_SIDE, layout.height * fit));
  return { width, height, x: width / layout.width, y: height / layout.height };
}

/** Where on the map the screen is, px; never outside it, and never too small to see. */
export function frameOn(scale: MapScale, viewport: Viewport, screen: Size): Box {
  const seen = visibleBox(viewport, screen);
  const [left, right] = within(seen.left * scale.x, seen.right * scale.x, scale.width);
  const [top, bottom] = within(seen.top * scale.y, seen.bottom * scale.y, scale.height);
  return { left, right, top, bottom };
}

function within(low: number, high: number, extent: number): readonly [number, number] {
  const from = Math.max(0, Math.min(extent - MIN_FRAME, low));
  return [from, Math.max(from + MIN_FRAME, Math.min(extent, high))];
}
