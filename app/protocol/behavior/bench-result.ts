import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { TokenType } from "../jose/token-type.ts";
import { benchRefSchema, benchTaskSetSchema, MAX_BENCH_RUNS } from "./bench-profile.ts";
import { tokenRefSchema } from "./evidence.ts";
import { metricSchema } from "./metrics.ts";

export const measuredSchema = z.strictObject({
  value: z.number(),
  ci_low: z.number(),
  ci_high: z.number(),
  /** Observations it rests on. */
  n: z.int().positive(),
});

/** What was measured, before anybody signs it. */
export const benchOutcomeSchema = z.object({
  started_at: timeSchema,
  ended_at: timeSchema,
  /** Tasks attempted in the measured runs, and those of them that were not completed. */
  n: z.int().positive(),
  failed: z.int().nonnegative(),
  results: z.partialRecord(metricSchema, measuredSchema),
  /** 0..100. */
  score: z.number().min(0).max(100),
  /** Declared, and what the host knows of itself. */
  environment: z.record(z.string().min(1).max(64), z.string().max(256)),
  /** The starts of the measured runs, in order. */
  runs: z.array(tokenRefSchema).min(1).max(MAX_BENCH_RUNS),
  /** What was otherwise than the profile has it, in words. */
  deviations: z.array(z.string().min(1).max(500)).max(32),
  /** Told now at the latest (BEH-S5) [ours]. */
  task_set: benchTaskSetSchema,
});
export type BenchOutcome = z.infer<typeof benchOutcomeSchema>;

/** `bench-result+jwt` (behavior.md section b): signed by whoever ran it. It is a fact and does not expire. */
export const benchResultClaimsSchema = benchOutcomeSchema.extend({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  subject: uriSchema,
  bench: benchRefSchema,
  /** The order it answers [ours]. */
  order: uuidSchema,
});
export type BenchResultClaims = z.infer<typeof benchResultClaimsSchema>;

export const BENCH_RESULT_TYPE: TokenType<BenchResultClaims> = {
  typ: ["bench-result+jwt"],
  schema: benchResultClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: ({ iss, jti }) => `${iss} ${jti}`,
};
