import { MARK_PATHS, type MarkShape } from "../../../ui/mark.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { sinceStart, ticksOf } from "./axis.ts";
import { missingCauses, wordOf } from "./lane-log.ts";
import { paintArrows, paintCrossings, paintPath } from "./paint-arrows.ts";
import type { Palette } from "./palette.ts";
import { isHole, type Picture, pointOf, pointOfPlace, type Sight, sceneInSight, yOfLane } from "./picture.ts";
import { AXIS_PX, ROW_PX } from "./rows.ts";
import { type Scene, type SceneBin, type SceneMark, xOf } from "./scene.ts";
import type { Place } from "./view.ts";

type Context = CanvasRenderingContext2D;

/** The shape of each severity, by its number: never the colour alone. */
export const SEVERITY_SHAPES: readonly MarkShape[] = ["dot", "diamond", "triangle", "cross"];

/** Pixels between labels of the axis. */
const TICK_PX = 110;
/** Free room a mark's label needs. */
const LABEL_PX = 92;
/** Room of what the recording notes. */
const NOTED_PX = 72;
const LABEL_CHARACTERS = 22;
/** About the width of a character. */
const CHARACTER_PX = 6.8;

/** Draws the axis and the lanes in sight; gives the scene it drew, for what lies under the pointer. */
export function paint(
  context: Context,
  picture: Picture,
  sight: Sight,
  palette: Palette,
  ratio: number,
  hovered: Place | null,
): Scene {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, sight.widthPx, sight.heightPx + AXIS_PX);
  context.textBaseline = "middle";
  paintAxis(context, sight, palette, picture.isAligned);
  context.save();
  context.beginPath();
  context.rect(0, AXIS_PX, sight.widthPx, sight.heightPx);
  context.clip();
  context.translate(0, AXIS_PX);
  paintRows(context, picture, sight, palette);
  const scene = sceneInSight(picture, sight);
  for (const bin of scene.bins) paintBin(context, picture, sight, palette, bin, scene.most);
  paintArrows(context, picture, sight, palette, scene);
  paintCrossings(context, picture, sight, palette);
  paintPath(context, picture, sight, palette);
  for (const mark of scene.marks) paintMark(context, picture, sight, palette, mark);
  paintLabels(context, picture, sight, palette, scene);
  paintFirsts(context, picture, sight, palette);
  paintRing(context, picture, sight, palette.ink, hovered, 1);
  paintRing(context, picture, sight, palette.accent, picture.selected, 2);
  paintAsOf(context, picture, sight, palette);
  context.restore();
  return scene;
}

function paintAxis(context: Context, sight: Sight, palette: Palette, isAligned: boolean): void {
  context.font = `12px ${palette.fontFamily}`;
  context.lineWidth = 1;
  context.strokeStyle = palette.line;
  context.fillStyle = palette.muted;
  context.textAlign = "left";
  let free = 0;
  context.beginPath();
  for (const { atMs, text } of (isAligned ? sinceStart : ticksOf)(sight, sight.widthPx / TICK_PX)) {
    const x = Math.round(xOf(sight, atMs)) + 0.5;
    context.moveTo(x, AXIS_PX - 6);
    context.lineTo(x, AXIS_PX + sight.heightPx);
    // A label that would touch the one before is left out; its line stays.
    if (x < free || x > sight.widthPx - 40) continue;
    context.fillText(text, x + 3, AXIS_PX / 2);
    free = x + context.measureText(text).width + 12;
  }
  context.moveTo(0, AXIS_PX - 0.5);
  context.lineTo(sight.widthPx, AXIS_PX - 0.5);
  context.stroke();
}

function paintRows(context: Context, { rows }: Picture, sight: Sight, palette: Palette): void {
  const first = Math.max(0, Math.floor(sight.scrollPx / ROW_PX));
  const last = Math.min(rows.length, Math.ceil((sight.scrollPx + sight.heightPx) / ROW_PX));
  for (let row = first; row < last; row += 1) {
    const y = row * ROW_PX - sight.scrollPx;
    if (rows[row]?.kind === "head") {
      context.fillStyle = palette.sunken;
      context.fillRect(0, y, sight.widthPx, ROW_PX);
    }
    context.fillStyle = palette.line;
    context.fillRect(0, y + ROW_PX - 1, sight.widthPx, 1);
  }
}

/** Several entries as a bar; the root of the count gives its height, so that few stay visible beside many. */
function paintBin(
  context: Context,
  picture: Picture,
  sight: Sight,
  palette: Palette,
  { lane, fromMs, toMs, count, worst }: SceneBin,
  most: number,
): void {
  const left = xOf(sight, fromMs);
  const width = Math.max(2, xOf(sight, toMs) - left - 1);
  const y = yOfLane(picture, sight, lane);
  const height = 5 + (ROW_PX - 13) * Math.sqrt(count / Math.max(2, most));
  context.fillStyle = palette.strong;
  context.globalAlpha = 0.55;
  context.fillRect(left, y + ROW_PX / 2 - 3 - height, width, height);
  context.globalAlpha = 1;
  if (worst >= 2)
    paintShape(
      context,
      SEVERITY_SHAPES[worst] ?? "dot",
      palette.severity[worst] ?? palette.ink,
      left + width / 2,
      y - 2,
      11,
      palette.panel,
    );
}

function paintMark(context: Context, picture: Picture, sight: Sight, palette: Palette, mark: SceneMark): void {
  const x = xOf(sight, mark.atMs);
  if (x < -12 || x > sight.widthPx + 12) return;
  const y = yOfLane(picture, sight, mark.lane);
  const log = picture.lanes[mark.lane]?.log;
  if (log === undefined) return;
  const colour = palette.severity[mark.severity] ?? palette.ink;
  if (isHole(log, mark.seq)) paintHole(context, x, y, colour);
  else
    paintShape(
      context,
      SEVERITY_SHAPES[mark.severity] ?? "dot",
      colour,
      x,
      y,
      mark.severity === 0 ? 10 : 12,
      palette.panel,
    );
  if (missingCauses(log, mark.seq) > 0) paintStub(context, x, y, palette);
}

/** An entry that is not there: an empty frame of dashes, hatched, so that absence is seen as a thing. */
function paintHole(context: Context, x: number, y: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash([3, 2]);
  context.strokeRect(x - 7, y - 8, 14, 16);
  context.setLineDash([]);
  context.beginPath();
  for (let from = -6; from < 6; from += 4) {
    context.moveTo(x + from, y + 7);
    context.lineTo(x + Math.min(6, from + 8), y + 7 - Math.min(12, (Math.min(6, from + 8) - from) * 1.5));
  }
  context.lineWidth = 1;
  context.stroke();
}

/** What an entry names and the log does not hold: a broken line from nowhere. */
function paintStub(context: Context, x: number, y: number, palette: Palette): void {
  context.strokeStyle = palette.severity[2] ?? palette.ink;
  context.lineWidth = 1.5;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(x - 22, y);
  context.lineTo(x - 7, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = palette.severity[2] ?? palette.ink;
  context.font = `bold 12px ${palette.fontFamily}`;
  context.textAlign = "right";
  context.fillText("?", x - 23, y);
  context.textAlign = "left";
}

/** Made when first drawn: a test without a canvas has no Path2D. */
let shapes: ReadonlyMap<MarkShape, Path2D> | null = null;

export function paintShape(
  context: Context,
  shape: MarkShape,
  colour: string,
  x: number,
  y: number,
  size: number,
  halo: string,
): void {
  shapes ??= new Map(SEVERITY_SHAPES.map((name) => [name, new Path2D(MARK_PATHS[name].d)]));
  const path = shapes.get(shape);
  if (path === undefined) return;
  const scale = size / 12;
  context.translate(x - size / 2, y - size / 2);
  context.scale(scale, scale);
  context.lineWidth = MARK_PATHS[shape].filled ? 2 : 4.5;
  context.strokeStyle = halo;
  context.stroke(path);
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = 2.2;
  if (MARK_PATHS[shape].filled) context.fill(path);
  else context.stroke(path);
  context.scale(1 / scale, 1 / scale);
  context.translate(size / 2 - x, size / 2 - y);
}

/** The action beside a mark that has room to its right. Text costs most of all that is drawn, so only then. */
function paintLabels(context: Context, picture: Picture, sight: Sight, palette: Palette, { marks, bins }: Scene): void {
  const nextFrom = new Map<number, number>();
  context.font = `12px ${palette.fontFamily}`;
  const firstBin = new Map<number, number[]>();
  for (const { lane, fromMs } of bins) firstBin.set(lane, [...(firstBin.get(lane) ?? []), fromMs]);
  for (let at = marks.length - 1; at >= 0; at -= 1) {
    const mark = marks[at] as SceneMark;
    const x = xOf(sight, mark.atMs);
    const bin = firstBin.get(mark.lane)?.find((fromMs) => fromMs > mark.atMs);
    const next = Math.min(
      nextFrom.get(mark.lane) ?? Number.POSITIVE_INFINITY,
      bin === undefined ? Number.POSITIVE_INFINITY : xOf(sight, bin),
    );
    nextFrom.set(mark.lane, x);
    if (next - x < LABEL_PX || x < -12 || x > sight.widthPx) continue;
    const log = picture.lanes[mark.lane]?.log;
    if (log === undefined) continue;
    const text = visibleText(wordOf(log, "name", mark.seq) ?? wordOf(log, "action", mark.seq) ?? "");
    const room = Math.min(LABEL_CHARACTERS, Math.floor((next - x - 22) / CHARACTER_PX));
    const short = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
    const [left, y] = [x + 9, yOfLane(picture, sight, mark.lane) + 1] as const;
    // Arrows pass below the words.
    context.lineWidth = 4;
    context.strokeStyle = palette.panel;
    context.strokeText(short, left, y);
    context.fillStyle = mark.severity >= 2 ? palette.ink : palette.muted;
    context.fillText(short, left, y);
  }
}

/** The first of each burst says so, and before which entry the log's clock went back. */
function paintFirsts(context: Context, picture: Picture, sight: Sight, palette: Palette): void {
  context.font = `bold 12px ${palette.fontFamily}`;
  context.textAlign = "center";
  for (const { log, first } of picture.firsts) {
    const point = pointOf(picture, sight, log, first);
    if (point !== null) paintTag(context, "1st", point.x, point.y - 9, palette.ink, palette.panel);
  }
  for (const { log, seq } of picture.backs) {
    const point = pointOf(picture, sight, log, seq);
    if (point !== null)
      paintTag(context, "clock back", point.x, point.y - 9, palette.severity[2] ?? palette.ink, palette.panel);
  }
  // Where two would cover each other the cause is the one that is told.
  const taken: { readonly x: number; readonly y: number }[] = [];
  for (const { log, seq, cause } of [...picture.blamed].sort((a, b) => Number(b.cause) - Number(a.cause))) {
    const point = pointOf(picture, sight, log, seq);
    if (point === null || taken.some(({ x, y }) => y === point.y && Math.abs(x - point.x) < NOTED_PX)) continue;
    taken.push(point);
    paintNoted(context, cause ? "noted cause" : "noted", point, palette);
  }
  context.textAlign = "left";
}

/** What the recording notes is boxed in outline: no finding of this console, which are filled. */
function paintNoted(
  context: Context,
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
  palette: Palette,
): void {
  paintTag(context, text, x, y + 10, palette.panel, palette.ink);
  const width = tagWidth(context, text);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1;
  context.strokeRect(x - width / 2, y + 3.5, width, TAG_HEIGHT_PX);
}

const TAG_HEIGHT_PX = 13;
const tagWidth = (context: Context, text: string): number => Math.ceil(context.measureText(text).width) + 4;

function paintTag(context: Context, text: string, x: number, y: number, ground: string, ink: string): void {
  const width = tagWidth(context, text);
  context.fillStyle = ground;
  context.fillRect(x - width / 2, y - TAG_HEIGHT_PX / 2, width, TAG_HEIGHT_PX);
  context.fillStyle = ink;
  context.fillText(text, x, y + 0.5);
}

function paintRing(
  context: Context,
  picture: Picture,
  sight: Sight,
  colour: string,
  place: Place | null,
  width: number,
): void {
  const point = place === null ? null : pointOfPlace(picture, sight, place);
  if (point === null) return;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.arc(point.x, point.y, 10, 0, 2 * Math.PI);
  context.stroke();
}

function paintAsOf(context: Context, { asOfMs }: Picture, sight: Sight, palette: Palette): void {
  if (asOfMs === null) return;
  const x = Math.round(xOf(sight, asOfMs)) + 0.5;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  context.setLineDash([6, 3]);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, sight.heightPx);
  context.stroke();
  context.setLineDash([]);
}
