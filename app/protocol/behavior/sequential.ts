import { actionKeys } from "./action-key.ts";
import type { Baseline } from "./profile.ts";

/**
 * A sequential test of conduct against a baseline (BEH-37, BEH-38): a bettor stakes on the next action at the odds of the
 * baseline. As long as the agent keeps to it nobody can win at those odds in the long run: the stake is a non-negative
 * supermartingale, and the chance that it ever reaches 1/α is at most α (Ville). So it may be looked at after every task.
 *
 * - Odds. Two bookmakers: one keeps to the shares exactly, one (where the baseline has a `strength`) lets each workflow
 *   have shares of its own about them, a Pólya urn. The alarm needs a win against both, so that the rate holds under both.
 *   Actions outside the baseline have odds of `NOVEL`: as many of those are no drift (`allowed_actions` judges them).
 * - Bets. Learners of the agent's own mix that forget with three speeds, for changes that are sudden or slow.
 * - When. Half the stake plays at once, the rest is put in bit by bit, so that a change that comes late is not told
 *   off against what was lost before.
 *
 * What it takes for granted is that an action does not depend on the ones just before: where actions come in bursts or in
 * phases, the rate does not hold. Learning finds that out on the span itself, and such a baseline says `bursts`.
 *
 * One state per instance and version of a profile; starting again grants another α.
 */

/** How often an instance that keeps to its baseline may be alarmed wrongly, in its whole life. */
export const FALSE_ALARM_RATE = 0.01;
/** The share of actions outside the baseline that is no drift yet. */
const NOVEL = 0.01;
/** Tasks that a learner remembers. */
const MEMORIES = [16, 64, 256] as const;
/** Tasks' worth of opinion that a learner begins with: half the baseline, half nothing in particular. */
const PRIOR = 4;
/** The part of the stake that is put in bit by bit. */
const WAITING = 0.5;
/** Tasks in which the stake that waits sinks to 1/√2 of itself. */
const PATIENCE = 100;
/** More is not counted, so that a stake stays a number. */
const MOST = 1e12;

export interface SequentialTest {
  /** Actions and patterns that the baseline has a share for. */
  readonly keys: readonly string[];
  readonly shares: readonly number[];
  readonly strength: number | null;
  readonly alpha: number;
  /** Where in the lists an action counts; past the last of `keys` for one outside the baseline. */
  readonly indexOf: (action: string) => number;
}

/** JSON; its lists are as long as the baseline and one more, for what is outside it. */
export interface SequentialState {
  readonly tasks: number;
  /** The stake not played yet. */
  readonly waiting: number;
  /** By bookmaker, what each learner holds. */
  readonly played: readonly (readonly number[])[];
  /** By learner, how much it remembers of each action. */
  readonly memory: readonly (readonly number[])[];
  readonly counts: readonly number[];
  /** The most that was ever held, against both. */
  readonly highest: number;
  /** How many tasks had been seen when it reached the threshold first; null before. */
  readonly alarmAt: number | null;
}

export interface SequentialStanding {
  /** Evidence against the baseline now: 1 is none; e-value. */
  readonly evidence: number;
  readonly highest: number;
  /** Reached, it is an alarm. */
  readonly threshold: number;
  readonly alarm: boolean;
  readonly alarmAt: number | null;
  readonly tasks: number;
}

/** Null where the baseline says that its actions come in bursts: the rate would not hold, and nothing is tested. */
export function sequentialTest(baseline: Baseline, alpha: number = FALSE_ALARM_RATE): SequentialTest | null {
  if (baseline.bursts === true) return null;
  // Deterministic, whatever the order in the profile's text; what it never expects is outside it.
  const known = Object.entries(baseline.action_freq)
    .filter(([, share]) => share > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const total = known.reduce((sum, [, share]) => sum + share, 0);
  const keys = known.map(([key]) => key);
  const keyOf = actionKeys(keys);
  const places = new Map(keys.map((key, at) => [key, at]));
  return {
    keys,
    indexOf: (action) => places.get(keyOf(action) ?? "") ?? keys.length,
    shares: known.map(([, share]) => share / total),
    strength: baseline.strength ?? null,
    alpha,
  };
}

export function startTest(test: SequentialTest): SequentialState {
  const none = [...test.keys.map(() => 0), 0];
  const stakes = MEMORIES.map(() => (1 - WAITING) / MEMORIES.length);
  return {
    tasks: 0,
    waiting: WAITING,
    played: test.strength === null ? [stakes] : [stakes, stakes],
    memory: MEMORIES.map(() => none),
    counts: none,
    highest: 1,
    alarmAt: null,
  };
}

/** After one more task. */
export function observeAction(test: SequentialTest, state: SequentialState, action: string): SequentialState {
  return observeActions(test, state, [action]);
}

/** After these; the state that is given stays as it is. */
export function observeActions(
  test: SequentialTest,
  state: SequentialState,
  actions: Iterable<string>,
): SequentialState {
  const now: Course = {
    ...state,
    played: state.played.map((stakes) => [...stakes]),
    memory: state.memory.map((counts) => [...counts]),
    counts: [...state.counts],
  };
  for (const action of actions) take(test, now, test.indexOf(action));
  return now;
}

/** A state that is being written: a long instance may have to be gone through from its beginning. */
interface Course {
  tasks: number;
  waiting: number;
  readonly played: number[][];
  readonly memory: number[][];
  readonly counts: number[];
  highest: number;
  alarmAt: number | null;
}

function take(test: SequentialTest, now: Course, at: number): void {
  const waiting = WAITING / Math.sqrt(1 + (now.tasks + 1) / PATIENCE);
  const fresh = (now.waiting - waiting) / MEMORIES.length;
  const bets = now.memory.map((memory) => betOn(test, memory, at));
  for (const [bookmaker, stakes] of now.played.entries()) {
    const odds = bookmaker === 0 ? shareOf(test, at) : urnShare(test, test.strength ?? 0, now, at);
    for (let learner = 0; learner < stakes.length; learner += 1)
      stakes[learner] = Math.min(MOST, (((stakes[learner] ?? 0) + fresh) * (bets[learner] ?? 0)) / odds);
  }
  for (const [learner, counts] of now.memory.entries()) remember(counts, 1 - 1 / (MEMORIES[learner] ?? 1), at);
  now.counts[at] = (now.counts[at] ?? 0) + 1;
  now.tasks += 1;
  now.waiting = waiting;
  const held = evidenceOf(waiting, now.played);
  now.highest = Math.max(now.highest, held);
  if (held >= 1 / test.alpha) now.alarmAt ??= now.tasks;
}

export function testStanding(test: SequentialTest, state: SequentialState): SequentialStanding {
  const { highest, alarmAt, tasks, waiting, played } = state;
  const evidence = evidenceOf(waiting, played);
  return { evidence, highest, threshold: 1 / test.alpha, alarm: alarmAt !== null, alarmAt, tasks };
}

function evidenceOf(waiting: number, played: SequentialState["played"]): number {
  return Math.min(...played.map((stakes) => stakes.reduce((sum, stake) => sum + stake, waiting)));
}

const shareOf = (test: SequentialTest, at: number): number => test.shares[at] ?? NOVEL;

function urnShare(test: SequentialTest, strength: number, { counts, tasks }: Course, at: number): number {
  return (strength * shareOf(test, at) + (counts[at] ?? 0)) / (strength + tasks);
}

/** What a learner stakes on an action; over all actions it is its whole stake. */
function betOn(test: SequentialTest, memory: readonly number[], at: number): number {
  const opinion = shareOf(test, at) / (1 + NOVEL) / 2 + 1 / memory.length / 2;
  let held = 0;
  for (const count of memory) held += count;
  return ((memory[at] ?? 0) + PRIOR * opinion) / (held + PRIOR);
}

function remember(counts: number[], keep: number, at: number): void {
  for (let index = 0; index < counts.length; index += 1) counts[index] = (counts[index] ?? 0) * keep;
  counts[at] = (counts[at] ?? 0) + 1;
}
