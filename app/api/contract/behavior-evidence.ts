import * as z from "zod";
import { OBSERVERS, tokenRefSchema, windowSchema } from "../../protocol/behavior/evidence.ts";
import { CIRCUIT_STATES } from "../../protocol/cascade/claims.ts";
import { digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { verdictSchema } from "./behavior-verdict.ts";

/** One token of evidence or result, as the log has it, and what its verification says now (INV-4). */
export const evidenceRowSchema = z.object({
  typ: z.enum(["bet", "ear"]),
  jti: uuidSchema,
  hash: digestSchema,
  iss: uriSchema,
  observer: z.enum(OBSERVERS).nullable(),
  wid: uuidSchema.nullable(),
  window: windowSchema.nullable(),
  samples: z.int().nullable(),
  compliance: z.number().min(0).max(1).nullable(),
  drift: z.number().min(0).max(1).nullable(),
  violations: z.int().nonnegative(),
  /** Of evidence, the link to the one before; whether that is the one this log has. */
  prev: tokenRefSchema.nullable(),
  chain: z.enum(["first", "linked", "gap"]).nullable(),
  /** Of a result, the evidence it rests on. */
  bets: z.array(tokenRefSchema),
  verdict: verdictSchema.nullable(),
  status: z.enum(["none", "affirming", "warning", "contraindicated"]).nullable(),
  /** What B1 said of it: null for taken, else the code and why. */
  problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
  seq: z.int(),
  at: z.int(),
});
export type EvidenceRow = z.infer<typeof evidenceRowSchema>;

export const reachSchema = z.object({
  wid: uuidSchema,
  agent: uriSchema,
  /** Untrusted text. */
  runName: z.string().nullable(),
  status: z.enum(["running", "stopped", "finished"]),
  /** What it has begun, which ends as it ends: a quarantine stops nothing that is under way. */
  tasks: z.array(
    z.object({ task: uuidSchema, taskName: z.string().nullable(), action: z.string(), status: z.string() }),
  ),
  /** Open until `until`, or ended: by the quarantine where `cut`. */
  lease: z.object({ jti: uuidSchema, until: z.int(), open: z.boolean(), cut: z.boolean() }).nullable(),
  /** Toward it, with what holds them. */
  breakers: z.array(
    z.object({
      id: z.string(),
      caller: uriSchema,
      group: z.string(),
      state: z.enum(CIRCUIT_STATES),
      /** Held open by the quarantine until its release. */
      held: z.boolean(),
      seq: z.int().nullable(),
    }),
  ),
});
export type QuarantineReach = z.infer<typeof reachSchema>;
