import * as z from "zod";
import { benchProfileSchema, benchTaskSetSchema } from "../../protocol/behavior/bench-profile.ts";
import { benchResultClaimsSchema, measuredSchema } from "../../protocol/behavior/bench-result.ts";
import { metricSchema } from "../../protocol/behavior/metrics.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema } from "./common.ts";

/** A benchmark of this log: it runs as long as it has no end. */
export const benchmarkSchema = z.object({
  /** `jti` of its order. */
  order: uuidSchema,
  by: uriSchema,
  at: z.int(),
  seq: z.int(),
  /** The agent that is measured, or all (`…/agents`). */
  subject: uriSchema,
  benchId: z.string(),
  version: z.int(),
  hash: digestSchema,
  secret: z.boolean(),
  /** Runs in all, warm-up included. */
  runs: z.int(),
  status: z.enum(["running", "done", "aborted"]),
  /** Epoch seconds and entry of its end; null while it runs. */
  endedAt: z.int().nullable(),
  endSeq: z.int().nullable(),
  /** 0..100; null without a result. */
  score: z.number().nullable(),
  /** Why there is no result. */
  aborted: z.object({ reason: z.string(), detail: z.string() }).nullable(),
});
export type BenchmarkView = z.infer<typeof benchmarkSchema>;

/** How one stands that runs, by the host's clock when it was read. */
export const benchNowSchema = z.object({
  phase: z.enum(["warmup", "running", "computing"]),
  /** A stop in force keeps the next run back until it is released. */
  isHeld: z.boolean(),
  /** Measured runs that are over, of how many. */
  done: z.int(),
  of: z.int(),
  timeouts: z.int(),
  wids: z.array(uuidSchema),
  elapsedMs: z.int(),
  /** How long the starts that were signed for it are still taken. */
  leftMs: z.int(),
});

export const metricChangeSchema = z.object({
  metric: metricSchema,
  before: measuredSchema,
  after: measuredSchema,
  difference: z.object({ value: z.number(), ci_low: z.number(), ci_high: z.number() }),
  /** `regressed` and `improved` only where the intervals have nothing in common. */
  movement: z.enum(["regressed", "improved", "unclear", "same"]),
});
export type MetricChangeView = z.infer<typeof metricChangeSchema>;

export const benchmarkContract = {
  /** All of the log, newest first. */
  list: operation
    .route({ method: "GET", path: "/benchmarks" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, benchmarks: z.array(benchmarkSchema) })),
  detail: operation
    .route({ method: "GET", path: "/benchmarks/{order}" })
    .input(pastInput.extend({ order: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        benchmark: benchmarkSchema,
        profile: benchProfileSchema,
        reason: z.string(),
        wids: z.array(uuidSchema),
        /** Null while it is secret. */
        taskSet: benchTaskSetSchema.nullable(),
        /** Signed by the enforcement point; its token is entry `endSeq`. */
        result: benchResultClaimsSchema.nullable(),
        now: benchNowSchema.nullable(),
      }),
    ),
  /**
   * Runs a benchmark: the order, and for each run in the order of its ids a policy and a start that carries its `bench_id`; all
   * of them the person's. A secret task set is told to the host, which keeps it to itself until the end (BEH-S5).
   */
  order: operation
    .route({ method: "POST", path: "/benchmarks" })
    .input(
      z.object({
        order: compactSchema,
        starts: z.array(z.object({ acp: compactSchema, start: compactSchema })).max(60),
        taskSet: benchTaskSetSchema.optional(),
      }),
    )
    .output(z.object({ order: uuidSchema, seq: z.int() })),
  /**
   * Ends one that runs, without a result. Its own runs end, and no others. `by` is the console's word for who calls it off, and on
   * record as that: whoever may stop may.
   */
  cancel: operation
    .route({ method: "POST", path: "/benchmarks/{order}/cancel" })
    .input(z.object({ order: uuidSchema, by: uriSchema }))
    .output(z.object({ order: uuidSchema })),
  /** Holds a result against an earlier one; `problem` says why they cannot be compared, and then nothing is. */
  compare: operation
    .route({ method: "GET", path: "/benchmarks/{order}/against/{before}" })
    .input(pastInput.extend({ order: uuidSchema, before: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
        changes: z.array(metricChangeSchema),
      }),
    ),
};
