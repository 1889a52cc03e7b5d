import * as z from "zod";
import { compactSchema, digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import { MAX_PAGE } from "./audit-query.ts";
import { domainNameSchema } from "./stitch-claims.ts";

export const AUDIT_TRAIL_TYP = "audit-trail+jwt";
const TRAIL_LIFETIME_S = 600;

/** What an answer carries beside its signed part, which has its digest: a page of entries is more than a token may be. */
export const trailContentSchema = z.object({
  /** Audit tokens with disclosures, `<JWT>~<D1>~`. */
  entries: z.array(z.string().max(65_536)).max(MAX_PAGE),
  gaps: z.array(
    z.object({
      after: uuidSchema,
      before: uuidSchema.optional(),
      reason: z.enum(["predecessor_missing", "crossing_dangling"]),
    }),
  ),
  external: z.array(z.object({ stitch_id: uuidSchema, domain: domainNameSchema })),
});
export type TrailContent = z.infer<typeof trailContentSchema>;

const countSchema = z.int().nonnegative();

/**
 * Answer of one domain, `audit-trail+jwt`: signed by its gateway. `entries`, `gaps` and `external` stand beside it under
 * `content_hash`, their object digest [ours], since a token has at most 16,384 bytes (COM-1).
 */
export const auditTrailClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(uriSchema).length(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  domain: domainNameSchema,
  /** Token digest of the query. */
  query_hash: digestSchema,
  content_hash: digestSchema,
  entries_count: countSchema.max(MAX_PAGE),
  redacted: z.object({ audience: countSchema, erased: countSchema, transfer_forbidden: countSchema }),
  /** The counts of what is withheld are rounded up to powers of two (XDA-S8). */
  rounded: z.boolean(),
  /** Newest signed head of the answering log; absent before the first. */
  head: compactSchema.optional(),
  complete: z.boolean(),
  next: countSchema.optional(),
});
export type AuditTrailClaims = z.infer<typeof auditTrailClaimsSchema>;

export const AUDIT_TRAIL_TYPE: TokenType<AuditTrailClaims> = messageType(
  AUDIT_TRAIL_TYP,
  auditTrailClaimsSchema,
  TRAIL_LIFETIME_S,
);
