import * as z from "zod";
import { windowSchema } from "../../protocol/behavior/evidence.ts";
import { profileRefSchema } from "../../protocol/behavior/profile.ts";
import { uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { verdictSchema } from "./behavior-verdict.ts";

/** How what is said in a result of a benchmark holds against its profile, where this log has it; null where it has not. */
const heldSchema = z.object({ order: uuidSchema, problems: z.array(z.string()) }).nullable();

/** A result of another domain's verifier (BEH-27): what it asserts, verified as to who said it and when, and nothing else. */
export const assertedSchema = z.object({
  jti: uuidSchema,
  /** Whose word it is, and of which trust domain. */
  by: uriSchema,
  domain: z.string(),
  /** Of whom: of another trust domain, or all agents of one (`…/agents`). */
  subject: uriSchema,
  /** Issued, and taken into this log, epoch seconds; its entry. */
  issuedAt: z.int(),
  at: z.int(),
  seq: z.int(),
  said: z.discriminatedUnion("typ", [
    z.object({
      typ: z.literal("ear"),
      /** Epoch seconds after which nobody may rely on it (BEH-18). */
      until: z.int(),
      status: z.enum(["none", "affirming", "warning", "contraindicated"]),
      verdict: verdictSchema,
      compliance: z.number(),
      drift: z.number().nullable(),
      trust: z.number(),
      window: windowSchema,
      reasons: z.int().nonnegative(),
      profile: profileRefSchema,
    }),
    z.object({
      typ: z.literal("bench"),
      benchId: z.string(),
      version: z.int(),
      score: z.number(),
      runs: z.int(),
      environment: z.record(z.string(), z.string()),
      held: heldSchema,
    }),
  ]),
  /** The statement that pinned its verifier when it came, and how that stands now; what came before its end stays. */
  pin: z.object({
    jti: uuidSchema,
    seq: z.int(),
    by: uriSchema,
    until: z.int(),
    /** Entry of its end. */
    endedSeq: z.int().nullable(),
  }),
});
export type AssertedResult = z.infer<typeof assertedSchema>;

/** Told at most, newest first. */
export const MAX_ASSERTED = 200;
