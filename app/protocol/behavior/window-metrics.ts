import { Decimal } from "decimal.js";
import { drained, STEP } from "../../base/steps.ts";
import { nearestRank } from "./bench-stats.ts";
import type { Metric, QUANTITIES } from "./metrics.ts";
import type { ObservedTask, Window } from "./observed.ts";

type Quantity = (typeof QUANTITIES)[number];

/** A sum over what is known; `complete` where every task told its part. */
export interface KnownSum {
  readonly value: number;
  readonly complete: boolean;
}

/** What is measured of one window by the table of metrics; null is not known, and absent is not for a log to know. */
export interface WindowMetrics {
  readonly metrics: Readonly<Partial<Record<Metric, number | null>>>;
  /** Null where amounts are of several currencies. */
  readonly quantities: Readonly<Record<Quantity, KnownSum | null>>;
}

const MINUTE_MS = 60_000;

/** Metrics of an agent's tasks of one window. Accuracy, CPU time, override latency and consistency no log of tasks knows. */
export const windowMetrics = (tasks: readonly ObservedTask[], window: Window): WindowMetrics =>
  drained(metricSteps(tasks, window));

/** The same in steps, each a part of it. */
export function* metricSteps(tasks: readonly ObservedTask[], window: Window): Generator<void, WindowMetrics> {
  // What was refused was never begun; what still runs is nothing yet.
  const ended = tasks.filter(({ outcome }) => outcome !== null && outcome !== "refused");
  const completed = ended.filter(({ outcome }) => outcome === "success").length;
  const gated = tasks.filter(({ gate }) => gate !== null);
  yield;
  const durations = durationsOf(tasks);
  yield;
  const tokens = sum(tasks, (task) => task.tokens);
  const cost = yield* costOf(tasks);
  const lasted = sum(tasks, durationMs);
  yield;
  const densest = densestMinute(tasks);
  const each = (known: KnownSum | null): number | null =>
    completed === 0 || known?.complete !== true ? null : known.value / completed;
  return {
    metrics: {
      task_completion: ratio(completed, ended.length),
      latency_p50_ms: rank(durations, 0.5),
      latency_p95_ms: rank(durations, 0.95),
      latency_p99_ms: rank(durations, 0.99),
      throughput: completed / (window.to - window.from),
      tokens_per_task: each(tokens),
      cost_per_task: each(cost),
      hitl_adherence: ratio(gated.filter(({ gate }) => gate?.waited === true).length, gated.length),
    },
    quantities: {
      max_calls: { value: tasks.length, complete: true },
      rate_per_min: { value: densest, complete: true },
      max_cost: cost,
      max_tokens: tokens,
      max_duration_s: { value: lasted.value / 1000, complete: lasted.complete },
    },
  };
}

/** Ms a task took; none where it was refused, null while it runs. */
export function durationMs({ atMs, endedMs, outcome }: ObservedTask): number | null {
  if (outcome === "refused") return 0;
  return endedMs === null ? null : Math.max(0, endedMs - atMs);
}

/** Ascending. What waited for a human is left out: that time is theirs [ours]. */
function durationsOf(tasks: readonly ObservedTask[]): readonly number[] {
  return tasks
    .filter(({ endedMs, outcome, gate }) => endedMs !== null && outcome !== "refused" && gate?.waited !== true)
    .map((task) => durationMs(task) ?? 0)
    .sort((a, b) => a - b);
}

/** BEH-17 */
const rank = (sorted: readonly number[], share: number): number | null =>
  sorted[nearestRank(sorted.length, share) - 1] ?? null;

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

function sum(tasks: readonly ObservedTask[], partOf: (task: ObservedTask) => number | null): KnownSum {
  let value = 0;
  let complete = true;
  for (const task of tasks) {
    const one = partOf(task);
    if (one === null) complete = false;
    else value += one;
  }
  return { value, complete };
}

function* costOf(tasks: readonly ObservedTask[]): Generator<void, KnownSum | null> {
  const costs = tasks.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  if (new Set(costs.map(({ currency }) => currency)).size > 1) return null;
  let total = new Decimal(0);
  for (const [at, { amount }] of costs.entries()) {
    if (at % STEP === 0) yield;
    total = total.plus(amount);
  }
  return { value: total.toNumber(), complete: costs.length === tasks.length };
}

/** The most tasks that were asked for within any 60 s. */
function densestMinute(tasks: readonly ObservedTask[]): number {
  const times = tasks.map(({ atMs }) => atMs).sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [at, ms] of times.entries()) {
    while ((times[first] ?? ms) <= ms - MINUTE_MS) first += 1;
    most = Math.max(most, at - first + 1);
  }
  return most;
}
