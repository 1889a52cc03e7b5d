import { type Lane, placeInLane } from "./lanes.ts";

/** A span of time, epoch ms. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The least that can be looked at, ms. */
export const LEAST_MS = 4;
/** Free room at both ends of the whole, as a share of it. */
const MARGIN = 0.02;

/** The time of all entries in some lanes, with some room at its ends; null where there are none. */
export function wholeSpan(lanes: readonly Lane[]): TimeSpan | null {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { entries, log } of lanes) {
    const first = entries[0];
    const last = entries.at(-1);
    if (first === undefined || last === undefined) continue;
    fromMs = Math.min(fromMs, log.ms[first] as number);
    toMs = Math.max(toMs, log.ms[last] as number);
  }
  if (fromMs > toMs) return null;
  const room = Math.max(500, (toMs - fromMs) * MARGIN);
  return { fromMs: fromMs - room, toMs: toMs + room };
}

/** A span within the whole: as long as asked for where that is possible. */
export function within(span: TimeSpan, whole: TimeSpan): TimeSpan {
  const most = whole.toMs - whole.fromMs;
  const length = Math.min(most, Math.max(LEAST_MS, span.toMs - span.fromMs));
  const middle = (span.fromMs + span.toMs) / 2;
  const fromMs = Math.min(whole.toMs - length, Math.max(whole.fromMs, middle - length / 2));
  return { fromMs, toMs: fromMs + length };
}

/** Moves a span by a share of its length; without end to an end of the whole. */
export function moved(span: TimeSpan, share: number, whole: TimeSpan): TimeSpan {
  const most = whole.toMs - whole.fromMs;
  const by = Math.max(-most, Math.min(most, (span.toMs - span.fromMs) * share));
  return within({ fromMs: span.fromMs + by, toMs: span.toMs + by }, whole);
}

/** Makes a span `factor` times as short, around a time that stays where it is. */
export function zoomed(span: TimeSpan, factor: number, aroundMs: number, whole: TimeSpan): TimeSpan {
  const least = Math.max(factor, LEAST_MS / (span.toMs - span.fromMs));
  const by = factor > 1 ? Math.min(factor, (span.toMs - span.fromMs) / LEAST_MS) : least;
  return within(
    { fromMs: aroundMs - (aroundMs - span.fromMs) / by, toMs: aroundMs + (span.toMs - aroundMs) / by },
    whole,
  );
}

/** The same length, moved just so far that a time is well inside. */
export function showing(span: TimeSpan, atMs: number, whole: TimeSpan): TimeSpan {
  const length = span.toMs - span.fromMs;
  const edge = length * 0.05;
  if (atMs >= span.fromMs + edge && atMs <= span.toMs - edge) return span;
  return within({ fromMs: atMs - length / 2, toMs: atMs + length / 2 }, whole);
}

/** Where an entry is. */
export interface Place {
  readonly domain: string;
  readonly seq: number;
}

/** The next (or the last before) entry in time over all lanes, ties in the order of the lanes and the log. */
export function stepInTime(lanes: readonly Lane[], from: Place | null, span: TimeSpan, by: 1 | -1): Place | null {
  const at = from === null ? null : placeKey(lanes, from);
  let best: { readonly key: Key; readonly place: Place } | null = null;
  for (const lane of lanes) {
    const { entries, log } = lane;
    const base = placeInLane(lane, at?.ms ?? (by === 1 ? span.fromMs : span.toMs));
    // The next one is at or after the base, the one before it at or before: as many share the time as there are in one instant.
    for (
      let place = by === 1 ? base : Math.min(entries.length - 1, base);
      place >= 0 && place < entries.length;
      place += by
    ) {
      const seq = entries[place] as number;
      const key = { ms: log.ms[seq] as number, domain: log.domain, seq };
      if (at !== null && compare(key, at) * by <= 0) continue;
      if (at === null && by === -1 && key.ms > span.toMs) continue;
      if (best === null || compare(key, best.key) * by < 0) best = { key, place: { domain: log.domain, seq } };
      break;
    }
  }
  return best?.place ?? null;
}

interface Key {
  readonly ms: number;
  readonly domain: string;
  readonly seq: number;
}

function placeKey(lanes: readonly Lane[], { domain, seq }: Place): Key | null {
  const log = lanes.find((lane) => lane.log.domain === domain)?.log;
  const ms = log?.ms[seq];
  return ms === undefined ? null : { ms, domain, seq };
}

const compare = (a: Key, b: Key): number =>
  a.ms - b.ms || (a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : a.seq - b.seq);

/** `1772064000000-1772064300000` in a link; null for what is none. */
export function spanFromText(text: string | undefined): TimeSpan | null {
  const [, from, to] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text ?? "") ?? [];
  if (from === undefined || to === undefined || Number(to) <= Number(from)) return null;
  return { fromMs: Number(from), toMs: Number(to) };
}

export const textOfSpan = ({ fromMs, toMs }: TimeSpan): string =>
  `${Number(fromMs.toFixed(2))}-${Number(toMs.toFixed(2))}`;
