import type { BenchmarkView, MetricChangeView } from "../../../api/contract/benchmark.ts";
import type { Metric } from "../../../protocol/behavior/metrics.ts";
import { formatDuration } from "../../../ui/duration.ts";
import type { MarkShape, MarkTone } from "../../../ui/mark.tsx";

interface MetricWords {
  readonly name: string;
  /** Of a typed goal or worst. */
  readonly unit: string;
  format(value: number): string;
  /** Of two values: of shares in percentage points. */
  difference(value: number): string;
  /** A ratio has an end at both sides; everything else begins at 0. */
  readonly most: number | null;
}

const PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const THREE = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

const ratio = (name: string): MetricWords => ({
  ...{ name, unit: "share, 0 to 1", most: 1 },
  format: (x) => PERCENT.format(x),
  difference: (x) => `${THREE.format(x * 100)} points`,
});
const measured = (name: string, unit: string, format: (value: number) => string): MetricWords => ({
  ...{ name, unit, format, difference: format, most: null },
});
/** Two units, as elsewhere, are too coarse for what is held side by side. */
const time = (name: string): MetricWords =>
  measured(name, "ms", (ms) => {
    if (Math.abs(ms) < 1000) return `${THREE.format(ms)} ms`;
    return Math.abs(ms) < 60_000 ? `${THREE.format(ms / 1000)} s` : formatDuration(ms);
  });
const amount = (name: string, unit: string): MetricWords => measured(name, unit, (x) => `${THREE.format(x)} ${unit}`);

const WORDS: Readonly<Record<Metric, MetricWords>> = {
  task_completion: ratio("Tasks completed"),
  accuracy: ratio("Ended as expected"),
  latency_p50_ms: time("Duration, median"),
  latency_p95_ms: time("Duration, 95th percentile"),
  latency_p99_ms: time("Duration, 99th percentile"),
  throughput: amount("Throughput", "tasks/s"),
  tokens_per_task: amount("Tokens per task, as recorded", "tokens"),
  cpu_ms_per_task: time("Processor time per task"),
  cost_per_task: amount("Cost per task, as recorded", "of its currency"),
  safety_compliance: ratio("Safety compliance"),
  hitl_adherence: ratio("Waited for the human"),
  override_latency_ms: time("From stop to effect, 95th percentile"),
  consistency: ratio("Same result every time"),
  drift: ratio("Drift"),
};

export const metricWords = (metric: Metric): MetricWords => WORDS[metric];

export const STATUS: Readonly<
  Record<BenchmarkView["status"], { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }>
> = {
  running: { shape: "half", tone: "notice", label: "running" },
  done: { shape: "dot", tone: "neutral", label: "result" },
  aborted: { shape: "cross", tone: "warning", label: "no result" },
};

const REASONS: Readonly<Record<string, string>> = {
  profile_changed: "The profile or its tasks changed",
  not_conformant: "The agent is not conformant",
  timeouts: "Too many runs took too long",
  cancelled: "It was called off",
  stopped: "An order reached one of its runs",
  interrupted: "It was interrupted",
  refused: "A run was refused",
  not_measured: "Something with a weight was not measured",
};
export const reasonWords = (reason: string): string => REASONS[reason] ?? "It has no result";

export const MOVEMENTS: Readonly<
  Record<MetricChangeView["movement"], { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }>
> = {
  regressed: { shape: "triangle", tone: "warning", label: "worse" },
  improved: { shape: "dot", tone: "neutral", label: "better" },
  unclear: { shape: "ring", tone: "neutral", label: "no clear difference" },
  same: { shape: "bar", tone: "neutral", label: "the same" },
};

export function intervalWords(metric: Metric, low: number, high: number): string {
  const { format } = metricWords(metric);
  return low === high ? `exactly ${format(low)}` : `${format(low)} to ${format(high)}`;
}

export const scoreWords = (score: number): string => `${score.toFixed(1)} of 100`;

/** Whose conduct is measured, by an id that ends in a name, or all. */
export const subjectWords = (subject: string): string =>
  subject.endsWith("/agents") ? "all agents" : (subject.split("/").at(-1) ?? subject);
