import * as z from "zod";
import {
  consequenceSchema,
  constraintsSchema,
  hitlDecisionClaimsSchema,
  hitlRequestClaimsSchema,
  hitlRuleSchema,
} from "../../protocol/acp/claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { entryRowSchema, operation, pastInput, positionSchema, verificationStepSchema } from "./common.ts";
import { blastSchema, evidenceSchema, lineageSchema, previousSchema, reachSchema } from "./gate-context.ts";

export const gateStateSchema = z.enum([
  "pending",
  "approved",
  "rejected",
  "aborted",
  "consumed",
  "expired",
  "withdrawn",
]);

/** Somebody's hold on a request, until a time (epoch s). */
const holdSchema = z.object({ by: uriSchema, at: z.int(), until: z.int() });

/** One person approved alone, and what somebody else said of it afterwards. */
export const breakGlassSchema = z.object({
  by: uriSchema,
  decision: uuidSchema,
  at: z.int(),
  reason: z.string(),
  dueAt: z.int(),
  /** The day is over without a review. */
  overdue: z.boolean(),
  review: z
    .object({ by: uriSchema, at: z.int(), verdict: z.enum(["justified", "not_justified"]), reason: z.string() })
    .nullable(),
});
export type BreakGlass = z.infer<typeof breakGlassSchema>;

export const gateRowSchema = z.object({
  request: uuidSchema,
  /** Its entry: of two in the same second the lower came first. */
  seq: z.int(),
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
  /** Ms left by the host's monotonic timer at position.atMs (ACP-S6); null when no longer pending, and for the past. */
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
  /** Who has taken it up, while that lasts: a courtesy, never a lock. */
  claim: holdSchema.nullable(),
  /** Put away for everybody, while that lasts (A3). */
  shelf: holdSchema.extend({ reason: z.string() }).nullable(),
  /** Who has put it off for themselves, while that lasts. */
  deferrals: z.array(holdSchema),
  /** Its arguments may be approved narrower. */
  offersModify: z.boolean(),
  /** An approval changed its arguments or set limits for it. */
  modified: z.boolean(),
  /** Every rule that holds it lets one person approve alone in an emergency (D6). */
  breakGlassAllowed: z.boolean(),
  breakGlass: breakGlassSchema.nullable(),
  /** A rule asks for a verdict before the agent's words are seen (F6). */
  commitFirst: z.boolean(),
  /** A safety rule holds its agent: it is neither shelved (A3) nor folded away in a flood (A6). */
  stopClass: z.boolean(),
  /** A standing grant could answer for the next of its kind: one approval, nothing irreversible. */
  grantable: z.boolean(),
  withdrawn: z.enum(["answered_elsewhere", "cancelled", "not_needed"]).nullable(),
});
export type GateRow = z.infer<typeof gateRowSchema>;

export const gateContract = {
  /** All requests, pending first by deadline. `state` filters; `review` asks for those approved alone and not reviewed yet. */
  queue: operation
    .route({ method: "GET", path: "/gates" })
    .input(
      pastInput.extend({
        state: gateStateSchema.optional(),
        wid: uuidSchema.optional(),
        review: z.literal("due").optional(),
      }),
    )
    .output(z.object({ position: positionSchema, rows: z.array(gateRowSchema), pending: z.int() })),
  request: operation
    .route({ method: "GET", path: "/gates/{request}" })
    .input(pastInput.extend({ request: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        row: gateRowSchema,
        /** The verified request, its digest (what a decision must name) and the entry. */
        claims: hitlRequestClaimsSchema,
        digest: digestSchema,
        seq: z.int(),
        /** Its ECT in the DAG, which the ECT of a decision follows; null in logs from before there were any. */
        node: uuidSchema.nullable(),
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
        /** What operators said to the agent meanwhile. */
        responses: z.array(z.object({ by: uriSchema, text: z.string(), at: z.int(), seq: z.int() })),
        /** What may run in place of what was asked for, once an approval changed it. */
        modified: z
          .object({
            by: uriSchema,
            argsHash: digestSchema,
            canonicalArgs: z.string(),
            constraints: constraintsSchema,
            seq: z.int(),
          })
          .nullable(),
        decisions: z.array(
          z.object({
            claims: hitlDecisionClaimsSchema,
            seq: z.int(),
            /** How it is known that its person was there for it: their enrolled passkey signed it, or the console says so (ACP-51). */
            touch: z.enum(["verified", "asserted"]).nullable(),
          }),
        ),
        entries: z.array(entryRowSchema),
      }),
    ),
  /** Gives a decision: a compact `hitl-decision+jwt` and its ECT, both signed by the operator (P3, ACP-14). */
  decide: operation
    .route({ method: "POST", path: "/gates/decisions" })
    .input(
      z.object({
        token: compactSchema,
        node: compactSchema,
        /** What was shown, of the digest that the decision names: kept for evidence (XA-32), the log has only the digest. */
        view: z.json().optional(),
      }),
    )
    .output(z.object({ seq: z.int(), request: uuidSchema, state: gateStateSchema })),
  /** Claims, shelves, defers, takes back, or answers the agent: a compact `hitl-handling+jwt`. Decides nothing. */
  handle: operation
    .route({ method: "POST", path: "/gates/handling" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), request: uuidSchema })),
  /** Says whether an approval that one person gave alone was right: a compact `hitl-review+jwt` (D6). */
  review: operation
    .route({ method: "POST", path: "/gates/reviews" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), request: uuidSchema })),
};
