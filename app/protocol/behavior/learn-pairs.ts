import { STEP } from "../../base/steps.ts";
import { type Atoms, overlap } from "./learn-atoms.ts";
import type { Span } from "./learn-span.ts";
import type { ObservedTask } from "./observed.ts";
import type { SequenceRule } from "./profile.ts";

/** Of one order of two: in how many workflows it could have been broken and was. */
export interface PairCount {
  readonly kind: SequenceRule["kind"];
  /** Places among the atoms. */
  readonly first: number;
  readonly second: number;
  readonly could: number;
  readonly was: number;
  /** Logarithm of the chance that it holds where it held, if tasks came in any order. */
  readonly logChance: number;
  /** Longest time until what follows, ms. */
  readonly longestMs: number;
}

const KINDS = ["must_precede", "must_follow", "never_after"] as const;
const [PRECEDE, FOLLOW, NEVER] = [0, 1, 2];

/** Counts for all pairs at once, in lists by number: there are thousands of them for each workflow. */
interface Counts {
  readonly size: number;
  readonly could: Int32Array;
  readonly was: Int32Array;
  readonly logChance: Float64Array;
  readonly longestMs: Float64Array;
  /** Of each pair, whether the one is part of the other. */
  readonly overlaps: Uint8Array;
  /** Of each atom, its share of all tasks, and what kind it is. */
  readonly shares: Float64Array;
  readonly isAction: readonly boolean[];
  readonly isTarget: readonly boolean[];
}

/** All orders of two that were seen in at least one workflow, in the order of the atoms. */
export function* countPairs(atoms: Atoms, span: Span): Generator<void, PairCount[]> {
  const { list } = atoms;
  const size = list.length;
  const pairs = size * size;
  const counts: Counts = {
    size,
    could: new Int32Array(3 * pairs),
    was: new Int32Array(3 * pairs),
    logChance: new Float64Array(3 * pairs),
    longestMs: new Float64Array(pairs),
    overlaps: Uint8Array.from(list.flatMap((a) => list.map((b) => (a !== b && overlap(a, b) ? 1 : 0)))),
    shares: new Float64Array(size),
    isAction: list.map(({ kind }) => kind === "action"),
    isTarget: list.map(({ kind }) => kind === "to"),
  };
  const courses: Placed[][] = [];
  for (const { tasks } of span.workflows) {
    const course: Placed[] = [];
    for (const [at, task] of tasks.entries()) {
      if (at % STEP === 0) yield;
      const { is, maybe } = atoms.placesOf(task);
      for (const place of is) counts.shares[place] = (counts.shares[place] ?? 0) + 1;
      course.push({ task, is, maybe, actions: is.filter((place) => counts.isAction[place] === true) });
    }
    courses.push(course);
  }
  for (const course of courses) yield* countCourse(course, counts, span.tasks);
  const found: PairCount[] = [];
  for (const [at, could] of counts.could.entries()) {
    if (could === 0) continue;
    const pair = at % pairs;
    found.push({
      kind: KINDS[Math.floor(at / pairs)] ?? "must_precede",
      first: Math.floor(pair / size),
      second: pair % size,
      could,
      was: counts.was[at] ?? 0,
      logChance: counts.logChance[at] ?? 0,
      longestMs: counts.longestMs[pair] ?? 0,
    });
  }
  return found;
}

/** A task with what it is among the atoms, and may be. */
interface Placed {
  readonly task: ObservedTask;
  readonly is: readonly number[];
  readonly maybe: readonly number[];
  readonly actions: readonly number[];
}

/** Where an atom is in one workflow. */
interface Seen {
  count: number;
  first: number;
  last: number;
  /** The first that was done, and the last that did not come to nothing: only these make anything good (BEH-62). */
  firstDone: number;
  lastDone: number;
  /** The latest task that may have been it without having stated so. */
  lastMaybe: number;
}

function* countCourse(course: readonly Placed[], counts: Counts, total: number): Generator<void, void> {
  const { size, isAction, isTarget, shares, overlaps } = counts;
  const length = course.length;
  const seen = seenIn(course, size);
  yield* noteGaps(course, counts);
  for (const [second, b] of seen.entries()) {
    const share = (shares[second] ?? 0) / Math.max(1, total);
    for (const [first, a] of seen.entries()) {
      if (overlaps[first * size + second] === 1) continue;
      // Data and resources are a matter of what may not come after; whether they come first is seldom anybody's rule.
      if (isAction[first] === true && isAction[second] === true && first !== second) {
        if (b.count > 0)
          note(counts, PRECEDE, first, second, a.firstDone > b.first, Math.log(a.count / (a.count + b.count)));
        if (a.count > 0)
          note(counts, FOLLOW, first, second, b.lastDone <= a.last, Math.log(b.count / (a.count + b.count)));
      }
      const rest = length - 1 - a.first;
      const couldLeak = isAction[first] === true ? isAction[second] === true : isTarget[second] === true;
      if (a.count > 0 && rest > 0 && isTarget[first] !== true && couldLeak)
        note(counts, NEVER, first, second, Math.max(b.last, b.lastMaybe) > a.first, rest * Math.log(1 - share));
    }
  }
}

function seenIn(course: readonly Placed[], size: number): Seen[] {
  const end = course.length;
  const seen = Array.from(
    { length: size },
    (): Seen => ({ count: 0, first: end, last: -1, firstDone: end, lastDone: -1, lastMaybe: -1 }),
  );
  for (const [index, { task, is, maybe }] of course.entries()) {
    if (task.outcome === "refused") continue;
    for (const place of is) {
      const known = seen[place];
      if (known === undefined) continue;
      known.count += 1;
      known.first = Math.min(known.first, index);
      known.last = index;
      if (task.outcome === "success") known.firstDone = Math.min(known.firstDone, index);
      if (task.outcome === "success" || task.outcome === null) known.lastDone = index;
    }
    for (const place of maybe) {
      const known = seen[place];
      if (known !== undefined) known.lastMaybe = index;
    }
  }
  return seen;
}

function note(counts: Counts, kind: number, first: number, second: number, broken: boolean, logChance: number): void {
  const at = (kind * counts.size + first) * counts.size + second;
  counts.could[at] = (counts.could[at] ?? 0) + 1;
  if (broken) counts.was[at] = (counts.was[at] ?? 0) + 1;
  else counts.logChance[at] = (counts.logChance[at] ?? 0) + logChance;
}

/** For each pair of actions, the longest it took from the one until the other came next. */
function* noteGaps(course: readonly Placed[], { size, longestMs }: Counts): Generator<void, void> {
  const next = new Map<number, number>();
  for (let index = course.length - 1; index >= 0; index -= 1) {
    if (index % STEP === 0) yield;
    const placed = course[index];
    if (placed === undefined || placed.task.outcome === "refused") continue;
    for (const place of placed.actions)
      for (const [other, atMs] of next) {
        const at = place * size + other;
        longestMs[at] = Math.max(longestMs[at] ?? 0, atMs - placed.task.atMs);
      }
    for (const place of placed.actions) next.set(place, placed.task.atMs);
  }
}
