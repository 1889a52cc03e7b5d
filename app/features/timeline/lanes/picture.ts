import type { CausalArrow } from "./causal.ts";
import { causesOf, type LaneLog, wordOf } from "./lane-log.ts";
import type { Lane } from "./lanes.ts";
import { type LaneRow, ROW_PX } from "./rows.ts";
import { type Scene, type SceneBin, type SceneMark, sceneOf, type TimeView, xOf } from "./scene.ts";
import type { Place } from "./view.ts";

/** Everything that is drawn, but where it is looked at. Made anew when entries or choices change, not while the view moves. */
export interface Picture {
  readonly lanes: readonly Lane[];
  readonly rows: readonly LaneRow[];
  /** The row of each lane. */
  readonly rowOf: Int32Array;
  /** The lane of each entry by domain. */
  readonly places: ReadonlyMap<string, Int32Array>;
  readonly selected: Place | null;
  /** What the selected entry follows from and leads to, in its log. */
  readonly arrows: readonly CausalArrow[];
  readonly path: { readonly log: LaneLog; readonly entries: readonly number[] } | null;
  /** The first of each burst. */
  readonly firsts: readonly { readonly log: LaneLog; readonly first: number }[];
  /** Entries before which the log's clock went back. */
  readonly backs: readonly { readonly log: LaneLog; readonly seq: number }[];
  /** Entries of steps that the chosen workflow's recording notes as faults, or as the cause. */
  readonly blamed: readonly { readonly log: LaneLog; readonly seq: number; readonly cause: boolean }[];
  /** A time up to which the console is shown as it was, epoch ms. */
  readonly asOfMs: number | null;
  /** Steps of the chosen workflow from one domain into another. */
  readonly crossings: readonly { readonly from: Place; readonly to: Place }[];
  /** Times are told from the start of each run, not by the clock. */
  readonly isAligned: boolean;
}

/** Where the picture is looked at. */
export interface Sight extends TimeView {
  /** How far the rows are scrolled, and how much of them is in view, px; the axis not counted. */
  readonly scrollPx: number;
  readonly heightPx: number;
}

/** The scene of the lanes whose rows are in view. */
export function sceneInSight({ lanes, rows }: Pick<Picture, "lanes" | "rows">, sight: Sight): Scene {
  const first = Math.max(0, Math.floor(sight.scrollPx / ROW_PX));
  const last = Math.min(rows.length, Math.ceil((sight.scrollPx + sight.heightPx) / ROW_PX));
  let from = lanes.length;
  let to = 0;
  for (const row of rows.slice(first, last)) {
    if (row.kind !== "lane") continue;
    from = Math.min(from, row.lane);
    to = Math.max(to, row.lane + 1);
  }
  return sceneOf(lanes, sight, from, Math.max(from, to));
}

/** The middle of a lane's row, px from the upper edge of what is in view. */
export const yOfLane = (picture: Pick<Picture, "rowOf">, sight: Sight, lane: number): number =>
  ((picture.rowOf[lane] as number) + 0.5) * ROW_PX - sight.scrollPx;

/** Where an entry is, px; null for one that is in no lane. It may be out of sight. */
export function pointOf(
  picture: Pick<Picture, "places" | "rowOf">,
  sight: Sight,
  log: LaneLog,
  seq: number,
): { readonly x: number; readonly y: number } | null {
  const lane = picture.places.get(log.domain)?.[seq] ?? -1;
  const atMs = log.ms[seq];
  return lane < 0 || atMs === undefined ? null : { x: xOf(sight, atMs), y: yOfLane(picture, sight, lane) };
}

/** The same for an entry of any log. */
export function pointOfPlace(
  picture: Pick<Picture, "lanes" | "places" | "rowOf">,
  sight: Sight,
  { domain, seq }: Place,
): { readonly x: number; readonly y: number } | null {
  const log = picture.lanes[picture.places.get(domain)?.[seq] ?? -1]?.log;
  return log === undefined ? null : pointOf(picture, sight, log, seq);
}

/** More arrows than these say nothing any more. */
const MOST_ARROWS = 120;

/** Causes of the entries that stand alone in view; none where there are too many. */
export function arrowsInSight(
  { lanes }: Pick<Picture, "lanes">,
  scene: Scene,
): readonly (CausalArrow & { readonly log: LaneLog })[] {
  const found: (CausalArrow & { readonly log: LaneLog })[] = [];
  if (scene.marks.length > MOST_ARROWS) return found;
  for (const { lane, seq } of scene.marks) {
    const log = lanes[lane]?.log;
    if (log === undefined) continue;
    for (const [from, kind] of causesOf(log, seq)) found.push({ log, from, to: seq, kind });
    if (found.length > MOST_ARROWS) return [];
  }
  return found;
}

/** What is under a point. */
export type Hit =
  | { readonly kind: "mark"; readonly mark: SceneMark }
  | { readonly kind: "bin"; readonly bin: SceneBin };

/** How near to a mark is on it, px. */
const NEAR_PX = 9;

export function hitAt(picture: Pick<Picture, "rows">, sight: Sight, scene: Scene, x: number, y: number): Hit | null {
  const row = picture.rows[Math.floor((y + sight.scrollPx) / ROW_PX)];
  if (row?.kind !== "lane") return null;
  let nearest: SceneMark | null = null;
  let distance = NEAR_PX;
  for (const mark of scene.marks) {
    if (mark.lane !== row.lane) continue;
    const away = Math.abs(xOf(sight, mark.atMs) - x);
    if (away <= distance) {
      distance = away;
      nearest = mark;
    }
  }
  if (nearest !== null) return { kind: "mark", mark: nearest };
  const bin = scene.bins.find(
    ({ lane, fromMs, toMs }) => lane === row.lane && xOf(sight, fromMs) <= x && x < xOf(sight, toMs),
  );
  return bin === undefined ? null : { kind: "bin", bin };
}

/** Whether an entry is one that is not there or cannot be read. */
export function isHole(log: LaneLog, seq: number): boolean {
  const typ = wordOf(log, "typ", seq);
  return typ === "missing" || typ === "unreadable";
}
