import * as z from "zod";
import { authenticationMembers, messageMembers } from "../acp/message-members.ts";
import { uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";

/** Which entries a pack is about; what they rest on comes with them (XA-32). */
export const selectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("workflow"), wid: uuidSchema }),
  /** The timeline's query (Q1), as it stood. */
  z.strictObject({ kind: z.literal("query"), expression: z.string().min(1).max(2000) }),
]);
export type Selection = z.infer<typeof selectionSchema>;

/** Entries that one request takes out at most. */
export const MAX_REDACTED = 64;

/**
 * `evidence-request+jwt` [ours]: an operator asks for an evidence pack and says what for. It is logged before the pack is
 * made, so that every export is in the log it exports (XA-33).
 */
export const evidenceRequestClaimsSchema = z.object({
  ...messageMembers,
  purpose: z.string().min(1).max(500),
  selection: selectionSchema,
  /** Contents that stay behind, their digests kept: recorded runs hold what agents read and wrote (XA-S6). */
  leave_out: z.array(z.enum(["recordings"])).max(1),
  /** Entries that are taken out of a selection: what is in them stays behind, their leaves stay proved (XA-37). */
  redact: z.array(z.int().nonnegative()).min(1).max(MAX_REDACTED).optional(),
  ...authenticationMembers,
});
export type EvidenceRequestClaims = z.infer<typeof evidenceRequestClaimsSchema>;

export const EVIDENCE_REQUEST_TYP = "evidence-request+jwt";
export const EVIDENCE_REQUEST_TYPE: TokenType<EvidenceRequestClaims> = messageType(
  EVIDENCE_REQUEST_TYP,
  evidenceRequestClaimsSchema,
  300,
);
