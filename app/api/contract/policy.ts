import * as z from "zod";
import { acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { intentClaimsSchema } from "../../protocol/ect/claims.ts";
import { compactSchema, digestSchema, uriSchema, uuidSchema } from "../../protocol/jose/formats.ts";
import { operation, pastInput, positionSchema, verificationStepSchema } from "./common.ts";

/** Differences a replay names at most; there may be more, and their number is always told. */
export const MAX_DIFFERENCES = 500;
/** Actions of a run that are suggested for trying, at most. */
export const MAX_KNOWN_ACTIONS = 500;

const policyRowSchema = z.object({
  jti: uuidSchema,
  hash: digestSchema,
  wid: uuidSchema,
  /** Entry of the token. */
  seq: z.int().nonnegative(),
  iss: uriSchema,
  sub: uriSchema,
  iat: z.int(),
  exp: z.int(),
  /** The policy it was derived from. */
  parent: uuidSchema.nullable(),
  /** Whether the workflow's actions are decided by it, as its policy or as one derived from that. */
  inForce: z.boolean(),
  /** Who took it, or the policy it was derived from, out of force (ACP-19). */
  revoked: z.object({ jti: uuidSchema, by: uriSchema, at: z.int(), reason: z.string(), seq: z.int() }).nullable(),
  /** The policy that took its place while its workflow ran, and the one whose place it took. */
  replacedBy: uuidSchema.nullable(),
  replaces: uuidSchema.nullable(),
  /** The workflow it is for, once it was started; the name is of the recording, untrusted. */
  workflow: z.object({ status: z.enum(["running", "stopped", "finished"]), runName: z.string() }).nullable(),
  nodes: z.int(),
  rules: z.int(),
});
export type PolicyRow = z.infer<typeof policyRowSchema>;

/** What a node has used up, by the permissions in the log. */
const nodeUsageSchema = z.object({
  calls: z.int().nonnegative(),
  callsLastMinute: z.int().nonnegative(),
  /** Decimal strings by currency. */
  cost: z.record(z.string(), z.string()),
  tokens: z.number().nonnegative(),
  durationS: z.number().nonnegative(),
});

/** A limit in force at a node: its own or an ancestor's (P1 step 7). */
const effectiveConstraintSchema = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]),
  /** Node id; several, in order, where only together they say it. */
  setBy: z.string(),
  /** What is used up of it, in its own unit; null where it is no quantity or nothing is counted. */
  used: z.string().nullable(),
  /** Share of it that is used up, 1 for all of it. */
  share: z.number().nonnegative().nullable(),
});

const policyNodeSchema = z.object({
  id: z.string(),
  constraints: z.array(effectiveConstraintSchema),
  /** Null where the policy is not in force, so that nothing is counted against it. */
  usage: nodeUsageSchema.nullable(),
});
export type PolicyNode = z.infer<typeof policyNodeSchema>;

/** What an agent intends, as its `intent+jwt` states it; what is absent is not stated. */
const intendedActionSchema = z.object({
  agent: z.string().min(1).max(1024),
  execAct: z.string().min(1).max(256),
  target: z.string().max(1024).optional(),
  needs: intentClaimsSchema.shape.needs,
});
export type IntendedActionInput = z.infer<typeof intendedActionSchema>;

const effectSchema = z.enum(["allow", "gate", "abort", "refuse"]);
export type Effect = z.infer<typeof effectSchema>;
const roleApprovalsSchema = z.object({ role: z.string(), approvals: z.int() });

const actionDecisionSchema = z.object({
  effect: effectSchema,
  code: z.enum(["acp_action_denied", "acp_constraint_violated", "hitl_abort"]).nullable(),
  constraint: z.string().nullable(),
  node: z.string().nullable(),
  ruleIds: z.array(z.string()),
  strongest: z.enum(["abort", "pause", "escalate", "approve", "notify"]).nullable(),
  roles: z.array(roleApprovalsSchema),
  timeoutS: z.int().nullable(),
  /** In the order of evaluation (ACP-20). The words are ours; names in them come from the token. */
  reasons: z.array(
    z.object({
      step: z.enum(["action", "constraint", "rule"]),
      subject: z.string(),
      result: z.enum(["passed", "failed", "matched", "not_matched"]),
      detail: z.string(),
      ratio: z.number().optional(),
    }),
  ),
});
export type ActionDecision = z.infer<typeof actionDecisionSchema>;

/** One decision, as far as it can differ: what happens, and who is asked. */
const outcomeSchema = z.object({
  effect: effectSchema,
  code: z.string().nullable(),
  constraint: z.string().nullable(),
  ruleIds: z.array(z.string()),
  roles: z.array(roleApprovalsSchema),
  timeoutS: z.int().nullable(),
});
export type ReplayOutcome = z.infer<typeof outcomeSchema>;

const differenceSchema = z.object({
  /** Entry of the intent. */
  seq: z.int().nonnegative(),
  wid: uuidSchema,
  agent: z.string(),
  execAct: z.string(),
  /** The recorded task's name, when known: untrusted text. */
  taskName: z.string().nullable(),
  before: outcomeSchema,
  after: outcomeSchema,
  /** The reason that decides now. */
  reason: z.string(),
});
export type ReplayDifference = z.infer<typeof differenceSchema>;

const countsSchema = z.object({ allow: z.int(), gate: z.int(), abort: z.int(), refuse: z.int() });

/** Leave given in advance: what for, how much of it is left, and whether it still holds. */
const grantRowSchema = z.object({
  jti: uuidSchema,
  hash: digestSchema,
  seq: z.int(),
  by: uriSchema,
  at: z.int(),
  /** Epoch seconds. */
  until: z.int(),
  wid: uuidSchema,
  runName: z.string(),
  policy: uuidSchema,
  agent: uriSchema,
  execAct: z.string(),
  ruleIds: z.array(z.string()),
  role: z.string(),
  resources: z.array(z.string()).nullable(),
  uses: z.int(),
  maxUses: z.int(),
  reason: z.string(),
  /** `in_force` `used_up` `expired` `revoked` `void`: under a policy that is not in force any more. */
  state: z.enum(["in_force", "used_up", "expired", "revoked", "void"]),
  revoked: z.object({ by: uriSchema, at: z.int(), reason: z.string(), seq: z.int() }).nullable(),
});
export type GrantRow = z.infer<typeof grantRowSchema>;

/** Claims that are not signed yet. They are checked by P1 and refused with its codes, so their shape is not judged here. */
const draftSchema = z.looseObject({});

export const policyContract = {
  /** Every policy in the log, newest first. */
  list: operation
    .route({ method: "GET", path: "/policies" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, policies: z.array(policyRowSchema) })),
  /** One policy: its claims, its verification, the limits in force at each node and what is used up of them. */
  get: operation
    .route({ method: "GET", path: "/policies/{jti}" })
    .input(pastInput.extend({ jti: uuidSchema }))
    .output(
      z.object({
        position: positionSchema,
        policy: policyRowSchema,
        claims: acpClaimsSchema,
        /** Common verification of the token, recomputed. */
        steps: z.array(verificationStepSchema),
        /** P1 and ACP-15 on the claims, recomputed. */
        acceptance: z.object({ accepted: z.boolean(), code: z.string().nullable(), detail: z.string().nullable() }),
        nodes: z.array(policyNodeSchema),
        /** What the agents of its run do in the recording. */
        actions: z.array(z.object({ agent: uriSchema, execAct: z.string(), tasks: z.int() })),
      }),
    ),
  /** Takes a policy, and all derived from it, out of force (ACP-19): a compact `acp-revocation+jwt` signed by the operator. */
  revoke: operation
    .route({ method: "POST", path: "/policies/revocations" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), jti: uuidSchema })),
  /**
   * Puts another policy in the place of the one a running workflow is under: a compact `acp+jwt` that names it in `replaces`.
   * What had not happened is asked for anew under it. `interrupted` is how many tasks that is.
   */
  replace: operation
    .route({ method: "POST", path: "/policies/replacements" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), jti: uuidSchema, interrupted: z.int() })),
  /** Standing grants, in force first, then the newest. */
  grants: operation
    .route({ method: "GET", path: "/grants" })
    .input(pastInput.optional())
    .output(z.object({ position: positionSchema, grants: z.array(grantRowSchema) })),
  /** Gives leave in advance for the next actions of one kind: a compact `standing-grant+jwt`. */
  grant: operation
    .route({ method: "POST", path: "/grants" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), jti: uuidSchema })),
  /** Ends a standing grant before its next use: a compact `grant-revocation+jwt`. */
  revokeGrant: operation
    .route({ method: "POST", path: "/grants/revocations" })
    .input(z.object({ token: compactSchema }))
    .output(z.object({ seq: z.int(), jti: uuidSchema })),
  /** Try it: how an action would be decided now (P2 steps 1 to 3), under an issued policy or under a draft. Records nothing. */
  decide: operation
    .route({ method: "POST", path: "/policies/decide" })
    .input(
      z.object({
        policy: z.union([z.object({ jti: uuidSchema }), z.object({ claims: draftSchema })]),
        action: intendedActionSchema,
        /** `live`: on top of what the policy's workflow has used up so far. */
        usage: z.enum(["live", "none"]).default("live"),
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        decision: actionDecisionSchema,
        /** What was used up of the deciding node before; null when no node decides. */
        usage: nodeUsageSchema.nullable(),
      }),
    ),
  /**
   * Replay it: every intent in the log decided anew under a draft, in order, with usage counted from the replay's own
   * permissions. Records nothing.
   */
  replay: operation
    .route({ method: "POST", path: "/policies/replay" })
    .input(
      z.object({
        claims: draftSchema,
        /** One workflow; all of them when absent, as if the draft had been issued for each. */
        wid: uuidSchema.optional(),
        limit: z.int().min(1).max(MAX_DIFFERENCES).default(100),
      }),
    )
    .output(
      z.object({
        position: positionSchema,
        /** Intents in the log, and those among them that a policy had decided about. */
        intents: z.int(),
        decided: z.int(),
        before: countsSchema,
        after: countsSchema,
        /** Actions that would be decided differently: how many, and the first of them. */
        total: z.int(),
        differences: z.array(differenceSchema),
        tookMs: z.number(),
      }),
    ),
};
