import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { benchProfileSchema, benchTaskSetSchema, MAX_BENCH_RUNS } from "./bench-profile.ts";

/**
 * `bench-order+jwt` [ours]: a person orders a run of a benchmark. The profile's digest, and with it that of the task set, is in
 * the log before anything runs; so are the ids of all runs, in their seeded order (`bench-plan.ts`), so that none can be left
 * out of a result.
 */
export const benchOrderClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  profile: benchProfileSchema,
  hash: digestSchema,
  /** The agent that is measured, by the id behind its ids in workflows (`standing.ts`); `…/agents`: all that take part. */
  subject: uriSchema,
  wids: z.array(uuidSchema).min(3).max(MAX_BENCH_RUNS),
  /** Absent where it is secret until the end (BEH-S5). */
  task_set: benchTaskSetSchema.optional(),
  reason: z.string().trim().min(1).max(2000),
  role: z.literal("operator"),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
});
export type BenchOrderClaims = z.infer<typeof benchOrderClaimsSchema>;

export const BENCH_ORDER_TYPE: TokenType<BenchOrderClaims> = messageType(
  "bench-order+jwt",
  benchOrderClaimsSchema,
  300,
);

/** Id that stands for all agents of a task set. */
export const allAgents = (trustDomain: string): string => `spiffe://${trustDomain}/agents`;
