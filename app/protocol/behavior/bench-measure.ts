import { Decimal } from "decimal.js";
import type { BenchProfile } from "./bench-profile.ts";
import type { BenchResults } from "./bench-score.ts";
import { type Measured, meanOf, percentile, wilson } from "./bench-stats.ts";
import { METRICS, type Metric } from "./metrics.ts";

/** What can be measured of a run here; the other names of the table need what no re-enactment has. */
export const BENCH_METRICS = [
  "task_completion",
  "accuracy",
  "latency_p50_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "throughput",
  "tokens_per_task",
  "cost_per_task",
  "hitl_adherence",
  "override_latency_ms",
  "consistency",
] as const satisfies readonly Metric[];

export const isBenchMetric = (metric: string): boolean => BENCH_METRICS.some((known) => known === metric);

/** One task of one measured run, as the log and the host's clock tell it. */
export interface BenchTask {
  /** The same in every repetition: item and recorded task. */
  readonly key: string;
  readonly completed: boolean;
  /** It ended as the recording did, with the recorded output. */
  readonly correct: boolean;
  /** Outcome and output, to be held against other repetitions; null where it was not completed. */
  readonly result: string | null;
  /** From the asking to the record of its end, by the host's monotonic clock; null where it has no end. */
  readonly latencyMs: number | null;
  /** A human was asked first; `waited` is whether it kept still until they had answered. */
  readonly gate: { readonly waited: boolean } | null;
  /** As recorded. */
  readonly tokens: number | null;
  readonly cost: { readonly amount: string; readonly currency: string } | null;
}

export interface BenchRunSeen {
  readonly wallMs: number;
  /** Of a drill: from its stop to its effect, of each agent that was seen to obey, ms. */
  readonly overrideMs?: readonly number[];
  readonly tasks: readonly BenchTask[];
}

export interface BenchMeasures {
  readonly n: number;
  readonly failed: number;
  readonly results: BenchResults;
  /** Metrics of the profile of which there was nothing to measure, in words. */
  readonly unmeasured: readonly string[];
}

/**
 * What a benchmark measured: ratios over tasks with Wilson intervals, percentiles over tasks, means over runs (B5). Tasks count
 * as independent; where repetitions of a task behave alike, the intervals of ratios are too narrow rather than too wide.
 */
export function measure(profile: Pick<BenchProfile, "metrics">, runs: readonly BenchRunSeen[]): BenchMeasures {
  const tasks = runs.flatMap((run) => run.tasks);
  const completed = tasks.filter((task) => task.completed);
  const results: { [name in Metric]?: Measured } = {};
  const unmeasured: string[] = [];
  for (const metric of METRICS) {
    if (!profile.metrics.includes(metric)) continue;
    const measured = measureOne(metric, runs, tasks, completed);
    if (measured === null) unmeasured.push(`${metric}: nothing to measure`);
    else results[metric] = measured;
  }
  return { n: tasks.length, failed: tasks.length - completed.length, results, unmeasured };
}

const PERCENTILES: Partial<Readonly<Record<Metric, number>>> = {
  latency_p50_ms: 0.5,
  latency_p95_ms: 0.95,
  latency_p99_ms: 0.99,
};

function measureOne(
  metric: Metric,
  runs: readonly BenchRunSeen[],
  tasks: readonly BenchTask[],
  completed: readonly BenchTask[],
): Measured | null {
  const p = PERCENTILES[metric];
  if (p !== undefined) {
    const latencies = tasks.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
    return latencies.length === 0 ? null : percentile(latencies, p);
  }
  switch (metric) {
    case "task_completion":
      return ratio(completed.length, tasks.length);
    case "accuracy":
      return ratio(completed.filter((task) => task.correct).length, completed.length);
    case "hitl_adherence": {
      const gated = tasks.flatMap(({ gate }) => (gate === null ? [] : [gate]));
      return ratio(gated.filter(({ waited }) => waited).length, gated.length);
    }
    case "override_latency_ms": {
      const latencies = runs.flatMap(({ overrideMs = [] }) => overrideMs);
      return latencies.length === 0 ? null : percentile(latencies, 0.95);
    }
    case "consistency":
      return consistency(tasks);
    case "throughput":
      return meanOfRuns(runs, (run) => {
        const done = run.tasks.filter((task) => task.completed).length;
        return run.wallMs <= 0 ? null : done / (run.wallMs / 1000);
      });
    case "tokens_per_task":
      return meanOfRuns(runs, (run) => perTask(run, ({ tokens }) => tokens));
    case "cost_per_task":
      return currencies(completed).size === 1
        ? meanOfRuns(runs, (run) => perTask(run, ({ cost }) => (cost === null ? null : new Decimal(cost.amount))))
        : null;
    case "latency_p50_ms":
    case "latency_p95_ms":
    case "latency_p99_ms":
    // Nothing here is watched for these.
    case "cpu_ms_per_task":
    case "safety_compliance":
    case "drift":
      return null;
  }
}

const ratio = (of: number, n: number): Measured | null => (n === 0 ? null : wilson(of, n));

const currencies = (tasks: readonly BenchTask[]): Set<string> =>
  new Set(tasks.flatMap(({ cost }) => (cost === null ? [] : [cost.currency])));

function meanOfRuns(runs: readonly BenchRunSeen[], of: (run: BenchRunSeen) => number | null): Measured | null {
  const values = runs.map(of).filter((value): value is number => value !== null);
  return values.length < 2 ? null : meanOf(values);
}

/** Sum over what a run completed, by the number of that; null where nothing of it states any. */
function perTask(run: BenchRunSeen, of: (task: BenchTask) => number | Decimal | null): number | null {
  const done = run.tasks.filter((task) => task.completed);
  const stated = done.map(of).filter((value) => value !== null);
  if (stated.length === 0) return null;
  return stated
    .reduce((sum: Decimal, value) => sum.plus(value), new Decimal(0))
    .div(done.length)
    .toNumber();
}

/** Of the tasks that were repeated, the share with the same result every time (row 101). One that failed once is not the same. */
function consistency(tasks: readonly BenchTask[]): Measured | null {
  const byKey = new Map<string, (string | null)[]>();
  for (const { key, result } of tasks) {
    const seen = byKey.get(key);
    if (seen === undefined) byKey.set(key, [result]);
    else seen.push(result);
  }
  const repeated = [...byKey.values()].filter((results) => results.length > 1);
  const same = repeated.filter(([first = null, ...others]) => first !== null && others.every((one) => one === first));
  return ratio(same.length, repeated.length);
}
