import { causesOf, type LaneLog } from "./lane-log.ts";

/** One entry following from another, by their places in the same log; `kind` is an index into LANE_CAUSES. */
export interface CausalArrow {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
}

/** Which entries follow from which, the other way round than the log has it. Made anew when the log has grown. */
export interface Effects {
  of(seq: number): readonly (readonly [effect: number, kind: number])[];
}

export function effectsOf(log: LaneLog): Effects {
  const starts = new Uint32Array(log.size + 1);
  for (const cause of log.causes) if (cause < log.size) starts[cause + 1] = (starts[cause + 1] as number) + 1;
  for (let at = 0; at < log.size; at += 1) starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const filled = starts.slice(0, log.size);
  const effects = new Uint32Array(log.causes.length);
  const kinds = new Uint8Array(log.causes.length);
  for (let seq = 0; seq < log.size; seq += 1) {
    for (let at = log.starts[seq] as number; at < (log.starts[seq + 1] as number); at += 1) {
      const cause = log.causes[at] as number;
      if (cause >= log.size) continue;
      const to = filled[cause] as number;
      effects[to] = seq;
      kinds[to] = log.kinds[at] as number;
      filled[cause] = to + 1;
    }
  }
  const early = new Map<number, number[]>();
  for (const [seq, causes] of log.late)
    for (const cause of causes) early.set(cause, [...(early.get(cause) ?? []), seq]);
  return {
    of: (seq) => {
      const found: (readonly [number, number])[] = [];
      for (let at = starts[seq] ?? 0; at < (starts[seq + 1] ?? 0); at += 1)
        found.push([effects[at] as number, kinds[at] as number]);
      for (const effect of early.get(seq) ?? []) found.push([effect, 3]);
      return found;
    },
  };
}

export interface Reached {
  readonly arrows: readonly CausalArrow[];
  /** Entries reached, nearest first, without the one begun at. */
  readonly entries: readonly number[];
  /** Nothing was left out. */
  readonly isAll: boolean;
}

/** Everything an entry follows from (`causes`) or leads to (`effects`), step by step, up to so many entries. */
export function reachedFrom(
  log: LaneLog,
  effects: Effects,
  seq: number,
  towards: "causes" | "effects",
  most: number,
): Reached {
  const arrows: CausalArrow[] = [];
  const seen = new Set([seq]);
  const queue = [seq];
  for (let at = 0; at < queue.length; at += 1) {
    const own = queue[at] as number;
    for (const [other, kind] of towards === "causes" ? causesOf(log, own) : effects.of(own)) {
      if (other >= log.size) continue;
      if (!seen.has(other)) {
        if (seen.size > most) return { arrows, entries: queue.slice(1), isAll: false };
        seen.add(other);
        queue.push(other);
      }
      arrows.push(towards === "causes" ? { from: other, to: own, kind } : { from: own, to: other, kind });
    }
  }
  return { arrows, entries: queue.slice(1), isAll: true };
}

/**
 * The critical path of some entries, earliest first: of all chains of causes among them the one that spans the most time, as the
 * log counts it. Where several span as much, the one whose steps each follow from the latest of their causes: that one was
 * waited for; in the same second a task before a step of the same task.
 */
export function criticalPath(log: LaneLog, entries: readonly number[]): readonly number[] {
  const own = new Set(entries);
  const begin = new Map<number, number>();
  const via = new Map<number, number>();
  for (const seq of sortedByCause(log, own)) {
    const known = causesOf(log, seq).filter(([cause]) => begin.has(cause));
    const rank = ([cause, kind]: readonly [number, number]) =>
      [-(begin.get(cause) as number), log.at[cause] as number, -kind, log.ms[cause] as number] as const;
    const best = known.reduce<readonly [number, number] | null>(
      (before, one) => (before === null || isAbove(rank(one), rank(before)) ? one : before),
      null,
    );
    const at = log.at[seq] as number;
    begin.set(seq, best === null ? at : Math.min(at, begin.get(best[0]) as number));
    if (best !== null) via.set(seq, best[0]);
  }
  let end = -1;
  let longest = -1;
  for (const [seq, since] of begin) {
    const span = (log.at[seq] as number) - since;
    if (via.has(seq) && (span > longest || (span === longest && seq > end))) {
      longest = span;
      end = seq;
    }
  }
  const path: number[] = [];
  for (let at: number | undefined = end < 0 ? undefined : end; at !== undefined; at = via.get(at)) path.push(at);
  return path.reverse();
}

/** Compares member by member; the first that differs decides. */
function isAbove(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, at) => value !== b[at]);
  return differs >= 0 && (a[differs] as number) > (b[differs] as number);
}

/** Entries so that causes come before what follows from them; those in a circle, which a sound log has none of, are left out. */
function sortedByCause(log: LaneLog, own: ReadonlySet<number>): readonly number[] {
  const state = new Map<number, "open" | "done">();
  const sorted: number[] = [];
  for (const root of own) {
    const stack = [root];
    while (stack.length > 0) {
      const seq = stack.at(-1) as number; // just seen to be there
      if (state.get(seq) === undefined) {
        state.set(seq, "open");
        for (const [cause] of causesOf(log, seq)) if (own.has(cause) && !state.has(cause)) stack.push(cause);
      } else {
        stack.pop();
        if (state.get(seq) === "open") {
          state.set(seq, "done");
          sorted.push(seq);
        }
      }
    }
  }
  return sorted;
}
