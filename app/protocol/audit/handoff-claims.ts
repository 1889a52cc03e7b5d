import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { borderVersionSchema } from "./border-policy.ts";
import { disclosureClaimSchema, domainNameSchema, regProfileSchema, vectorClockSchema } from "./stitch-claims.ts";

/** A handoff is taken within this time; a crossing nobody took within it is dangling (XDA-S1), seconds. */
export const HANDOFF_LIFETIME_S = 600;

/**
 * Handoff, `audit-handoff+jwt`: one domain's gateway hands a workflow's trail on to another's. `aud` is the receiving
 * gateway, and the sender's own log, which holds it too [ours].
 */
export const handoffClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).min(1).max(4),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  stitch_id: uuidSchema,
  from: domainNameSchema,
  to: domainNameSchema,
  /** The sender's last tasks, each by its id with the digest of its audit token, or as `named_by` says. */
  last: z
    .array(z.object({ jti: uuidSchema, hash: digestSchema }))
    .min(1)
    .max(100),
  /**
   * Names and digests in `last` and `acp` are those of this pair (X2): who has not the key of this id cannot compare them
   * (XDA-60) [ours].
   */
  named_by: z.object({ alg: z.literal("hmac-sha-256"), kid: digestSchema }).optional(),
  lamport: z.int().positive(),
  vc: vectorClockSchema.optional(),
  reg: z.array(regProfileSchema).max(16),
  /** The lowest level of the trail that is handed on. */
  level_min: z.int().min(1).max(3),
  acp: z.object({ jti: uuidSchema, hash: digestSchema }).optional(),
  log_head: digestSchema.optional(),
  disclosure: disclosureClaimSchema.optional(),
  /** The version of the sender's border policy that it was made under (XDA-74) [ours]. */
  border: borderVersionSchema.optional(),
  wid: uuidSchema,
  /** The sender's clock, epoch ms: what the offset of two domains' clocks is estimated from (L7) [ours]. */
  at_ms: z.int().nonnegative(),
});
export type HandoffClaims = z.infer<typeof handoffClaimsSchema>;

export const HANDOFF_TYPE: TokenType<HandoffClaims> = messageType(
  "audit-handoff+jwt",
  handoffClaimsSchema,
  HANDOFF_LIFETIME_S,
);

/**
 * Countersignature, `audit-countersign+jwt`: the receiver's signature over the digest of a handoff (XDA-10). A token of
 * its own, since a signed one takes no member afterwards [ours]. `refused` says why nothing came in.
 */
export const countersignClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: z.array(uriSchema).min(1).max(4),
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    stitch_id: uuidSchema,
    handoff: z.object({ jti: uuidSchema, hash: digestSchema }),
    verdict: z.enum(["accepted", "refused"]),
    code: z.string().min(1).max(64).optional(),
    detail: z.string().min(1).max(500).optional(),
    /** The receiver's counter from here on: above the sender's. */
    lamport: z.int().positive(),
    log_head: digestSchema.optional(),
    /** The version of the receiver's border policy that it was judged under (XDA-74) [ours]. */
    border: borderVersionSchema.optional(),
    wid: uuidSchema,
    /** The receiver's clock when the handoff came and when this left, epoch ms (L7) [ours]. */
    heard_ms: z.int().nonnegative(),
    at_ms: z.int().nonnegative(),
  })
  .refine(({ verdict, code }) => (verdict === "refused") === (code !== undefined), {
    path: ["code"],
    error: "a refusal says why, an acceptance does not",
  });
export type CountersignClaims = z.infer<typeof countersignClaimsSchema>;

export const COUNTERSIGN_TYPE: TokenType<CountersignClaims> = messageType(
  "audit-countersign+jwt",
  countersignClaimsSchema,
  HANDOFF_LIFETIME_S,
);
