import * as z from "zod";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { drillMarkSchema } from "../drill/drill-mark.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { digestSchema } from "../jose/formats.ts";
import { METRICS, metricSchema } from "./metrics.ts";

/** Runs of one benchmark, warm-up included: what an order has ids for, and a result digests of. */
export const MAX_BENCH_RUNS = 60;

const slugSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits, hyphens");

const drillItemSchema = z.strictObject({ script: drillMarkSchema.shape.script, size: drillMarkSchema.shape.size });

/**
 * What is asked of the agents: recorded runs, by digest, whose recorded outcomes and outputs are the expected results; or the
 * scripts of drills (row 102), where a person has to stop what misbehaves, and what is expected is that it is stopped and found.
 */
export const benchTaskSetSchema = z.strictObject({
  items: z
    .array(z.strictObject({ run: digestSchema, drill: drillItemSchema.optional() }))
    .min(1)
    .max(8),
  /** Of a secret one: so that its digest cannot be found by guessing (BEH-S5). */
  nonce: z.string().min(22).max(88).optional(),
});
export type BenchTaskSet = z.infer<typeof benchTaskSetSchema>;

/**
 * Benchmark profile (behavior.md section b); members marked [ours] are not in its table. How its members have to fit each
 * other is decided with the order (`benchProblem`).
 */
export const benchProfileSchema = z.strictObject({
  bench_id: slugSchema,
  version: z.int().positive(),
  /** `count` is tasks, over all its runs. A `secret` one [ours] is told after the benchmark only (BEH-S5). */
  task_set: z.strictObject({
    id: slugSchema,
    hash: digestSchema,
    count: z.int().positive(),
    secret: z.boolean().optional(),
  }),
  seed: z.int().nonnegative().max(4_294_967_295),
  warmup: z.int().nonnegative().max(5),
  repetitions: z.int().min(3).max(50),
  /** Of one run of an item. */
  timeout_ms: z.int().min(1000).max(600_000),
  /** Runs at once. */
  concurrency: z.int().min(1).max(8),
  metrics: z.array(metricSchema).min(1).max(14),
  weights: z.partialRecord(metricSchema, z.number().positive().max(1)),
  targets: z.partialRecord(metricSchema, z.strictObject({ goal: z.number(), worst: z.number() })),
  /** Declared; what the host knows of itself is added to it in a result. */
  environment: z.record(z.string().min(1).max(64), z.string().max(256)),
  /** How many times as fast as recorded agents work [ours]. */
  playback: z.number().min(1).max(1000),
  /** Actions before which a human is asked [ours]. */
  gated_actions: z.array(z.string().min(1).max(64)).max(16),
});
export type BenchProfile = z.infer<typeof benchProfileSchema>;

/** What does not fit in a profile and the task set it is told with, or null. */
export function benchProblem(profile: BenchProfile, set: BenchTaskSet | undefined): string | null {
  const { metrics, weights, targets, task_set: stated } = profile;
  const weighted = METRICS.filter((metric) => weights[metric] !== undefined);
  const sum = weighted.reduce((total, metric) => total + (weights[metric] ?? 0), 0);
  const unaimed = weighted.find((metric) => !metrics.includes(metric) || targets[metric] === undefined);
  if (new Set(metrics).size !== metrics.length) return "each metric is named once";
  if (Math.abs(sum - 1) > 0.001) return "the weights sum to 1";
  if (unaimed !== undefined) return `${unaimed} has a weight: it is measured and has a target`;
  if (Object.values(targets).some(({ goal, worst }) => goal === worst)) return "a goal is another value than the worst";
  if (set !== undefined && new Set(set.items.map(({ run }) => run)).size !== set.items.length)
    return "the task set names each run once";
  if (set !== undefined && new Set(set.items.map(({ drill }) => drill === undefined)).size > 1)
    return "a task set is of recorded runs or of drills, not of both";
  return (stated.secret === true) === (set === undefined)
    ? null
    : "a task set is told with the order, unless it is secret";
}

/** Its schemas hold JSON only, which optional members hide from the type. */
function digestOf(value: object, sha256: Sha256): string {
  const digest = objectDigest(JSON.parse(JSON.stringify(value)) as Json, sha256);
  return digest.ok ? digest.value : "";
}

/** Object digest of a benchmark: results are comparable only where it is the same. */
export const benchHash = (profile: BenchProfile, sha256: Sha256): string => digestOf(profile, sha256);

/** Object digest of a task set: what is committed to before the run (BEH-S5). */
export const taskSetHash = (set: BenchTaskSet, sha256: Sha256): string => digestOf(set, sha256);

/** Which benchmark, and exactly which text of it. */
export const benchRefSchema = z.strictObject({
  bench_id: slugSchema,
  version: z.int().positive(),
  hash: digestSchema,
});
