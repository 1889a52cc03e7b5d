import * as z from "zod";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { TokenType } from "../jose/token-type.ts";

const requestSchema = z.object({ jti: uuidSchema, hash: digestSchema });
const audienceSchema = z.union([uriSchema, z.array(uriSchema).min(1)]);
const authentication = {
  role: z.string().min(1).max(64),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
};

/** What an operator does with a request short of deciding it (safety.md A7: different verbs). */
export const HANDLING_VERBS = ["claim", "unclaim", "shelve", "unshelve", "defer", "undefer", "respond"] as const;
export type HandlingVerb = (typeof HANDLING_VERBS)[number];

/**
 * `hitl-handling+jwt` [ours]: somebody takes a request up, puts it away until a time, or answers its agent, while it stays
 * pending. `until` (epoch s) comes with `claim`, `shelve` and `defer`; `reason` with `shelve`; `text` with `respond`.
 */
export const hitlHandlingClaimsSchema = z
  .object({
    iss: uriSchema,
    aud: audienceSchema,
    iat: timeSchema,
    exp: timeSchema,
    jti: uuidSchema,
    wid: uuidSchema,
    request: requestSchema,
    verb: z.enum(HANDLING_VERBS),
    until: timeSchema.optional(),
    reason: z.string().min(1).max(2000).optional(),
    text: z.string().min(1).max(2000).optional(),
    ...authentication,
  })
  .refine(({ verb, until }) => ["claim", "shelve", "defer"].includes(verb) === (until !== undefined), {
    path: ["until"],
    error: "a return time comes with claim, shelve and defer only",
  })
  .refine(({ verb, reason }) => verb !== "shelve" || reason !== undefined, {
    path: ["reason"],
    error: "shelving needs a reason (A3)",
  })
  .refine(({ verb, text }) => (verb === "respond") === (text !== undefined), {
    path: ["text"],
    error: "words for the agent come with respond only",
  });
export type HitlHandlingClaims = z.infer<typeof hitlHandlingClaimsSchema>;

export const HITL_HANDLING_TYPE: TokenType<HitlHandlingClaims> = {
  typ: ["hitl-handling+jwt"],
  schema: hitlHandlingClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 300,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

/** `hitl-withdrawal+jwt` [ours]: the agent that asked needs no answer any more, because its source settled another way. */
export const hitlWithdrawalClaimsSchema = z.object({
  iss: uriSchema,
  aud: audienceSchema,
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  request: requestSchema,
  settled: z.enum(["answered_elsewhere", "cancelled", "not_needed"]),
  detail: z.string().max(500).optional(),
});
export type HitlWithdrawalClaims = z.infer<typeof hitlWithdrawalClaimsSchema>;

export const HITL_WITHDRAWAL_TYPE: TokenType<HitlWithdrawalClaims> = {
  typ: ["hitl-withdrawal+jwt"],
  schema: hitlWithdrawalClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 600,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

/** `hitl-review+jwt` [ours]: somebody else looks at an approval that one person gave alone (D6). */
export const hitlReviewClaimsSchema = z.object({
  iss: uriSchema,
  aud: audienceSchema,
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  wid: uuidSchema,
  request: requestSchema,
  /** The decision that is reviewed. */
  decision: uuidSchema,
  verdict: z.enum(["justified", "not_justified"]),
  reason: z.string().min(1).max(2000),
  ...authentication,
});
export type HitlReviewClaims = z.infer<typeof hitlReviewClaimsSchema>;

export const HITL_REVIEW_TYPE: TokenType<HitlReviewClaims> = {
  typ: ["hitl-review+jwt"],
  schema: hitlReviewClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 300,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};
