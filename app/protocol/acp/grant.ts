import * as z from "zod";
import { uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { authenticationMembers, messageMembers, referenceSchema } from "./message-members.ts";

/** Longest life of a standing grant, seconds: one shift (A3). */
export const MAX_GRANT_LIFETIME_S = 28_800;
export const MAX_GRANT_USES = 100;

/**
 * `standing-grant+jwt` [ours]: an operator allows the next actions of one kind in advance: one agent, one action, under one
 * policy, so many times, until a time. It answers only rules it names, and nothing irreversible.
 */
export const standingGrantClaimsSchema = z.object({
  ...messageMembers,
  wid: uuidSchema,
  /** The policy it is under: with another version it is void. */
  acp: referenceSchema,
  agent: uriSchema,
  exec_act: z.string().min(1).max(256),
  /** Rules it answers; one more that matches, and a human is asked all the same. */
  rule_ids: z.array(z.string().min(1).max(64)).min(1).max(64),
  /** Everything the action touches must match one of these; absent: whatever the policy allows. */
  resources: z
    .array(
      z
        .string()
        .min(1)
        .max(1024)
        .regex(/^[^*]*\*?$/, "one trailing * at most"),
    )
    .min(1)
    .max(64)
    .optional(),
  max_uses: z.int().min(1).max(MAX_GRANT_USES),
  reason: z.string().min(1).max(2000),
  ...authenticationMembers,
});
export type StandingGrantClaims = z.infer<typeof standingGrantClaimsSchema>;

export const STANDING_GRANT_TYPE: TokenType<StandingGrantClaims> = messageType(
  "standing-grant+jwt",
  standingGrantClaimsSchema,
  MAX_GRANT_LIFETIME_S,
);

/** `grant-revocation+jwt` [ours]: a standing grant ends before its next use. */
export const grantRevocationClaimsSchema = z.object({
  ...messageMembers,
  grant: referenceSchema,
  reason: z.string().min(1).max(2000),
  ...authenticationMembers,
});
export type GrantRevocationClaims = z.infer<typeof grantRevocationClaimsSchema>;

export const GRANT_REVOCATION_TYPE: TokenType<GrantRevocationClaims> = messageType(
  "grant-revocation+jwt",
  grantRevocationClaimsSchema,
  300,
);
