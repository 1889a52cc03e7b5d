import { drained } from "../../base/steps.ts";
import type { Violation } from "./evidence.ts";
import type { Metric } from "./metrics.ts";
import type { ObservedTask, Window } from "./observed.ts";
import type { LimitRule } from "./profile.ts";
import { durationMs, type KnownSum, type WindowMetrics } from "./window-metrics.ts";

export interface JudgedLimits {
  readonly findings: readonly Violation[];
  /** Rules whose quantity is not known, or not fully known and not broken by what is: told, and not held against anybody. */
  readonly unknown: readonly string[];
}

/**
 * Limit rules over the metrics of a window. A finding names one task [ours]: the one with which a sum or a rate broke the
 * limit, the slowest for a latency, the first that failed or did not wait for those shares, otherwise the last.
 */
export const judgeLimits = (...given: Parameters<typeof limitSteps>): JudgedLimits => drained(limitSteps(...given));

/** The same in steps, each about one rule. */
export function* limitSteps(
  rules: readonly LimitRule[],
  { metrics, quantities }: WindowMetrics,
  tasks: readonly ObservedTask[],
  window: Window,
): Generator<void, JudgedLimits> {
  const findings: Violation[] = [];
  const unknown: string[] = [];
  const last = tasks.at(-1);
  if (last === undefined) return { findings, unknown };
  for (const rule of rules) {
    yield;
    const known: KnownSum | null = isQuantity(rule.metric, quantities)
      ? quantities[rule.metric]
      : exactly(metrics[rule.metric]);
    if (known === null || undecided(rule, known)) {
      unknown.push(rule.id);
      continue;
    }
    if (holds(rule, known.value)) continue;
    const task = toName(rule, tasks) ?? last;
    findings.push({
      rule_id: rule.id,
      severity: rule.severity,
      jti: task.jti,
      at: Math.min(window.to - 1, Math.max(window.from, Math.floor(task.atMs / 1000))),
      detail: `${rule.metric} was ${shown(known.value)}, and is to be ${rule.op} ${rule.value}`,
    });
  }
  return { findings, unknown };
}

function isQuantity(
  name: LimitRule["metric"],
  quantities: WindowMetrics["quantities"],
): name is Exclude<LimitRule["metric"], Metric> {
  return Object.hasOwn(quantities, name);
}

const exactly = (value: number | null | undefined): KnownSum | null =>
  value === null || value === undefined ? null : { value, complete: true };

/** Sums only grow: of one that is not complete an upper limit can be broken already, and a lower one kept. */
const undecided = (rule: LimitRule, known: KnownSum): boolean =>
  !known.complete && holds(rule, known.value) === (rule.op === "<=" || rule.op === "<");

function holds({ op, value }: LimitRule, measured: number): boolean {
  switch (op) {
    case "<=":
      return measured <= value;
    case ">=":
      return measured >= value;
    case "<":
      return measured < value;
    case ">":
      return measured > value;
  }
}

function toName(rule: LimitRule, tasks: readonly ObservedTask[]): ObservedTask | undefined {
  switch (rule.metric) {
    case "max_calls":
      return breaking(rule, tasks, () => 1);
    case "max_tokens":
      return breaking(rule, tasks, ({ tokens }) => tokens ?? 0);
    case "max_cost":
      return breaking(rule, tasks, ({ cost }) => Number(cost?.amount ?? 0));
    case "max_duration_s":
      return breaking(rule, tasks, (task) => (durationMs(task) ?? 0) / 1000);
    case "rate_per_min":
      return tooMany(rule, tasks);
    case "latency_p50_ms":
    case "latency_p95_ms":
    case "latency_p99_ms":
      return tasks.reduce((slowest, task) => ((durationMs(task) ?? 0) > (durationMs(slowest) ?? 0) ? task : slowest));
    case "task_completion":
      return tasks.find(({ outcome }) => outcome === "failure" || outcome === "stopped");
    case "hitl_adherence":
      return tasks.find(({ gate }) => gate?.waited === false);
    case "accuracy":
    case "throughput":
    case "tokens_per_task":
    case "cpu_ms_per_task":
    case "cost_per_task":
    case "safety_compliance":
    case "override_latency_ms":
    case "consistency":
    case "drift":
      return undefined;
  }
}

/** The task with which a running sum no longer kept an upper limit. */
function breaking(
  rule: LimitRule,
  tasks: readonly ObservedTask[],
  partOf: (task: ObservedTask) => number,
): ObservedTask | undefined {
  let so = 0;
  return tasks.find((task) => {
    so += partOf(task);
    return !holds(rule, so);
  });
}

/** The task that made a minute too full. */
function tooMany(rule: LimitRule, tasks: readonly ObservedTask[]): ObservedTask | undefined {
  const byTime = tasks.toSorted((one, other) => one.atMs - other.atMs);
  let first = 0;
  return byTime.find(({ atMs }, at) => {
    while ((byTime[first]?.atMs ?? atMs) <= atMs - 60_000) first += 1;
    return !holds(rule, at - first + 1);
  });
}

const shown = (value: number): string => String(Number(value.toPrecision(6)));
