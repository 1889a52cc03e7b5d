import { STEP } from "../../base/steps.ts";
import { PROPOSE } from "../../protocol/attention/limits.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { type AskedRequest, type Attention, type GivenDecision, heldRole } from "./account.ts";
import { quantile, type Rate, rateOf } from "./rate.ts";

/**
 * Fastest that a person can read and answer [ours]: half a second to react, and 60 characters a second, which is 600 words a
 * minute where silent reading of prose is about 240 (Brysbaert 2019). Faster is no reading.
 */
const REACT_S = 0.5;
const CHARACTERS_A_SECOND = 60;
/** A shift begins with the first thing somebody does after so long without any, seconds [ours]. */
const APART_S = 14_400;
/** Hours of a shift that are told apart; later ones are counted to the last. */
const SHIFT_HOURS = 9;

export const leastReadingS = (characters: number): number => REACT_S + characters / CHARACTERS_A_SECOND;

/** What is known of the view under a decision's digest; null where the view was not kept. */
export interface ViewFacts {
  /** Characters that were on screen to be read. */
  readonly characters: number;
  /** Its arguments were unfolded to their end. */
  readonly isWhole: boolean;
  /** Requests that were decided together with it, with itself; 1 for one by itself. */
  readonly batch: number;
}

interface Judged {
  readonly by: string;
  readonly at: number;
  readonly approves: boolean;
  /** From when it was shown until it was given, in whole seconds of the operator's clock. */
  readonly lookS: number | null;
  /** From when it was asked. */
  readonly waitS: number;
  readonly leastS: number;
  readonly view: ViewFacts | null;
  readonly asked: AskedRequest;
  readonly key: string;
}

/** How a set of decisions was given (R1). */
export interface Figures {
  readonly decisions: number;
  readonly approvals: Rate;
  /** Of those for which it is known when they were shown. */
  readonly looks: number;
  readonly medianLookS: number | null;
  readonly medianWaitS: number | null;
  /** Median of what reading each would have taken at least. */
  readonly leastReadingS: number | null;
  /** Answered faster than that. */
  readonly tooFast: Rate;
  /** Unfolded to the end, of those whose view was kept. */
  readonly readWhole: Rate;
  readonly batches: { readonly known: number; readonly median: number | null; readonly largest: number | null };
}

/** Requests of one agent, action and cause. */
export interface ClassFigures extends Figures {
  readonly key: string;
  /** The agent behind its ids in workflows, and the newest of these. */
  readonly standing: string;
  readonly agent: string;
  readonly action: string;
  readonly ruleIds: readonly string[];
  /** The policy of the newest request. */
  readonly policy: string;
  /** It is the policy's to answer, not somebody's (R2). */
  readonly isProposed: boolean;
}

export interface ShiftHour {
  /** 1 for the first. */
  readonly hour: number;
  readonly decisions: number;
  readonly approvals: Rate;
  readonly medianLookS: number | null;
  readonly tooFast: Rate;
}

export interface PersonFigures extends Figures {
  readonly who: string;
  /** Too fast, of all decisions of the same classes by anybody: what a person of no habits of their own would show. */
  readonly expectedTooFast: number | null;
  /** Share above that; what the classes explain is not theirs. Null where too few were timed. */
  readonly ownTooFast: number | null;
  readonly shift: readonly ShiftHour[];
  /** Hours in which the log names them, and demands then on roles they held (A1). */
  readonly hours: number;
  readonly demands: number;
  readonly demandsAnHour: number | null;
}

export interface Judgement {
  readonly all: Figures;
  /** What should be a policy first, then the most frequent. */
  readonly classes: readonly ClassFigures[];
  readonly shift: readonly ShiftHour[];
  /** What answers faster than its classes do first; those with too few decisions last. */
  readonly people: readonly PersonFigures[];
}

export const ANSWERS: Readonly<Record<string, boolean>> = { approve: true, modify: true, reject: false, abort: false };

/** Decisions from `from` to `to`, by class and by person (R1, R2). In steps. */
export function* judgeSteps(
  attention: Attention,
  views: ReadonlyMap<string, ViewFacts>,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<void, Judgement> {
  const judged: Judged[] = [];
  for (const [index, decision] of attention.decisions.entries()) {
    if (index % STEP === 0) yield;
    if (decision.at < from || decision.at >= to) continue;
    const one = judgedOf(decision, attention, views);
    if (one !== null) judged.push(one);
  }
  const classes: ClassFigures[] = [];
  const fastByClass = new Map<string, Rate>();
  for (const [key, group] of yield* groupedSteps(judged, (one) => one.key)) {
    const figures = yield* classSteps(key, group);
    classes.push(figures);
    fastByClass.set(key, figures.tooFast);
  }
  const starts = yield* shiftSteps(attention);
  const people: PersonFigures[] = [];
  for (const [who, group] of yield* groupedSteps(judged, (one) => one.by))
    people.push(yield* personSteps(who, group, { fastByClass, starts, attention, from, to }));
  const all = yield* figuresSteps(judged);
  const shift = yield* shiftFigures(judged, starts);
  return {
    ...{ all, shift },
    classes: classes.toSorted(
      (a, b) => Number(b.isProposed) - Number(a.isProposed) || b.decisions - a.decisions || (a.key < b.key ? -1 : 1),
    ),
    people: people.toSorted((a, b) => (b.ownTooFast ?? -2) - (a.ownTooFast ?? -2) || (a.who < b.who ? -1 : 1)),
  };
}

function judgedOf(
  decision: GivenDecision,
  { requests }: Attention,
  views: ReadonlyMap<string, ViewFacts>,
): Judged | null {
  const asked = requests.get(decision.request);
  const approves = ANSWERS[decision.outcome];
  if (asked === undefined || approves === undefined) return null;
  const view = decision.view === null ? null : (views.get(decision.view) ?? null);
  const { shownAt, givenAt, by, at } = decision;
  return {
    ...{ by, at, approves, view, asked },
    lookS: shownAt === null ? null : Math.max(0, givenAt - shownAt),
    waitS: Math.max(0, at - asked.at),
    leastS: leastReadingS(view?.characters ?? asked.characters),
    key: JSON.stringify([standingOf(asked.agent), asked.action, asked.ruleIds]),
  };
}

/** Between any two of them the thread may be given to others: each looks at all of the decisions once. */
function* figuresSteps(judged: readonly Judged[]): Generator<void, Figures> {
  const timed = judged.filter((one): one is Judged & { readonly lookS: number } => one.lookS !== null);
  const viewed = judged.flatMap(({ view }) => (view === null ? [] : [view]));
  const batches = viewed.map(({ batch }) => batch);
  yield;
  const approvals = rateOf(judged.filter(({ approves }) => approves).length, judged.length);
  const tooFast = rateOf(timed.filter(isTooFast).length, timed.length);
  const readWhole = rateOf(viewed.filter(({ isWhole }) => isWhole).length, viewed.length);
  yield;
  const medians: (number | null)[] = [];
  for (const values of [
    timed.map(({ lookS }) => lookS),
    judged.map(({ waitS }) => waitS),
    judged.map(({ leastS }) => leastS),
    batches,
  ]) {
    medians.push(quantile(values, 0.5));
    yield;
  }
  const [look = null, wait = null, least = null, batch = null] = medians;
  return {
    ...{ decisions: judged.length, approvals, looks: timed.length, tooFast, readWhole },
    ...{ medianLookS: look, medianWaitS: wait, leastReadingS: least },
    batches: { known: batches.length, median: batch, largest: quantile(batches, 1) },
  };
}

/** Whole seconds: what took up to a second longer than they say is given the benefit of it. */
const isTooFast = ({ lookS, leastS }: { readonly lookS: number; readonly leastS: number }): boolean =>
  lookS + 1 <= leastS;

function* classSteps(key: string, group: readonly Judged[]): Generator<void, ClassFigures> {
  const figures = yield* figuresSteps(group);
  const newest = group.reduce((a, b) => (b.asked.seq > a.asked.seq ? b : a)).asked;
  const { agent, action, ruleIds, policy } = newest;
  const isTimed = rateOf(0, figures.looks).rate !== null;
  return {
    ...figures,
    ...{ key, agent, action, ruleIds, policy },
    standing: standingOf(agent),
    isProposed:
      (figures.approvals.rate ?? 0) > PROPOSE.approvals &&
      isTimed &&
      figures.medianLookS !== null &&
      figures.medianLookS < PROPOSE.medianS,
  };
}

interface People {
  readonly fastByClass: ReadonlyMap<string, Rate>;
  readonly starts: ReadonlyMap<string, readonly number[]>;
  readonly attention: Attention;
  readonly from: number;
  readonly to: number;
}

const HOUR_S = 3600;
/** Looked at between two chances for other work, where each takes next to no time. */
const MANY = 1024;

function* personSteps(who: string, group: readonly Judged[], people: People): Generator<void, PersonFigures> {
  const figures = yield* figuresSteps(group);
  const timed = group.filter(({ lookS }) => lookS !== null);
  const expected = timed.map(({ key }) => {
    const of = people.fastByClass.get(key);
    return of === undefined || of.of === 0 ? 0 : of.n / of.of;
  });
  const mean = expected.length === 0 ? null : expected.reduce((sum, share) => sum + share, 0) / expected.length;
  const { attention, from, to } = people;
  const hours = new Set<number>();
  for (const [index, { by, at }] of attention.acts.entries()) {
    if (index % MANY === 0) yield;
    if (by === who && at >= from && at < to) hours.add(Math.floor(at / HOUR_S));
  }
  const held = attention.roles.get(who) ?? [];
  let demands = 0;
  for (const [index, { at, roles }] of attention.demands.entries()) {
    if (index % MANY === 0) yield;
    if (at >= from && at < to && hours.has(Math.floor(at / HOUR_S)) && heldRole(held, roles, at)) demands += 1;
  }
  return {
    who,
    ...figures,
    expectedTooFast: mean,
    ownTooFast: figures.tooFast.rate === null || mean === null ? null : figures.tooFast.rate - mean,
    shift: yield* shiftFigures(group, people.starts),
    hours: hours.size,
    demands,
    demandsAnHour: hours.size === 0 ? null : demands / hours.size,
  };
}

/** By person, when each of their shifts began, ascending. */
function* shiftSteps({ acts }: Attention): Generator<void, Map<string, number[]>> {
  const last = new Map<string, number>();
  const starts = new Map<string, number[]>();
  for (const [index, { by, at }] of acts.entries()) {
    if (index % STEP === 0) yield;
    const before = last.get(by);
    if (before === undefined || at - before >= APART_S) {
      const known = starts.get(by);
      if (known === undefined) starts.set(by, [at]);
      else known.push(at);
    }
    last.set(by, at);
  }
  return starts;
}

function* shiftFigures(
  judged: readonly Judged[],
  starts: ReadonlyMap<string, readonly number[]>,
): Generator<void, ShiftHour[]> {
  const hours = yield* groupedSteps(judged, ({ by, at }) => {
    const began = starts.get(by)?.findLast((start) => start <= at) ?? at;
    return Math.min(SHIFT_HOURS, 1 + Math.floor((at - began) / HOUR_S));
  });
  const found: ShiftHour[] = [];
  for (const [hour, group] of hours) {
    const { decisions, approvals, medianLookS, tooFast } = yield* figuresSteps(group);
    found.push({ hour, decisions, approvals, medianLookS, tooFast });
  }
  return found.toSorted((a, b) => a.hour - b.hour);
}

function* groupedSteps<K>(judged: readonly Judged[], keyOf: (one: Judged) => K): Generator<void, Map<K, Judged[]>> {
  const groups = new Map<K, Judged[]>();
  for (const [index, one] of judged.entries()) {
    if (index % MANY === 0) yield;
    const key = keyOf(one);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return groups;
}
