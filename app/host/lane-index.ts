import type { Fact } from "../engine/fact.ts";
import { causesOf } from "./causes.ts";
import { bytes, words } from "./columns.ts";
import type { EntryRowCore } from "./entry-row.ts";

/**
 * How an entry follows from another: `pred` a task after a task (ECT), `answers` by a claim that names the token it answers,
 * `task` as the next entry about the same task where it names none that came later, `late` the other way round: it is named by an entry
 * that came into the log before it.
 */
export const CAUSE_KINDS = ["pred", "answers", "task", "late"] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** Which entry follows from which, made as entries come in and never read from the tokens again. */
export interface LaneIndex {
  /** The next entry; `fact` is null where it cannot be read. Its row is not in `lookups` yet. */
  add(row: EntryRowCore, fact: Fact | null): void;
  /** Causes of the entries from `from` to `to`, exclusive. */
  slice(from: number, to: number): CauseSlice;
}

export interface CauseSlice {
  /** For each entry how many causes it has here. */
  readonly counts: Uint8Array;
  /** The causes' entries, one after the other, and how each is one (index into CAUSE_KINDS). */
  readonly causes: Uint32Array;
  readonly kinds: Uint8Array;
  /** For each entry how many tokens it names that were not in the log when it came in: missing evidence. */
  readonly unknown: Uint8Array;
}

export interface LaneLookups {
  seqOf(jti: string): number | null;
  /** Entries about a task so far. */
  about(jti: string): readonly number[];
}

/** Causes of one entry at most: what a token can name, and the one before. */
const MAX_CAUSES = 200;

export function createLaneIndex({ seqOf, about }: LaneLookups): LaneIndex {
  /** Where an entry's causes begin; one more than there are entries. */
  const starts = words();
  const causes = words();
  const kinds = bytes();
  const unknown = bytes();
  /** Entries that named a token before it was there. */
  const awaited = new Map<string, number[]>();
  starts.push(0);

  return {
    add: (row, fact) => {
      let missing = 0;
      let found = 0;
      const seen = new Set<number>();
      const add = (seq: number, kind: CauseKind): void => {
        if (seq === row.seq || seen.has(seq) || found >= MAX_CAUSES) return;
        seen.add(seq);
        causes.push(seq);
        kinds.push(CAUSE_KINDS.indexOf(kind));
        found += 1;
      };
      const { pred, answers } = fact === null ? NOTHING : causesOf(fact);
      for (const jti of pred) {
        const seq = seqOf(jti);
        if (seq !== null) add(seq, "pred");
        else if (missing < MAX_CAUSES) {
          missing += 1;
          awaited.set(jti, [...(awaited.get(jti) ?? []), row.seq]);
        }
      }
      // A record may name a task that has reported nothing yet: it follows from what is known of that task.
      const answered = answers.map((jti) => seqOf(jti) ?? about(jti).at(-1) ?? null).filter((seq) => seq !== null);
      const same = row.task === null ? [] : about(row.task);
      const before = same.at(-1) ?? -1;
      // Entries of one task follow from each other: what names an earlier one of them follows from the last as well.
      for (const seq of answered) if (seq >= before || !same.includes(seq)) add(seq, "answers");
      if (before >= 0 && answered.every((seq) => seq < before)) add(before, "task");
      for (const seq of (row.jti === null ? undefined : awaited.get(row.jti)) ?? []) add(seq, "late");
      if (row.jti !== null) awaited.delete(row.jti);
      starts.push(causes.length);
      unknown.push(missing);
    },
    slice: (from, to) => {
      const begins = starts.slice(from, to + 1);
      const counts = new Uint8Array(Math.max(0, begins.length - 1));
      for (let at = 0; at < counts.length; at += 1) counts[at] = (begins[at + 1] ?? 0) - (begins[at] ?? 0);
      const first = begins[0] ?? 0;
      const last = begins.at(-1) ?? first;
      return {
        counts,
        causes: causes.slice(first, last),
        kinds: kinds.slice(first, last),
        unknown: unknown.slice(from, to),
      };
    },
  };
}

const NOTHING = { pred: [], answers: [] };
