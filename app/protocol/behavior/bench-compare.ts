import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { BenchProfile } from "./bench-profile.ts";
import type { BenchResultClaims } from "./bench-result.ts";
import type { Measured } from "./bench-stats.ts";
import { METRICS, type Metric } from "./metrics.ts";

type Comparable = Pick<BenchResultClaims, "bench" | "environment" | "results" | "score">;

/** Why two results are not comparable (B5), or null: another text of the benchmark, or another environment. */
export function comparableProblem(one: Comparable, other: Comparable): Refusal | null {
  if (one.bench.hash !== other.bench.hash)
    return refusal(
      "bench_not_comparable",
      one.bench.bench_id === other.bench.bench_id
        ? `${one.bench.bench_id} version ${one.bench.version} and version ${other.bench.version} are not the same benchmark`
        : `${one.bench.bench_id} and ${other.bench.bench_id} are two benchmarks`,
      { claim: "bench" },
    );
  const names = [...new Set([...Object.keys(one.environment), ...Object.keys(other.environment)])].toSorted();
  const differing = names.filter((name) => one.environment[name] !== other.environment[name]);
  if (differing.length === 0) return null;
  const told = (value: string | undefined): string => (value === undefined ? "not stated" : `"${value}"`);
  const words = differing.map(
    (name) => `${name} is ${told(one.environment[name])} and ${told(other.environment[name])}`,
  );
  return refusal("bench_not_comparable", `the environments differ: ${words.join("; ")}`, { claim: "environment" });
}

/**
 * How one value moved against an earlier one. `regressed` and `improved` only where the two intervals have nothing in common,
 * which is stricter than a test of the difference; else it is `unclear`. `same` where nothing differs at all.
 */
export type Movement = "regressed" | "improved" | "unclear" | "same";

export interface MetricChange {
  readonly metric: Metric;
  readonly before: Measured;
  readonly after: Measured;
  /** after − before, with its 95 % interval. */
  readonly difference: { readonly value: number; readonly ci_low: number; readonly ci_high: number };
  readonly movement: Movement;
}

/** What is better less of, where a benchmark states no target for it. */
const LOWER_IS_BETTER: ReadonlySet<Metric> = new Set([
  "latency_p50_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "tokens_per_task",
  "cpu_ms_per_task",
  "cost_per_task",
  "override_latency_ms",
  "drift",
] satisfies Metric[]);

/**
 * Holds a result against a previous one of the same benchmark in the same environment (row 101). The interval of a difference
 * joins those of its two sides by the square-and-add of Newcombe 1998 (Statistics in Medicine 17, 873-890, method 10), for
 * means and percentiles as for ratios.
 */
export function regression(
  before: Comparable,
  after: Comparable,
  targets: BenchProfile["targets"],
): Result<MetricChange[], Refusal> {
  const problem = comparableProblem(before, after);
  if (problem !== null) return err(problem);
  return ok(
    METRICS.flatMap((metric) => {
      const [was, is] = [before.results[metric], after.results[metric]];
      if (was === undefined || is === undefined) return [];
      const target = targets[metric];
      const more = target === undefined ? !LOWER_IS_BETTER.has(metric) : target.goal > target.worst;
      return [{ metric, before: was, after: is, difference: differenceOf(was, is), movement: moved(was, is, more) }];
    }),
  );
}

function moved(was: Measured, is: Measured, moreIsBetter: boolean): Movement {
  if (is.value === was.value) return "same";
  const isApart = is.ci_low > was.ci_high || is.ci_high < was.ci_low;
  if (!isApart) return "unclear";
  return is.value > was.value === moreIsBetter ? "improved" : "regressed";
}

export function differenceOf(was: Measured, is: Measured): MetricChange["difference"] {
  const value = is.value - was.value;
  return {
    value,
    ci_low: value - Math.hypot(is.value - is.ci_low, was.ci_high - was.value),
    ci_high: value + Math.hypot(is.ci_high - is.value, was.value - was.ci_low),
  };
}
