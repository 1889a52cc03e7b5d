import * as z from "zod";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { Refusal } from "../jose/refusal.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** Most steps of a plan [ours]: what one log domain may hold in one workflow. */
export const MAX_STEPS = 50_000;
/** Most steps a request carries itself: more would not fit a token (CTV 1). A longer plan goes beside it (COM-11). */
export const MAX_INLINE_STEPS = 32;

export const rollbackMethodSchema = z.enum(["restore", "compensate", "manual", "skip"]);
export type RollbackMethod = z.infer<typeof rollbackMethodSchema>;

/**
 * One step of a plan (cascade.md section b). `agent` is whom it is addressed to: the one that made the checkpoint, the
 * one that compensates, or another domain's gateway. `skip` with a `ckpt_id` is undone by the step that restores it.
 */
export const planStepSchema = z.object({
  n: z.int().positive(),
  task: uuidSchema,
  agent: uriSchema,
  method: rollbackMethodSchema,
  ckpt_id: uuidSchema.optional(),
  /** Gateway of the domain in whose log the task is: it has to take the step in before it counts (CAS-36) [ours]. */
  gateway: uriSchema.optional(),
  /** Steps that are over before this one begins: lower numbers, ascending. */
  depends_on: z.array(z.int().positive()),
});
export type PlanStep = z.infer<typeof planStepSchema>;

/** Steps numbered 1, 2, 3 … and each after what it depends on, so that a plan cannot be circular. */
export const planSchema = z
  .array(planStepSchema)
  .min(1)
  .max(MAX_STEPS)
  .refine((steps) => steps.every(({ n }, index) => n === index + 1), "steps are numbered from 1, without gaps")
  .refine(
    (steps) => steps.every(({ n, depends_on }) => depends_on.every((d, i, all) => d < n && d > (all[i - 1] ?? 0))),
    "a step depends on earlier ones, each named once",
  )
  .refine((steps) => new Set(steps.map(({ task }) => task)).size === steps.length, "a task is undone once");

/** Digest of the plan: what a human approves, and every participant compares before it does anything. */
export function planHash(plan: readonly PlanStep[], sha256: Sha256): Result<string, Refusal> {
  const value: Json = plan.map(({ ckpt_id, gateway, ...step }) => ({
    ...step,
    ...(ckpt_id === undefined ? {} : { ckpt_id }),
    ...(gateway === undefined ? {} : { gateway }),
  }));
  return objectDigest(value, sha256);
}

export const rollbackTargetSchema = z.object({ kind: z.enum(["checkpoint", "task", "workflow"]), id: uuidSchema });
export type RollbackTarget = z.infer<typeof rollbackTargetSchema>;

/** What allows a rollback: an override signal, a decision of a human, or a policy (C4 step 1). */
export const rollbackAuthoritySchema = z.object({
  typ: z.string().min(1).max(64),
  id: uuidSchema,
  hash: digestSchema,
});
export type RollbackAuthority = z.infer<typeof rollbackAuthoritySchema>;

export const rollbackRequestClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(100),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    rb_id: uuidSchema,
    wid: uuidSchema,
    target: rollbackTargetSchema,
    keep_target: z.boolean().default(false),
    phase: z.enum(["prepare", "execute", "abort", "confirm"]),
    plan_hash: digestSchema.optional(),
    plan: planSchema.max(MAX_INLINE_STEPS).optional(),
    /** Steps to do now, in `execute` [ours]. */
    steps: z.array(z.int().positive()).min(1).max(500).optional(),
    reason: z.string().min(1).max(2000),
    authority: rollbackAuthoritySchema,
    deadline: timeSchema,
    best_effort: z.boolean(),
    /** In a person's `confirm`: the number of what was shown to them (CAS-26) [ours]. */
    revision: z.int().nonnegative().optional(),
    /** Of a person: their authentication and role, as in an override [ours]. */
    auth_time: timeSchema.optional(),
    amr: z.array(z.string()).min(1).optional(),
    role: z.string().min(1).optional(),
  })
  .refine(({ phase, plan, plan_hash }) => plan_hash !== undefined || (phase === "prepare" && plan !== undefined), {
    path: ["plan_hash"],
    error: "from execute on, and where a plan is too long to be carried",
  })
  .refine(({ phase, plan }) => phase === "prepare" || plan === undefined, {
    path: ["plan"],
    error: "only prepare brings a plan",
  })
  .refine(({ phase, steps }) => (phase === "execute") === (steps !== undefined), {
    path: ["steps"],
    error: "execute names the steps to do now, nothing else does",
  })
  .refine(({ iat, deadline }) => deadline > iat, { path: ["deadline"], error: "after the request" });
export type RollbackRequestClaims = z.infer<typeof rollbackRequestClaimsSchema>;

export const rollbackStatusSchema = z.enum([
  "ready",
  "refused",
  "done",
  "partial",
  "failed",
  "irreversible",
  "timeout",
]);
export type RollbackStatus = z.infer<typeof rollbackStatusSchema>;

/** What stays changed, one sentence each (CAS-16). Agents' text: bounded, and never read as anything but text. */
export const residueSchema = z.array(z.string().min(1).max(500)).max(32);

/** Sender, recipients, times, `n`, `code` and `plan_hash` are [ours]; the rest is cascade.md section b. */
export const rollbackResultClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(16),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    rb_id: uuidSchema,
    phase: z.enum(["prepare", "execute", "abort", "confirm"]),
    plan_hash: digestSchema,
    n: z.int().positive().optional(),
    task: uuidSchema.optional(),
    status: rollbackStatusSchema,
    code: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/)
      .optional(),
    restored_hash: digestSchema.optional(),
    residue: residueSchema,
    compensation: uuidSchema.optional(),
  })
  .refine(({ phase, n, task }) => (phase === "execute") === (n !== undefined && task !== undefined), {
    path: ["n"],
    error: "the result of a step names it and its task, an answer to another phase does not",
  })
  .refine(
    ({ phase, status }) =>
      phase === "prepare"
        ? status === "ready" || status === "refused"
        : phase === "execute"
          ? status !== "ready" && status !== "refused"
          : status === "done" || status === "failed",
    { path: ["status"], error: "not an answer to this phase" },
  )
  .refine(({ status, residue }) => status !== "partial" || residue.length > 0, {
    path: ["residue"],
    error: "what is undone in part says what stays changed (CAS-16)",
  });
export type RollbackResultClaims = z.infer<typeof rollbackResultClaimsSchema>;

/** A request that travels is short-lived; what it began goes on by `rb_id` [ours]. */
const MAX_LIFETIME_S = 300;

export const ROLLBACK_REQUEST_TYPE: TokenType<RollbackRequestClaims> = messageType(
  "rollback-request+jwt",
  rollbackRequestClaimsSchema,
  MAX_LIFETIME_S,
);

export const ROLLBACK_RESULT_TYPE: TokenType<RollbackResultClaims> = messageType(
  "rollback-result+jwt",
  rollbackResultClaimsSchema,
  MAX_LIFETIME_S,
);
