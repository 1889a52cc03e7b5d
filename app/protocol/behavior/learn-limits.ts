import { nearestRank } from "./bench-stats.ts";
import { type Course, createTally, ruleId, type Span } from "./learn-span.ts";
import type { Suggestion } from "./learn-suggestion.ts";
import type { Baseline, LimitRule } from "./profile.ts";
import { type WindowMetrics, windowMetrics } from "./window-metrics.ts";

/** Fewer workflows do not tell what is usual. */
const FEWEST = 5;
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 1] as const;

const UPPER = ["max_calls", "rate_per_min", "max_tokens", "max_cost", "max_duration_s", "latency_p95_ms"] as const;
const LOWER = ["task_completion", "hitl_adherence"] as const;
const NUMERIC = ["task_completion", "latency_p95_ms", "tokens_per_task", "cost_per_task"] as const;
type Measured = (typeof UPPER)[number] | (typeof LOWER)[number] | (typeof NUMERIC)[number];

/** A workflow with all that is measured of it. */
export interface MeasuredCourse {
  readonly course: Course;
  readonly measured: WindowMetrics;
}

export function* measuredCourses({ workflows }: Span): Generator<void, MeasuredCourse[]> {
  const all: MeasuredCourse[] = [];
  for (const course of workflows) {
    yield;
    const times = course.tasks.map(({ atMs }) => Math.floor(atMs / 1000));
    const from = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    const to = times.reduce((most, time) => Math.max(most, time), from) + 1;
    all.push({ course, measured: windowMetrics(course.tasks, { from, to }) });
  }
  return all;
}

/** What single workflows came to, where that is known of all their tasks. */
function valuesOf(
  all: readonly MeasuredCourse[],
  name: Measured,
): { readonly course: Course; readonly value: number }[] {
  return all.flatMap(({ course, measured }) => {
    const value = measuredIn(measured, name);
    return value === null ? [] : [{ course, value }];
  });
}

function measuredIn({ metrics, quantities }: WindowMetrics, name: Measured): number | null {
  if (name in quantities) {
    const known = quantities[name as keyof typeof quantities]; // It is one of its names, as the line above has asked.
    return known?.complete === true ? known.value : null;
  }
  return metrics[name as keyof typeof metrics] ?? null; // What is no quantity is a metric.
}

/**
 * Bounds that the span's workflows kept to, with the values at some shares of them. A few that are far out (beyond Tukey's
 * outer fence) do not move a bound, they are counter-examples: whoever does much in one workflow gains no room (BEH-S3).
 */
export function suggestedLimits(span: Span, measured: readonly MeasuredCourse[]): Suggestion[] {
  const taken = new Set<string>();
  return [
    ...UPPER.map((metric) => suggested(span, valuesOf(measured, metric), { metric, op: "<=", taken })),
    ...LOWER.map((metric) => suggested(span, valuesOf(measured, metric), { metric, op: ">=", taken })),
  ].filter((suggestion) => suggestion !== null);
}

interface Bound {
  readonly metric: (typeof UPPER)[number] | (typeof LOWER)[number];
  readonly op: "<=" | ">=";
  readonly taken: Set<string>;
}

function suggested(span: Span, values: ReturnType<typeof valuesOf>, { metric, op, taken }: Bound): Suggestion | null {
  // Nothing that has a bound: no cost was stated, nobody was asked.
  if (values.length < FEWEST || values.every(({ value }) => value === 0)) return null;
  const sorted = values.map(({ value }) => value).sort((a, b) => (op === "<=" ? a - b : b - a));
  const at = (share: number): number => sorted[nearestRank(sorted.length, share) - 1] ?? 0;
  const fence = Math.abs(at(0.75) - at(0.25)) * 3 || Math.abs(at(0.5));
  const bound = op === "<=" ? Math.min(at(1), at(0.75) + fence) : Math.max(at(1), at(0.75) - fence);
  const value = op === "<=" ? twoDigits(bound, Math.ceil) : twoDigits(bound, Math.floor);
  const rule: LimitRule = { id: ruleId(["limit", metric], taken), metric, op, value, severity: 2 };
  const tally = createTally(span);
  for (const { course, value: own } of values) {
    const last = course.tasks.at(-1);
    if (last !== undefined) tally.add(last, op === "<=" ? own <= value : own >= value);
  }
  const quantiles = QUANTILES.map((share) => ({ share, value: at(share) }));
  return { id: rule.id, adds: { kind: "limit", rule }, chance: null, ...tally.result(), quantiles };
}

/** Means and standard deviations over workflows, where they vary. */
export function numericBaseline(measured: readonly MeasuredCourse[]): NonNullable<Baseline["numeric"]> {
  const numeric: NonNullable<Baseline["numeric"]> = {};
  for (const metric of NUMERIC) {
    const values = valuesOf(measured, metric).map(({ value }) => value);
    if (values.length < FEWEST) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    if (sd > 0) numeric[metric] = { mean: Number(mean.toPrecision(4)), sd: Number(sd.toPrecision(4)) };
  }
  return numeric;
}

/** Two digits that say something, away from what was seen: 1.34 s is no more than 1.4 s. */
function twoDigits(value: number, to: (value: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  // Dividing and multiplying leave 0.30000000000000004.
  return Number((to(Number((value / unit).toPrecision(12))) * unit).toPrecision(12));
}
