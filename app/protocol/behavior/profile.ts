import * as z from "zod";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { metricSchema, QUANTITIES } from "./metrics.ts";
import { pointerSchema } from "./named-values.ts";

/** An exact name, or a prefix ending in `*` (as in acp-dag-hitl.md). */
const patternSchema = z.string().min(1).max(256);
const slugSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits, hyphens");
export const severitySchema = z.int().min(1).max(5);

/**
 * What one side of a sequence rule matches: the action, and [ours] what it touches. Members that are given must all match;
 * where a task does not state what it touches, that member matches (what is not known is not taken as harmless).
 */
export const actionMatchSchema = z.union([
  patternSchema,
  z.strictObject({
    act: patternSchema.optional(),
    /** A class of data it reads or writes. */
    data: z.string().min(1).max(64).optional(),
    /** A resource or a trust domain it reaches. */
    to: patternSchema.optional(),
  }),
]);
export type ActionMatch = z.infer<typeof actionMatchSchema>;

export const sequenceRuleSchema = z
  .strictObject({
    id: slugSchema,
    kind: z.enum(["must_precede", "must_follow", "never_after"]),
    a: actionMatchSchema,
    b: actionMatchSchema,
    /** Seconds: needed by `must_follow`, and [ours] how long after an A a `never_after` holds; without it, for good. */
    within_s: z.int().min(1).max(86_400).optional(),
    /**
     * It holds between an A and a B about the same thing only [ours, BEH-63]: the argument of each that says which, by JSON
     * pointer. Equal is equal in value and kind.
     */
    same: z.strictObject({ a: pointerSchema, b: pointerSchema }).optional(),
    severity: severitySchema,
  })
  .refine(({ kind, within_s }) => kind !== "must_follow" || within_s !== undefined, {
    path: ["within_s"],
    message: "what must follow needs a time within which",
  })
  .refine(({ kind, within_s }) => kind !== "must_precede" || within_s === undefined, {
    path: ["within_s"],
    message: "what must come before has no time",
  });
export type SequenceRule = z.infer<typeof sequenceRuleSchema>;

export const limitRuleSchema = z.strictObject({
  id: slugSchema,
  metric: z.union([metricSchema, z.enum(QUANTITIES)]),
  op: z.enum(["<=", ">=", "<", ">"]),
  value: z.number(),
  severity: severitySchema,
});
export type LimitRule = z.infer<typeof limitRuleSchema>;

const shareSchema = z.number().min(0).max(1);

/** Reference distribution for drift (B3). */
export const baselineSchema = z.strictObject({
  action_freq: z
    .record(patternSchema, shareSchema)
    .refine((shares) => Math.abs(Object.values(shares).reduce((sum, share) => sum + share, 0) - 1) <= 0.001, {
      message: "probabilities that sum to 1",
    }),
  numeric: z.partialRecord(metricSchema, z.strictObject({ mean: z.number(), sd: z.number().positive() })).optional(),
  /**
   * How firmly one workflow keeps to these shares, as the number of tasks they weigh beside its own [ours, BEH-38]: the
   * concentration of a Dirichlet distribution. Absent: exactly.
   */
  strength: z.number().positive().optional(),
  /** Its actions come in bursts or phases: no sequential test is run, for its rate would not hold [ours, BEH-38]. */
  bursts: z.literal(true).optional(),
});
export type Baseline = z.infer<typeof baselineSchema>;

export const thresholdsSchema = z
  .strictObject({ warn: shareSchema, fail: shareSchema, drift_warn: shareSchema, drift_fail: shareSchema })
  .refine(({ warn, fail }) => warn < fail, { path: ["fail"], message: "above `warn`" })
  .refine(({ drift_warn, drift_fail }) => drift_warn < drift_fail, {
    path: ["drift_fail"],
    message: "above `drift_warn`",
  });

/** Rule ids of ours, for what a profile says without a rule of its own (BEH-30) [ours]. No rule of a profile has one. */
export const ACTION_RULES = { forbidden: "action-forbidden", notAllowed: "action-not-allowed" } as const;

/** What an agent may be expected to do (behavior.md section b), without its own digest. */
export const profileBodySchema = z
  .strictObject({
    profile_id: slugSchema,
    version: z.int().positive(),
    owner: uriSchema,
    /** Agent ids, of one workflow or of any (`standing.ts`). */
    applies_to: z.array(z.string().min(3).max(1024)).min(1).max(64),
    policy: z.strictObject({ jti: uuidSchema.optional(), hash: digestSchema }).optional(),
    allowed_actions: z.array(patternSchema).min(1).max(256),
    forbidden_actions: z.array(patternSchema).max(256).optional(),
    sequences: z.array(sequenceRuleSchema).max(64).optional(),
    limits: z.array(limitRuleSchema).max(64).optional(),
    baseline: baselineSchema.optional(),
    window_s: z.int().min(60).max(86_400),
    min_samples: z.int().positive(),
    thresholds: thresholdsSchema,
    /** How strictly it is observed (BEH-4, BEH-8) [ours member; profiles draft:kin]. */
    assurance: z.enum(["relaxed", "standard", "regulated"]),
    not_after: timeSchema.optional(),
  })
  .refine(
    ({ sequences = [], limits = [] }) => {
      const ids = [...sequences, ...limits].map(({ id }) => id);
      return new Set([...ids, ...Object.values(ACTION_RULES)]).size === ids.length + 2;
    },
    { path: ["sequences"], message: "each rule has an id of its own" },
  );
export type ProfileBody = z.infer<typeof profileBodySchema>;

/** Which profile, and exactly which text of it, evidence and results are about (BEH-5). */
export const profileRefSchema = z.strictObject({
  profile_id: slugSchema,
  version: z.int().positive(),
  hash: digestSchema,
});
export type ProfileRef = z.infer<typeof profileRefSchema>;

/** Object digest of a profile. */
export function profileHash(profile: ProfileBody, sha256: Sha256): string {
  // Its schema holds JSON only, which optional members hide from the type.
  const digest = objectDigest(JSON.parse(JSON.stringify(profile)) as Json, sha256);
  return digest.ok ? digest.value : "";
}

/** `behavior-profile+jwt` [ours]: a person who may puts a version of a profile in force (BEH-5, BEH-S3). */
export const behaviorProfileClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  profile: profileBodySchema,
  hash: digestSchema,
  reason: z.string().trim().min(1).max(2000),
  role: z.enum(["duty_manager", "safety_officer"]),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
});
export type BehaviorProfileClaims = z.infer<typeof behaviorProfileClaimsSchema>;

export const BEHAVIOR_PROFILE_TYPE: TokenType<BehaviorProfileClaims> = messageType(
  "behavior-profile+jwt",
  behaviorProfileClaimsSchema,
  300,
);
