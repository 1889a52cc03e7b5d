import * as z from "zod";
import {
  consequenceSchema,
  hitlDecisionClaimsSchema,
  hitlRequestClaimsSchema,
  hitlRuleSchema,
} from "../../protocol/acp/claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { entryRowSchema, operation, positionSchema, verificationStepSchema } from "./common.ts";
import { blastSchema, evidenceSchema, lineageSchema, previousSchema, reachSchema } from "./gate-context.ts";

export const gateStateSchema = z.enum(["pending", "approved", "rejected", "aborted", "consumed", "expired"]);

export const gateRowSchema = z.object({
  request: uuidSchema,
  wid: uuidSchema,
  runName: z.string(),
  agent: uriSchema,
  action: z.string(),
  taskName: z.string(),
  taskIndex: z.int(),
  target: z.string().nullable(),
  consequence: consequenceSchema,
  state: gateStateSchema,
  role: z.string(),
  approvals: z.object({ given: z.int(), required: z.int() }),
  /** Each role needs its own approvals (ACP-28). */
  roles: z.array(z.object({ role: z.string(), given: z.int(), required: z.int() })),
  /** Roles asked besides by escalation: an approval in one of them stands in for a missing one (ACP-31). */
  escalated: z.array(z.string()),
  /** Who is escalated to next, if anybody. */
  escalatesTo: z.string().nullable(),
  /** Nobody answered in time. */
  timedOut: z.boolean(),
  openedAt: z.int(),
  /** Ms left by the host's monotonic timer at position.atMs (ACP-S6); null when no longer pending. */
  remainingMs: z.number().nullable(),
  timeoutS: z.int(),
  onTimeout: z.enum(["deny", "abort", "escalate", "allow"]),
  reasonRequired: z.boolean(),
  /** The rules that hold it: its cause. */
  ruleIds: z.array(z.string()),
  /** Equal for requests of the same agent and action, with arguments of the same shape: a digest. */
  likeness: z.string(),
  /** Null once it is settled, and where its run is not stored. */
  blast: blastSchema.nullable(),
});
export type GateRow = z.infer<typeof gateRowSchema>;

export const gateContract = {
  /** All requests, pending first by deadline. `state` filters. */
  queue: operation
    .route({ method: "GET", path: "/gates" })
    .input(z.object({ state: gateStateSchema.optional(), wid: uuidSchema.optional() }))
    .output(z.object({ position: positionSchema, rows: z.array(gateRowSchema), pending: z.int() })),
  request: operation
    .route({ method: "GET", path: "/gates/{request}" })
    .input(z.object({ request: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        row: gateRowSchema,
        /** The verified request, its digest (what a decision must name) and the entry. */
        claims: hitlRequestClaimsSchema,
        digest: digestSchema,
        seq: z.int(),
        steps: z.array(verificationStepSchema),
        /** The exact action: canonical JSON text of the arguments that will run, and its digest (= task.args_hash). */
        canonicalArgs: z.string(),
        argsHash: digestSchema,
        rules: z.array(hitlRuleSchema),
        /** The agent's own words: untrusted, plain text. */
        narrative: z.string().nullable(),
        predecessors: z.array(
          z.object({
            index: z.int(),
            name: z.string(),
            action: z.string(),
            agent: uriSchema,
            state: z.int(),
            jti: uuidSchema,
            seq: z.int().nullable(),
          }),
        ),
        /** What follows if approved: tasks that can only run after this one. */
        follows: z.object({ direct: z.int(), all: z.int(), names: z.array(z.string()) }),
        reach: reachSchema,
        /** Null where the policy is not in this log any more. */
        lineage: lineageSchema.nullable(),
        previous: previousSchema.nullable(),
        /** Of predecessors and of what the agent names, at most 64. */
        evidence: z.array(evidenceSchema),
        decisions: z.array(z.object({ claims: hitlDecisionClaimsSchema, seq: z.int() })),
        entries: z.array(entryRowSchema),
      }),
    ),
  /** Gives a decision: a compact `hitl-decision+jwt` signed by the operator (P3). */
  decide: operation
    .route({ method: "POST", path: "/gates/decisions" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), request: uuidSchema, state: gateStateSchema })),
};
