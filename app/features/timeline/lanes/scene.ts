import { type Lane, placeInLane } from "./lanes.ts";

/** What of time is looked at, on how many pixels. */
export interface TimeView {
  readonly fromMs: number;
  readonly toMs: number;
  readonly widthPx: number;
}

/** One entry by itself. */
export interface SceneMark {
  /** Place in the list of lanes. */
  readonly lane: number;
  readonly seq: number;
  readonly atMs: number;
  readonly severity: number;
}

/** Several entries that lie too close to be told apart. */
export interface SceneBin {
  readonly lane: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  /** How many of each severity, by its number. */
  readonly bySeverity: readonly number[];
  readonly worst: number;
  readonly first: number;
  readonly last: number;
}

export interface Scene {
  /** Length of a bin, ms: a power of two, and bins begin at its multiples, so that they stand still while the view moves. */
  readonly stepMs: number;
  /** The time that is told of: the view, out to whole bins. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly marks: readonly SceneMark[];
  readonly bins: readonly SceneBin[];
  /** The most entries in one bin. */
  readonly most: number;
}

/** A bin is between this and twice this wide, px. */
export const BIN_PX = 8;

/** The length of a bin for a view, ms. */
export function binStepMs({ fromMs, toMs, widthPx }: TimeView): number {
  return 2 ** Math.ceil(Math.log2((BIN_PX * (toMs - fromMs)) / Math.max(1, widthPx)));
}

/**
 * What is drawn of some lanes: every entry of the time told of exactly once, alone or counted in a bin. Costs by bins, not by
 * entries: a lane's part of a bin is found by halving.
 */
export function sceneOf(lanes: readonly Lane[], view: TimeView, fromLane = 0, toLane = lanes.length): Scene {
  const stepMs = binStepMs(view);
  const fromMs = Math.floor(view.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(view.toMs / stepMs) * stepMs;
  const marks: SceneMark[] = [];
  const bins: SceneBin[] = [];
  let most = 0;
  for (let lane = fromLane; lane < toLane; lane += 1) {
    const one = lanes[lane];
    if (one === undefined) continue;
    const { entries, marked, log } = one;
    const end = placeInLane(one, toMs);
    const cursors = marked.map(() => -1);
    for (let at = placeInLane(one, fromMs); at < end; ) {
      const seq = entries[at] as number;
      const atMs = log.ms[seq] as number;
      const binMs = Math.floor(atMs / stepMs) * stepMs;
      const next = nextPlace(one, at, end, binMs + stepMs);
      if (next - at === 1) marks.push({ lane, seq, atMs, severity: log.severity[seq] as number });
      else {
        const bySeverity = marked.map((list, severity) => {
          if (list.length === 0) return 0;
          const from = cursors[severity] as number;
          const begin = from < 0 ? lowerBound(list, at, 0) : from;
          const after = lowerBound(list, next, begin);
          cursors[severity] = after;
          return after - lowerBound(list, at, begin);
        });
        bySeverity[0] = next - at - bySeverity.reduce((sum, count) => sum + count, 0);
        const worst = bySeverity.reduce((high, count, severity) => (count > 0 ? severity : high), 0);
        const last = entries[next - 1] as number;
        bins.push({ lane, fromMs: binMs, toMs: binMs + stepMs, count: next - at, bySeverity, worst, first: seq, last });
        if (next - at > most) most = next - at;
      }
      at = next;
    }
  }
  return { stepMs, fromMs, toMs, marks, bins, most };
}

/** The place after `at` of the first entry that is not before a time, looked for in ever longer strides. */
function nextPlace({ entries, log }: Lane, at: number, end: number, beforeMs: number): number {
  const isBefore = (place: number): boolean => (log.ms[entries[place] as number] as number) < beforeMs;
  let low = at;
  let stride = 1;
  while (low + stride < end && isBefore(low + stride)) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(end, low + stride);
  low += 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place from `from` on whose value is not less. */
function lowerBound(list: Uint32Array, value: number, from: number): number {
  let low = from;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a time is, px from the left edge. */
export const xOf = (view: TimeView, atMs: number): number =>
  ((atMs - view.fromMs) / (view.toMs - view.fromMs)) * view.widthPx;

/** The time at a place, epoch ms. */
export const timeAt = (view: TimeView, x: number): number =>
  view.fromMs + (x / Math.max(1, view.widthPx)) * (view.toMs - view.fromMs);
