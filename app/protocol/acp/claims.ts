import * as z from "zod";
import type { Json } from "../../base/json.ts";
import { domainSetupSchema } from "../cascade/domain-setup.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { touchSchema } from "./touch.ts";

/** Any JSON value, typed as what may not be changed. */
const jsonSchema: z.ZodType<Json> = z.json();

/** Agent context policy: `acp+jwt`, `hitl-request+jwt`, `hitl-decision+jwt` (acp-dag-hitl.md section b). */

export const consequenceSchema = z.enum(["none", "reversible", "irreversible"]);
export type Consequence = z.infer<typeof consequenceSchema>;

const PATTERN = /^[^*]*\*?$/;
const actionPatternSchema = z.string().min(1).max(65).regex(PATTERN, "one trailing * at most");
const resourcePatternSchema = z.string().min(1).max(1024).regex(PATTERN, "one trailing * at most");
/** An agent, or all whose ids begin with a path: a prefix that ends within a name would take in other names and domains. */
const agentPatternSchema = z
  .string()
  .max(1024)
  .regex(
    /^[A-Za-z][A-Za-z0-9+.-]*:([^\s*]+|\/\/[^\s*/]+\/([^\s*]+\/)?\*)$/,
    "an absolute URI, or scheme://domain/path/ and one *",
  );
const decimalSchema = z.string().regex(/^(0|[1-9]\d{0,17})(\.\d{1,12})?$/);

/** Constraints that are used up, of which a rule may name a share. */
const LIMIT_NAMES = ["max_calls", "rate_per_min", "max_cost", "max_tokens", "max_duration_s"] as const;
/** behavior.md section (b). */
export const VERDICTS = ["conformant", "drifting", "nonconformant", "insufficient", "unverifiable"] as const;

/** Unknown names are fatal (ACP-9): strict object. */
export const constraintsSchema = z.strictObject({
  not_before: timeSchema.optional(),
  not_after: timeSchema.optional(),
  max_calls: z.int().nonnegative().optional(),
  rate_per_min: z.number().positive().optional(),
  max_cost: decimalSchema.optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  max_tokens: z.int().nonnegative().optional(),
  max_duration_s: z.int().nonnegative().optional(),
  resources: z.array(resourcePatternSchema).optional(),
  data_classes: z.array(z.string()).optional(),
  protocols: z.array(z.enum(["a2a", "mcp", "http"])).optional(),
  min_level: z.int().min(1).max(3).optional(),
  min_trust: z.number().min(0).max(1).optional(),
  domains: z.array(z.string()).optional(),
  require_checkpoint: z.boolean().optional(),
});

export const acpNodeSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,32}$/),
  agent: agentPatternSchema,
  actions: z.array(actionPatternSchema),
  constraints: constraintsSchema.optional(),
  delegable: z.boolean().optional(),
  consequence: consequenceSchema.optional(),
});

export const acpEdgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.enum(["delegates", "precedes"]),
  actions: z.array(actionPatternSchema).optional(),
});

export const triggerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("action"), patterns: z.array(actionPatternSchema).min(1) }),
  z.strictObject({ kind: z.literal("consequence"), at_least: consequenceSchema }),
  z.strictObject({ kind: z.literal("risk"), min: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal("confidence"), below: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal("limit"), constraint: z.enum(LIMIT_NAMES), ratio: z.number().positive() }),
  z.strictObject({ kind: z.literal("resource"), patterns: z.array(resourcePatternSchema).min(1) }),
  z.strictObject({ kind: z.literal("domain"), external: z.literal(true) }),
  z.strictObject({ kind: z.literal("behavior"), verdict_in: z.array(z.enum(VERDICTS)).min(1) }),
  z.strictObject({ kind: z.literal("cascade"), state_in: z.array(z.enum(["open", "half_open"])).min(1) }),
  z.strictObject({
    kind: z.literal("consensus"),
    outcome_in: z.array(z.enum(["no_quorum", "rejected", "deadlock"])).min(1),
  }),
  z.strictObject({ kind: z.literal("always") }),
]);
export type Trigger = z.infer<typeof triggerSchema>;

export const hitlRuleSchema = z.object({
  id: z.string().min(1).max(64),
  trigger: triggerSchema,
  role: z.string().min(1).max(64),
  action: z.enum(["abort", "pause", "escalate", "approve", "notify"]),
  approvals: z.int().min(1).max(5).default(1),
  distinct_from_requester: z.boolean().default(true),
  timeout_s: z.int().min(5).max(86_400).default(900),
  on_timeout: z.enum(["deny", "abort", "escalate", "allow"]).optional(),
  reason_required: z.boolean().default(true),
  explain: z.boolean().default(true),
  /** One person may approve alone in an emergency, reviewed within a day; otherwise nobody may (D5, D6) [ours]. */
  break_glass: z.boolean().default(false),
  /** Whoever decides says what they think before they see the agent's words (F6) [ours]. */
  commit_first: z.boolean().default(false),
});
export type HitlRule = z.infer<typeof hitlRuleSchema>;

export const acpClaimsSchema = z.object({
  iss: uriSchema,
  sub: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  iat: timeSchema,
  nbf: timeSchema.optional(),
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  acp_ver: z.literal(1),
  parent: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
  /** The policy of a running workflow that this one takes the place of [ours]. */
  replaces: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
  act: z.object({ sub: z.string() }).loose().optional(),
  dag: z.object({
    root: z.string(),
    self: z.string(),
    nodes: z.array(acpNodeSchema).min(1).max(256),
    edges: z.array(acpEdgeSchema).max(1024),
    max_depth: z.int().min(0).max(16),
    max_fanout: z.int().min(1).max(64).default(16),
  }),
  hitl: z.object({
    rules: z.array(hitlRuleSchema).max(64),
    default_on_timeout: z.enum(["deny", "abort", "escalate", "allow"]),
    escalation: z.array(z.object({ role: z.string(), after_s: z.int().positive() })).optional(),
    contact: z.array(uriSchema).optional(),
  }),
  cnf: z.object({ jkt: digestSchema }).optional(),
  /** Failure domains of the workflow that it starts (cascade.md) [ours]. */
  failure_domains: z.array(domainSetupSchema).max(64).optional(),
});
/** An agent context policy token's claims after parsing (defaults filled in). */
export type AcpClaims = z.infer<typeof acpClaimsSchema>;
/** What an issuer writes. */
export type AcpClaimsInput = z.input<typeof acpClaimsSchema>;

export const hitlRequestClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  task: z.object({
    /** The task's own jti: the ECT it will issue [ours]. */
    jti: uuidSchema,
    exec_act: z.string().min(1),
    inp_hash: digestSchema,
    target: z.string().max(1024).optional(),
    args_hash: digestSchema.optional(),
    /** The arguments themselves, where the request offers to be modified: what is changed is compared with them [ours]. */
    args: z.record(z.string(), jsonSchema).optional(),
    pred: z.array(uuidSchema).max(100),
  }),
  acp: z.object({ jti: uuidSchema, hash: digestSchema }),
  rule_ids: z.array(z.string()).min(1),
  role: z.string().min(1),
  approvals: z.int().min(1).max(5),
  /** Where more than one role is asked: each needs its own approvals (ACP-23) [ours]. */
  roles: z
    .array(z.object({ role: z.string().min(1), approvals: z.int().min(1).max(5) }))
    .min(1)
    .max(64)
    .optional(),
  consequence: consequenceSchema,
  explanation: z.object({
    summary: z.string().max(2000),
    alternatives: z.array(z.string().max(500)).max(10),
    evidence: z.array(uuidSchema).max(32),
    confidence: z.number().min(0).max(1).nullable(),
  }),
  options: z.array(z.enum(["approve", "reject", "modify"])).min(1),
});
export type HitlRequestClaims = z.infer<typeof hitlRequestClaimsSchema>;

export const hitlDecisionClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  request: z.object({ jti: uuidSchema, hash: digestSchema }),
  outcome: z.enum(["approve", "reject", "modify", "abort", "escalate"]),
  role: z.string().min(1),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
  reason: z.string().max(2000).optional(),
  /** `args` are the arguments themselves, which the digest is of [ours]. */
  modified: z
    .object({
      args_hash: digestSchema,
      args: z.record(z.string(), jsonSchema),
      constraints: constraintsSchema.optional(),
    })
    .optional(),
  bind: z.object({ exec_act: z.string().min(1), inp_hash: digestSchema, args_hash: digestSchema.optional() }),
  /** C1: digest of exactly what the operator was shown, when it was shown [ours]. */
  view: z.object({ hash: digestSchema, shown_at: timeSchema }).optional(),
  /** That the person was there for exactly this decision (ACP-51) [ours]. */
  touch: touchSchema.optional(),
  /** One person instead of those the rule asks for (D6) [ours]. */
  break_glass: z.literal(true).optional(),
  /** What they thought before they saw the agent's words (F6) [ours]. */
  committed: z.object({ outcome: z.enum(["approve", "reject"]), at: timeSchema }).optional(),
});
export type HitlDecisionClaims = z.infer<typeof hitlDecisionClaimsSchema>;
