import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";

/** Failure signal, circuit state, and the configuration of breakers and failure domains (cascade.md section b). */
export const FAILURE_CLASSES = [
  "error",
  "timeout",
  "overload",
  "policy",
  "behavior",
  "data",
  "dependency",
  "security",
  "crash",
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

const codeSchema = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "a machine code");

export const failureSignalClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema,
    /** The failing agent. */
    subject: uriSchema,
    task: uuidSchema.optional(),
    class: z.enum(FAILURE_CLASSES),
    code: codeSchema,
    transient: z.boolean(),
    severity: z.int().min(1).max(5),
    origin: z.boolean(),
    /** Upstream failure signals; a signal that is not the origin names at least one. */
    cause: z.array(uuidSchema).max(64).optional(),
    impact: z.object({ tasks: z.int().nonnegative(), agents: z.int().nonnegative() }).optional(),
    evidence: z
      .array(z.object({ typ: z.string().min(1).max(64), id: z.string().min(1).max(256), hash: digestSchema }))
      .max(32)
      .optional(),
    retry_after_s: z.int().nonnegative().optional(),
  })
  .refine(({ origin, cause = [] }) => origin || cause.length > 0, {
    path: ["cause"],
    message: "a failure with an upstream cause names it",
  });
export type FailureSignalClaims = z.infer<typeof failureSignalClaimsSchema>;

export const CIRCUIT_STATES = ["closed", "open", "half_open", "forced_open", "isolated"] as const;
export type CircuitStateName = (typeof CIRCUIT_STATES)[number];

/** `flapping` is CAS-S7's, the others are the table's. */
export const CIRCUIT_REASONS = [
  "failure_rate",
  "slow_rate",
  "consecutive",
  "failure_signal",
  "behavior",
  "override",
  "cascade",
  "probe_ok",
  "probe_failed",
  "timer",
  "operator",
  "flapping",
] as const;
export type CircuitReason = (typeof CIRCUIT_REASONS)[number];

const breakerIdSchema = z.string().min(1).max(2200);

export const circuitStateClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  breaker_id: breakerIdSchema,
  callee: uriSchema,
  state: z.enum(CIRCUIT_STATES),
  since: timeSchema,
  until: timeSchema.optional(),
  reason: z.enum(CIRCUIT_REASONS),
  stats: z.object({
    calls: z.int().nonnegative(),
    failures: z.int().nonnegative(),
    slow: z.int().nonnegative(),
    window_s: z.number().positive(),
  }),
  seq: z.int().nonnegative(),
});
export type CircuitStateClaims = z.infer<typeof circuitStateClaimsSchema>;

/** A share above nothing: a threshold of 0 would trip on success. */
const shareSchema = z.number().gt(0).max(1);

/** CAS-22: the defaults are those of cascade.md (b). Without `breaker_id`, which names one breaker, not a configuration. */
export const breakerConfigSchema = z
  .strictObject({
    window_s: z.int().min(1).max(86_400).default(60),
    min_calls: z.int().min(1).default(10),
    failure_rate: shareSchema.default(0.5),
    slow_ms: z.int().min(1).default(5000),
    slow_rate: shareSchema.default(0.8),
    consecutive: z.int().min(1).default(5),
    open_s: z.int().min(1).default(30),
    backoff: z.number().min(1).max(100).default(2),
    open_max_s: z.int().min(1).default(900),
    probes: z.int().min(1).max(1000).default(3),
    probe_success: z.int().min(1).max(1000).default(3),
    probe_timeout_s: z.int().min(1).default(30),
    count_classes: z
      .array(z.enum(FAILURE_CLASSES))
      .default(() => FAILURE_CLASSES.filter((failure) => failure !== "policy")),
  })
  .refine(({ probes, probe_success }) => probe_success <= probes, {
    path: ["probe_success"],
    message: "more successes than probes: the breaker could never close",
  })
  .refine(({ open_s, open_max_s }) => open_s <= open_max_s, {
    path: ["open_max_s"],
    message: "shorter than the first open period",
  });
export type BreakerConfig = z.infer<typeof breakerConfigSchema>;

/** Bulkhead of a failure domain. Bounds have no defaults in cascade.md: an unbounded domain is no bulkhead (CAS-6). */
export const failureDomainSchema = z
  .strictObject({
    domain_id: z.string().min(1).max(253),
    members: z.array(uriSchema).max(100_000),
    parent: z.string().min(1).max(253).optional(),
    max_concurrency: z.int().min(1),
    queue_max: z.int().nonnegative(),
    queue_timeout_ms: z.int().min(1),
    budget: z.strictObject({ retries_ratio: z.number().min(0).max(1).default(0.1) }).prefault({}),
    on_breach: z.enum(["shed", "queue", "isolate"]),
    border_breakers: z.array(breakerIdSchema),
  })
  .refine(({ members }) => new Set(members).size === members.length, { path: ["members"], message: "each agent once" })
  .refine(({ domain_id, parent }) => domain_id !== parent, { path: ["parent"], message: "a domain is not its own" });
export type FailureDomainConfig = z.infer<typeof failureDomainSchema>;

export const CASCADE_ACTIONS = ["observe", "contain", "isolate_domain", "halt_workflow"] as const;
export type CascadeAction = (typeof CASCADE_ACTIONS)[number];

/** Body of the ECT `cascade_alert`; `root.why` is CAS-9's reason for the suspicion. */
export const cascadeAlertSchema = z.object({
  cascade_id: uuidSchema,
  wid: uuidSchema.optional(),
  root: z.object({
    agent: uriSchema,
    jti: uuidSchema.optional(),
    why: z.object({ without_cause: z.boolean(), failed_at: timeSchema, descendants: z.int().nonnegative() }),
  }),
  agents: z.array(uriSchema).min(1),
  edges: z.array(z.tuple([uriSchema, uriSchema])),
  first_at: timeSchema,
  last_at: timeSchema,
  rate_per_s: z.number().nonnegative(),
  depth: z.int().nonnegative(),
  confidence: z.number().min(0).max(1),
  action: z.enum(CASCADE_ACTIONS),
});
export type CascadeAlert = z.infer<typeof cascadeAlertSchema>;
