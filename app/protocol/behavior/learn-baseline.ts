import { STEP } from "../../base/steps.ts";
import { type MeasuredCourse, numericBaseline } from "./learn-limits.ts";
import { type Course, createTally, type Span } from "./learn-span.ts";
import type { Suggestion } from "./learn-suggestion.ts";
import type { ObservedTask } from "./observed.ts";
import type { Baseline } from "./profile.ts";
import { FALSE_ALARM_RATE, observeAction, sequentialTest, startTest } from "./sequential.ts";

/** Shares that a baseline has at most; what is rarer is outside it. */
const MOST_KEYS = 64;
/** A workflow counts for no more than so many of middle length. */
const LONGEST = 2;
/** Fewer workflows do not tell how much they differ: then their shares weigh no more than so many tasks [ours]. */
const FEWEST = 5;
const UNKNOWN_STRENGTH = 10;
/** So unlikely at the stated rate that it does not hold. */
const UNLIKELY = 0.05;

/**
 * How often each action is, and how firmly single workflows keep to that. A workflow weighs as many tasks as it has, but no
 * more than twice the middle one: one that is flooded does not make the baseline (BEH-S3).
 */
export function* suggestedBaseline(
  span: Span,
  measured: readonly MeasuredCourse[],
): Generator<void, Suggestion | null> {
  const courses = span.workflows
    .map((course) => countsOf(course))
    .filter(({ total }) => total > 0)
    .sort((a, b) => a.total - b.total);
  const middle = courses[Math.floor(courses.length / 2)];
  if (middle === undefined) return null;
  const weights = new Map<string, number>();
  for (const { counts, total } of courses) {
    const scale = Math.min(1, (LONGEST * middle.total) / total);
    for (const [action, count] of counts) weights.set(action, (weights.get(action) ?? 0) + count * scale);
  }
  const kept = [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, MOST_KEYS);
  const shares = rounded(kept);
  const instances = span.workflows.map(instancesOf);
  const strength =
    courses.length < FEWEST
      ? unknownStrength(courses, shares)
      : strengthOf(
          instances
            .flat()
            .map(countsOf)
            .filter(({ total }) => total > 0),
          shares,
        );
  const tally = createTally(span);
  for (const { tasks } of span.workflows)
    for (const task of tasks) if (task.outcome !== "refused") tally.add(task, shares.has(task.action));
  const numeric = numericBaseline(measured);
  const baseline: Baseline = {
    action_freq: Object.fromEntries(shares),
    ...(Object.keys(numeric).length === 0 ? {} : { numeric }),
    ...(strength === null ? {} : { strength }),
  };
  const alarms = yield* alarmedIn(instances, baseline);
  const bursts = chanceOf(alarms.instances, instances.flat().length) < UNLIKELY ? { bursts: true as const } : {};
  const adds = { kind: "baseline" as const, baseline: { ...baseline, ...bursts } };
  return { id: "baseline", adds, chance: null, ...tally.result(), alarmed: alarms.workflows };
}

/** What each agent of a workflow did in it: what the test is run over (BEH-37). */
function instancesOf({ wid, tasks }: Course): readonly Course[] {
  const agents = new Map<string, ObservedTask[]>();
  for (const task of tasks) {
    const own = agents.get(task.agent);
    if (own === undefined) agents.set(task.agent, [task]);
    else own.push(task);
  }
  return [...agents.values()].map((own) => ({ wid, tasks: own }));
}

/** Instances of the span itself that the sequential test would have alarmed, and the workflows they are in. */
function* alarmedIn(
  workflows: readonly (readonly Course[])[],
  baseline: Baseline,
): Generator<void, { readonly instances: number; readonly workflows: number }> {
  const test = sequentialTest(baseline);
  const alarmed = { instances: 0, workflows: 0 };
  if (test === null) return alarmed;
  for (const instances of workflows) {
    let own = 0;
    for (const { tasks } of instances) {
      let state = startTest(test);
      for (const [at, { action, outcome }] of tasks.entries()) {
        if (at % STEP === 0) yield;
        if (outcome !== "refused") state = observeAction(test, state, action);
      }
      if (state.alarmAt !== null) own += 1;
    }
    alarmed.instances += own;
    if (own > 0) alarmed.workflows += 1;
  }
  return alarmed;
}

/** That so many of the instances are alarmed or more, each at the stated rate (binomial). */
function chanceOf(alarmed: number, instances: number): number {
  let term = (1 - FALSE_ALARM_RATE) ** instances;
  let fewer = 0;
  for (let count = 0; count < alarmed; count += 1) {
    fewer += term;
    term *= ((instances - count) / (count + 1)) * (FALSE_ALARM_RATE / (1 - FALSE_ALARM_RATE));
  }
  return 1 - fewer;
}

interface Counted {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

function countsOf({ tasks }: Course): Counted {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { action, outcome } of tasks) {
    if (outcome === "refused") continue;
    counts.set(action, (counts.get(action) ?? 0) + 1);
    total += 1;
  }
  return { counts, total };
}

/** To four places, none of them 0; the largest takes what is left, so that they sum to 1. */
function rounded(weights: readonly (readonly [string, number])[]): Map<string, number> {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const shares = weights.map(
    ([action, weight]) => [action, Math.max(1, Math.round((weight / total) * 10_000))] as const,
  );
  const left = 10_000 - shares.reduce((sum, [, share]) => sum + share, 0);
  return new Map(shares.map(([action, share], index) => [action, (index === 0 ? share + left : share) / 10_000]));
}

/** Of few workflows: nobody knows how much they differ. Null where there is but one action, which cannot vary. */
function unknownStrength(courses: readonly Counted[], shares: ReadonlyMap<string, number>): number | null {
  const tasks = courses.reduce((sum, { total }) => sum + total, 0);
  return shares.size < 2 ? null : Math.min(UNKNOWN_STRENGTH, Math.max(1, tasks));
}

/**
 * Concentration of the shares of single instances about the common ones, by moments: their χ² against the common shares is
 * (n+s)/(1+s) of what chance alone makes. What the common shares are not known for certain is taken off. Never more than
 * the span has tasks; null where there is but one action, which cannot vary.
 */
function strengthOf(instances: readonly Counted[], shares: ReadonlyMap<string, number>): number | null {
  if (shares.size < 2) return null;
  let square = 0;
  let tasks = 0;
  for (const { counts, total } of instances) {
    tasks += total;
    for (const [action, share] of shares) square += ((counts.get(action) ?? 0) - total * share) ** 2 / (total * share);
  }
  const inflation = (square / (shares.size - 1)) * (instances.length / (instances.length - 1));
  const concentration =
    inflation <= instances.length ? tasks : Math.max(1, (tasks - inflation) / (inflation - instances.length));
  return Math.round(100 / (1 / concentration + 1 / tasks)) / 100;
}
