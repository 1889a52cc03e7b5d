import * as z from "zod";
import { namedSchema } from "../behavior/named-values.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";

const recordMembers = {
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema.optional(),
  exec_act: z.string().min(1),
  pred: z.array(uuidSchema).max(100),
  inp_hash: digestSchema.optional(),
  out_hash: digestSchema.optional(),
  ect_ext: z.record(z.string(), z.json()).optional(),
};
const audienceSchema = z.union([uriSchema, z.array(uriSchema).min(1)]);

/** D2 step 12: predecessors are distinct and never the task itself. */
const distinctPred = (claims: { readonly jti: string; readonly pred: readonly string[] }): boolean =>
  new Set(claims.pred).size === claims.pred.length && !claims.pred.includes(claims.jti);
const DISTINCT = { path: ["pred"], error: "distinct tasks, none of them this one" };

/** Execution context token payload, -01 names (ect.md section b). `ect-token.ts` reads -00 and converts. */
export const ectClaimsSchema = z
  .object({ iss: uriSchema, aud: audienceSchema, ...recordMembers })
  .refine(distinctPred, DISTINCT);
export type EctClaims = z.infer<typeof ectClaimsSchema>;

/** The same record without a signature (L1): `iss` and `aud` may be absent (ECT-8). Every EctClaims is one. */
export const unsignedEctClaimsSchema = z
  .object({ iss: uriSchema.optional(), aud: audienceSchema.optional(), ...recordMembers })
  .refine(distinctPred, DISTINCT);
export type UnsignedEctClaims = z.infer<typeof unsignedEctClaimsSchema>;

/** Extension keys of ours: reverse-domain names (ECT-20). */
export const ECT_EXT = {
  /** `success` or `failure`: what the effect returned [ours]. */
  outcome: "org.signalbox.outcome",
  /** True when the task is a re-enactment of a recording, not new work [ours]. */
  reenactment: "org.signalbox.reenactment",
  /** Digest of the arguments, where an approval changed them [ours]. */
  args: "org.signalbox.args",
  /** True in a `run_start`: its agents act on resources that can be restored [ours]. */
  acts: "org.signalbox.acts",
  /** Digest of the resources a task wrote, as they were then [ours]. */
  written: "org.signalbox.written",
  /** Code of the reason why a task wrote nothing [ours]. */
  problem: "org.signalbox.problem",
} as const;

/**
 * Intent, `intent+jwt` [ours]: an agent asks the enforcement point for permission before a task (C8: the attempt).
 * `task` names the jti the ECT will carry.
 */
export const intentClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.union([uriSchema, z.array(uriSchema).min(1)]),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  task: uuidSchema,
  exec_act: z.string().min(1).max(256),
  pred: z.array(uuidSchema).max(100),
  inp_hash: digestSchema,
  args_hash: digestSchema,
  target: z.string().max(1024).optional(),
  acp: z.object({ jti: uuidSchema, hash: digestSchema }),
  /** What the action needs and touches, by the agent's own statement; absent is not stated (ECT-57, ACP P2) [ours]. */
  needs: z
    .object({
      cost: z
        .object({
          amount: z.string().regex(/^(0|[1-9]\d{0,17})(\.\d{1,12})?$/),
          currency: z.string().regex(/^[A-Z]{3}$/),
        })
        .optional(),
      tokens: z.int().nonnegative().optional(),
      duration_s: z.number().nonnegative().optional(),
      /** How often it was tried before: above 0 it is a retry (CAS-7). */
      attempt: z.int().nonnegative().optional(),
      resources: z.array(z.string().min(1).max(1024)).max(64).optional(),
      data_classes: z.array(z.string().min(1).max(64)).max(32).optional(),
      protocol: z.enum(["a2a", "mcp", "http"]).optional(),
      domains: z.array(z.string().min(1).max(253)).max(32).optional(),
      confidence: z.number().min(0).max(1).optional(),
      /** Which things it is about: names of the values of its arguments, by JSON pointer (BEH-63) [ours]. */
      named: namedSchema.optional(),
    })
    .optional(),
  /** How it can be undone, declared before it is done (CAS-10, CAS-11); absent is not declared [ours]. */
  undo: z
    .object({
      /** Whether it changes anything outside the log. */
      effect: z.boolean(),
      kind: z.enum(["automatic", "assisted", "impossible"]).optional(),
      /** Its agent can make it good afterwards, for so much. */
      compensation: z
        .object({
          cost: z
            .string()
            .regex(/^(0|[1-9]\d{0,17})(\.\d{1,12})?$/)
            .optional(),
        })
        .optional(),
      /** Who is affected beyond the agents: told where it stays changed (N13). */
      tell: z.array(z.string().min(1).max(256)).max(16).optional(),
    })
    .optional(),
});
export type IntentClaims = z.infer<typeof intentClaimsSchema>;

/**
 * Record, `record+jwt` [ours]: a fact of the enforcement point itself, signed by it and naming its cause (INV-1).
 * `cause.jti` is the token, `cause.timer` the local timer that led to it.
 */
export const recordKindSchema = z.enum([
  "permitted",
  "refused",
  "gate_required",
  "gate_timed_out",
  "gate_aborted",
  "gate_expired",
  "gate_escalated",
  "review_overdue",
  "effect_started",
  "effect_refused",
  "task_stopped",
  "agent_terminated",
  "override_ended",
  "override_escalated",
  "stop_due",
  "lease_ended",
  "link_lost",
  "link_returned",
  "cascade_alert",
  "domain_state",
  "queued",
  "domain_alert",
  "rollback_planned",
  "rollback_moved",
  "drill_scored",
  "self_tested",
  "bench_aborted",
  "behavior_appraised",
  "behavior_state",
  "behavior_refused",
  "crossing_answered",
  "finding_flagged",
  "run_finished",
]);
export type RecordKind = z.infer<typeof recordKindSchema>;

export const recordClaimsSchema = z.object({
  iss: uriSchema,
  iat: timeSchema,
  jti: uuidSchema,
  rec_ver: z.literal(1),
  kind: recordKindSchema,
  wid: uuidSchema.optional(),
  cause: z.union([z.object({ jti: uuidSchema }), z.object({ timer: z.string(), of: uuidSchema })]),
  /** Members per kind: `task`, `code`, `rule_ids`, `decision`, `agent`, `request`, `latency_ms`. */
  data: z.record(z.string(), z.json()),
});
export type RecordClaims = z.infer<typeof recordClaimsSchema>;
