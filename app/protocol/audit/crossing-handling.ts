import * as z from "zod";
import { authenticationMembers, messageMembers } from "../acp/message-members.ts";
import { uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** What is found between domains and asks for somebody: a crossing that does not hold, a gap in a trail (N11). */
export const FINDING_KINDS = ["crossing", "gap"] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * `crossing-handling+jwt` [ours]: an operator gives a finding to somebody, or says what became of it. `code` is what was
 * found: of something else found later nothing is said.
 */
export const crossingHandlingClaimsSchema = z
  .object({
    ...messageMembers,
    finding: z.enum(FINDING_KINDS),
    /** A crossing's `stitch_id`, or the id of a gap. */
    item: uuidSchema,
    code: z.string().min(1).max(64),
    verb: z.enum(["assign", "resolve"]),
    to: uriSchema.optional(),
    note: z.string().min(1).max(2000).optional(),
    reason: z.string().min(1).max(2000).optional(),
    ...authenticationMembers,
  })
  .refine(({ verb, to }) => (verb === "assign") === (to !== undefined), {
    path: ["to"],
    error: "somebody is named when it is assigned, and only then",
  })
  .refine(({ verb, reason }) => (verb === "resolve") === (reason !== undefined), {
    path: ["reason"],
    error: "a reason comes with resolve, and only then",
  });
export type CrossingHandlingClaims = z.infer<typeof crossingHandlingClaimsSchema>;

export const CROSSING_HANDLING_TYPE: TokenType<CrossingHandlingClaims> = messageType(
  "crossing-handling+jwt",
  crossingHandlingClaimsSchema,
  300,
);
