import * as z from "zod";
import { timeSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { authenticationMembers, messageMembers, referenceSchema } from "./message-members.ts";

/** What an operator does with a request short of deciding it (safety.md A7: different verbs). */
export const HANDLING_VERBS = ["claim", "unclaim", "shelve", "unshelve", "defer", "undefer", "respond"] as const;
export type HandlingVerb = (typeof HANDLING_VERBS)[number];

/**
 * `hitl-handling+jwt` [ours]: somebody takes a request up, puts it away until a time, or answers its agent, while it stays
 * pending. `until` (epoch s) comes with `claim`, `shelve` and `defer`; `reason` with `shelve`; `text` with `respond`.
 */
export const hitlHandlingClaimsSchema = z
  .object({
    ...messageMembers,
    wid: uuidSchema,
    request: referenceSchema,
    verb: z.enum(HANDLING_VERBS),
    until: timeSchema.optional(),
    reason: z.string().min(1).max(2000).optional(),
    text: z.string().min(1).max(2000).optional(),
    ...authenticationMembers,
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

export const HITL_HANDLING_TYPE: TokenType<HitlHandlingClaims> = messageType(
  "hitl-handling+jwt",
  hitlHandlingClaimsSchema,
  300,
);

/** `hitl-withdrawal+jwt` [ours]: the agent that asked needs no answer any more, because its source settled another way. */
export const hitlWithdrawalClaimsSchema = z.object({
  ...messageMembers,
  wid: uuidSchema,
  request: referenceSchema,
  settled: z.enum(["answered_elsewhere", "cancelled", "not_needed"]),
  detail: z.string().max(500).optional(),
});
export type HitlWithdrawalClaims = z.infer<typeof hitlWithdrawalClaimsSchema>;

export const HITL_WITHDRAWAL_TYPE: TokenType<HitlWithdrawalClaims> = messageType(
  "hitl-withdrawal+jwt",
  hitlWithdrawalClaimsSchema,
  600,
);

/** `hitl-review+jwt` [ours]: somebody else looks at an approval that one person gave alone (D6). */
export const hitlReviewClaimsSchema = z.object({
  ...messageMembers,
  wid: uuidSchema,
  request: referenceSchema,
  /** The decision that is reviewed. */
  decision: uuidSchema,
  verdict: z.enum(["justified", "not_justified"]),
  reason: z.string().min(1).max(2000),
  ...authenticationMembers,
});
export type HitlReviewClaims = z.infer<typeof hitlReviewClaimsSchema>;

export const HITL_REVIEW_TYPE: TokenType<HitlReviewClaims> = messageType(
  "hitl-review+jwt",
  hitlReviewClaimsSchema,
  300,
);
