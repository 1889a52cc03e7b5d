import * as z from "zod";
import { timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { tokenRefSchema, windowSchema } from "./evidence.ts";
import { profileRefSchema } from "./profile.ts";

/** Where an agent stands (behavior.md section c). `stale` is not known, and never shown as conformant (BEH-10). */
export const BEHAVIOR_STATES = [
  "unverified",
  "conformant",
  "drifting",
  "nonconformant",
  "stale",
  "quarantined",
] as const;
export type BehaviorStateName = (typeof BEHAVIOR_STATES)[number];

/** What one appraisal says. */
export const VERDICT_STATUS = {
  conformant: "affirming",
  drifting: "warning",
  nonconformant: "contraindicated",
  insufficient: "none",
  unverifiable: "none",
} as const;
export type Verdict = keyof typeof VERDICT_STATUS;
const verdictSchema = z.enum(["conformant", "drifting", "nonconformant", "insufficient", "unverifiable"]);

/** Why: a rule and the task that broke it (BEH-20). Reasons that are no rule have no task. */
export const reasonSchema = z.strictObject({
  rule_id: z.string().min(1).max(128),
  severity: z.int().min(1).max(5).optional(),
  jti: uuidSchema.optional(),
});
export type Reason = z.infer<typeof reasonSchema>;

const vectorSchema = z.partialRecord(
  z.enum([
    "instance-identity",
    "configuration",
    "executables",
    "file-system",
    "hardware",
    "runtime-opaque",
    "storage-opaque",
    "sourced-data",
  ]),
  z.int().min(-128).max(127),
);

export const behaviorExtensionSchema = z.strictObject({
  subject: uriSchema,
  profile: profileRefSchema,
  verdict: verdictSchema,
  compliance: z.number().min(0).max(1),
  drift: z.number().min(0).max(1).nullable(),
  /** After this appraisal, 0..1. */
  trust: z.number().min(0).max(1),
  bets: z.array(tokenRefSchema).max(64),
  window: windowSchema,
  reasons: z.array(reasonSchema).max(256),
});
export type BehaviorExtension = z.infer<typeof behaviorExtensionSchema>;

export const appraisalSchema = z.object({
  "ear.status": z.enum(["none", "affirming", "warning", "contraindicated"]),
  "ear.trustworthiness-vector": vectorSchema.optional(),
  "ear.appraisal-policy-id": z.string().max(256).optional(),
  "agent.behavior": behaviorExtensionSchema.optional(),
});

/** EAT attestation result, `ear+jwt` [neighbour draft-fv-rats-ear]; `agent.behavior` is our extension. */
export const earClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  eat_profile: z.literal("tag:github.com,2023:veraison/ear"),
  "ear.verifier-id": z.object({ developer: z.string().min(1).max(256), build: z.string().min(1).max(128) }),
  submods: z.record(z.string().min(1).max(128), appraisalSchema).refine((all) => Object.keys(all).length > 0, {
    message: "at least one appraisal",
  }),
  eat_nonce: z.string().min(12).max(88).optional(),
});
export type EarClaims = z.infer<typeof earClaimsSchema>;

/** BEH-18: an EAR lives an hour at most. */
export const EAR_TYPE: TokenType<EarClaims> = messageType("ear+jwt", earClaimsSchema, 3600);
