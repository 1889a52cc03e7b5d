import { type LaneLog, missingCauses, wordOf } from "./lane-log.ts";
import type { Place } from "./view.ts";

/** Warnings and worse that follow each other closely. */
export interface Burst {
  readonly log: LaneLog;
  /** The first one: where to look for the origin. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly critical: number;
}

/** The number of "warning" in LANE_SEVERITIES; from here on an entry is abnormal. */
export const ABNORMAL = 2;
/** A pause longer than this ends a burst, as the log counts time [ours]. */
export const BURST_GAP_S = 10;

/** What people order and decide is marked where it is grave, but it answers an alarm and is none [ours]. */
const ORDERS: ReadonlySet<string> = new Set([
  "override+jwt",
  "breaker-order+jwt",
  "rollback-request+jwt",
  "acp-revocation+jwt",
  "hitl-decision+jwt",
]);

/** Bursts of at least two, in the order of time. */
export function burstsOf(log: LaneLog, shows: (seq: number) => boolean = () => true): readonly Burst[] {
  const found: Burst[] = [];
  let open: Burst | null = null as Burst | null; // it is changed in the loop, after `close` was made
  const close = (): void => {
    if (open !== null && open.count > 1) found.push(open);
  };
  const { size } = log;
  const isOrder = log.words.typ.map((typ) => ORDERS.has(typ));
  for (let at = 0; at < size; at += 1) {
    const seq = log.byTime === null ? at : (log.byTime[at] as number);
    const severity = log.severity[seq] as number;
    if (severity < ABNORMAL || isOrder[log.word.typ[seq] as number] === true || !shows(seq)) continue;
    const critical = severity > ABNORMAL ? 1 : 0;
    if (open !== null && (log.at[seq] as number) - (log.at[open.last] as number) <= BURST_GAP_S)
      open = { ...open, last: seq, count: open.count + 1, critical: open.critical + critical };
    else {
      close();
      open = { log, first: seq, last: seq, count: 1, critical };
    }
  }
  close();
  return found;
}

/**
 * Evidence that is not there: `missing` entries of the log itself, `unknown` tokens that an entry names and the log does not
 * hold, `back` the log's clock going back.
 */
export interface Gap {
  readonly log: LaneLog;
  readonly kind: "missing" | "unknown" | "back";
  /** The first entry it is about, and how many follow each other (`missing`) or are named (`unknown`). */
  readonly seq: number;
  readonly count: number;
  /** `back`: by how many seconds. */
  readonly backS: number;
}

export function gapsOf(log: LaneLog): readonly Gap[] {
  const found: Gap[] = [];
  const missing = log.words.typ.indexOf("missing");
  for (let seq = 0; seq < log.size; seq += 1) {
    if (missing > 0 && log.word.typ[seq] === missing) {
      const first = seq;
      while (seq + 1 < log.size && log.word.typ[seq + 1] === missing) seq += 1;
      found.push({ log, kind: "missing", seq: first, count: seq - first + 1, backS: 0 });
      continue;
    }
    const unknown = missingCauses(log, seq);
    if (unknown > 0) found.push({ log, kind: "unknown", seq, count: unknown, backS: 0 });
    const backS = seq === 0 ? 0 : (log.at[seq - 1] as number) - (log.at[seq] as number);
    if (backS > 0) found.push({ log, kind: "back", seq, count: 1, backS });
  }
  return found;
}

/** Entries of a workflow, in the log's order. */
export function entriesOfWorkflow(log: LaneLog, wid: string): readonly number[] {
  const place = log.words.wid.indexOf(wid);
  if (place <= 0) return [];
  const found: number[] = [];
  for (let seq = 0; seq < log.size; seq += 1) if (log.word.wid[seq] === place) found.push(seq);
  return found;
}

/** The workflow an entry is of. */
export function widOf(logs: readonly LaneLog[], place: Place | null): string | null {
  const log = logs.find((one) => one.domain === place?.domain);
  return log === undefined || place === null ? null : wordOf(log, "wid", place.seq);
}
