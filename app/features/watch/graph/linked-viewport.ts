import { MAX_ZOOM, MIN_ZOOM, type Size, type Viewport } from "./geometry.ts";

/** The zoom and the middle of the screen in graph px, for a link: they mean the same on a screen of another size. */
export function formatViewport({ x, y, zoom }: Viewport, { width, height }: Size): string {
  const middle = (half: number, shift: number): number => Math.round((half - shift) / zoom);
  return `z${Number(zoom.toFixed(4))}_${middle(width / 2, x)}_${middle(height / 2, y)}`;
}

/** Where a link looks on a screen of this size; null when it does not say. */
export function parseViewport(text: string | undefined, { width, height }: Size): Viewport | null {
  const found = /^z(\d(?:\.\d{1,4})?)_(-?\d{1,7})_(-?\d{1,7})$/.exec(text ?? "");
  if (found === null) return null;
  const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, Number(found[1])));
  return { x: width / 2 - zoom * Number(found[2]), y: height / 2 - zoom * Number(found[3]), zoom };
}
