import * as z from "zod";

/** What is measured of an agent or a benchmark run (behavior.md, table of metrics); ratios 0..1, times in ms. */
export const METRICS = [
  "task_completion",
  "accuracy",
  "latency_p50_ms",
  "latency_p95_ms",
  "latency_p99_ms",
  "throughput",
  "tokens_per_task",
  "cpu_ms_per_task",
  "cost_per_task",
  "safety_compliance",
  "hitl_adherence",
  "override_latency_ms",
  "consistency",
  "drift",
] as const;
export const metricSchema = z.enum(METRICS);
export type Metric = z.infer<typeof metricSchema>;

/** Quantities of a policy that a profile can bound as well (acp-dag-hitl.md section b), each of one window. */
export const QUANTITIES = ["max_calls", "rate_per_min", "max_cost", "max_tokens", "max_duration_s"] as const;
