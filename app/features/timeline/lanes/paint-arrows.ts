import type { CausalArrow } from "./causal.ts";
import type { LaneLog } from "./lane-log.ts";
import type { Palette } from "./palette.ts";
import { arrowsInSight, type Picture, pointOf, pointOfPlace, type Sight } from "./picture.ts";
import type { Scene } from "./scene.ts";

type Context = CanvasRenderingContext2D;

/** How each kind of cause is drawn (LANE_CAUSES): a task after a task is a full line, what is named or next is broken. */
const DASHES: readonly (readonly number[])[] = [[], [5, 3], [2, 3], [1, 4]];

/** Causes between what is in view, pale; those of the selected entry in the accent. */
export function paintArrows(context: Context, picture: Picture, sight: Sight, palette: Palette, scene: Scene): void {
  context.strokeStyle = palette.strong;
  context.fillStyle = palette.strong;
  context.lineWidth = 1;
  const isQuiet = picture.selected !== null || picture.path !== null || picture.isAligned;
  context.globalAlpha = isQuiet ? 0.25 : 0.6;
  for (const { log, ...arrow } of arrowsInSight(picture, scene)) paintArrow(context, picture, sight, log, arrow);
  context.globalAlpha = 1;
  const { selected } = picture;
  const log = picture.lanes.find((lane) => lane.log.domain === selected?.domain)?.log;
  if (log === undefined) return;
  context.strokeStyle = palette.accent;
  context.fillStyle = palette.accent;
  context.lineWidth = 1.5;
  for (const arrow of picture.arrows) paintArrow(context, picture, sight, log, arrow);
}

/** Steps from domain to domain: where somebody else's record goes on. */
export function paintCrossings(context: Context, picture: Picture, sight: Sight, palette: Palette): void {
  context.strokeStyle = palette.ink;
  context.fillStyle = palette.ink;
  context.lineWidth = 1.5;
  for (const { from, to } of picture.crossings) {
    const a = pointOfPlace(picture, sight, from);
    const b = pointOfPlace(picture, sight, to);
    if (a !== null && b !== null) paintCurve(context, sight, a, b, []);
  }
}

/** The critical path: a strong line from entry to entry. */
export function paintPath(context: Context, picture: Picture, sight: Sight, palette: Palette): void {
  if (picture.path === null) return;
  const { log, entries } = picture.path;
  context.strokeStyle = palette.ink;
  context.lineWidth = 3;
  context.globalAlpha = 0.75;
  context.beginPath();
  let isBegun = false;
  for (const seq of entries) {
    const point = pointOf(picture, sight, log, seq);
    if (point === null) continue;
    if (isBegun) context.lineTo(point.x, point.y);
    else context.moveTo(point.x, point.y);
    isBegun = true;
  }
  context.stroke();
  context.globalAlpha = 1;
}

const HEAD_PX = 5;
const REACH_PX = 8;

function paintArrow(
  context: Context,
  picture: Picture,
  sight: Sight,
  log: LaneLog,
  { from, to, kind }: CausalArrow,
): void {
  const a = pointOf(picture, sight, log, from);
  const b = pointOf(picture, sight, log, to);
  if (a !== null && b !== null) paintCurve(context, sight, a, b, DASHES[kind] ?? []);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function paintCurve(context: Context, sight: Sight, a: Point, b: Point, dashes: readonly number[]): void {
  if (Math.max(a.x, b.x) < 0 || Math.min(a.x, b.x) > sight.widthPx) return;
  if (Math.max(a.y, b.y) < 0 || Math.min(a.y, b.y) > sight.heightPx) return;
  context.setLineDash([...dashes]);
  context.beginPath();
  context.moveTo(a.x, a.y);
  const isFlat = a.y === b.y;
  // Within a lane an arc below the marks; between lanes a curve that leaves and arrives along the time.
  const bend = Math.max(12, Math.min(60, Math.abs(b.x - a.x) / 2));
  const dip = isFlat ? Math.min(10, 4 + Math.abs(b.x - a.x) / 20) : 0;
  const end = { x: b.x - REACH_PX * (isFlat ? 0.7 : 1), y: b.y + (isFlat ? 4 : 0) };
  context.bezierCurveTo(a.x + bend, a.y + dip, end.x - bend, end.y + dip, end.x, end.y);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(end.x + HEAD_PX, b.y + (isFlat ? 2 : 0));
  context.lineTo(end.x - 1, end.y - HEAD_PX * 0.7);
  context.lineTo(end.x - 1, end.y + HEAD_PX * 0.7);
  context.fill();
}
