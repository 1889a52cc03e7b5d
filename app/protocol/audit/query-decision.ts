import * as z from "zod";
import { authenticationMembers, messageMembers, referenceSchema } from "../acp/message-members.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { domainNameSchema } from "./stitch-claims.ts";

export const QUERY_DECISION_TYP = "audit-query-decision+jwt";

/** One approval is for so many entries at most [ours]. */
export const MAX_APPROVED = 5000;

const countSchema = z.int().nonnegative();

/** What would be told in answer to a held question, as it was shown to whoever decides. */
const shownAnswerSchema = z.object({
  entries: countSchema.max(MAX_APPROVED),
  /** By name, how many claims would be disclosed beside the records. */
  claims: z.record(z.string().min(1).max(64), countSchema),
});

/**
 * An operator of the answering domain says whether a question is answered that its gateway held back,
 * `audit-query-decision+jwt` [ours] (XDA-S7). It names the question by its digest, and what it was shown to disclose: no
 * more entries than that are given under it.
 */
export const queryDecisionClaimsSchema = z.object({
  ...messageMembers,
  domain: domainNameSchema,
  query: referenceSchema,
  outcome: z.enum(["approve", "reject"]),
  shown: shownAnswerSchema,
  reason: z.string().min(1).max(2000),
  ...authenticationMembers,
});
export type QueryDecisionClaims = z.infer<typeof queryDecisionClaimsSchema>;

export const QUERY_DECISION_TYPE: TokenType<QueryDecisionClaims> = messageType(
  QUERY_DECISION_TYP,
  queryDecisionClaimsSchema,
  300,
);
