import { must } from "../../base/assert.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { parseCompact } from "../jose/compact.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { AUDIT_TOKEN_TYPE, type AuditTokenClaims } from "./audit-token.ts";
import { checkDisclosures, splitSd } from "./disclosure.ts";
import { AUDIT_TRAIL_TYPE, type AuditTrailClaims, type TrailContent, trailContentSchema } from "./trail-claims.ts";

/** One domain's answer as it is sent. */
export interface SentTrail {
  readonly token: string;
  readonly content: TrailContent;
}

export function contentHash(content: TrailContent, sha256: VerifyContext["sha256"]): string {
  const digest = objectDigest(content as unknown as Json, sha256); // its schema takes JSON only
  return must(digest.ok ? digest.value : null, "what was read by its schema has a canonical form");
}

/** An entry of an answer after its own signature and its disclosures were checked (X5). */
export interface ReadEntry {
  readonly claims: AuditTokenClaims;
  /** Claims that came by disclosures. */
  readonly disclosed: readonly string[];
  /** Claims that are only digests here. */
  readonly hidden: number;
}

export interface ReadTrail {
  readonly claims: AuditTrailClaims;
  readonly content: TrailContent;
  readonly entries: readonly ReadEntry[];
}

/** What was asked, and the keys and ids of the domain that was. */
export interface TrailQuestion {
  readonly queryHash: string;
  readonly domain: string;
  readonly gatewayId: string;
  readonly logId: string;
}

/**
 * Verifies an answer: its signature, that it answers this question and is all of what was signed, and each entry with its
 * disclosures. Refusals: those of common token verification, `trail_wrong_domain`, `trail_query_mismatch`,
 * `trail_content_mismatch`, and the codes of X5.
 */
export async function verifyTrail(
  sent: SentTrail,
  question: TrailQuestion,
  context: VerifyContext,
): Promise<Result<ReadTrail, Refusal>> {
  const verified = await verifyToken(AUDIT_TRAIL_TYPE, sent.token, context);
  if (!verified.ok) return verified;
  const { claims } = verified.value;
  if (claims.domain !== question.domain || claims.iss !== question.gatewayId)
    return err(refusal("trail_wrong_domain", "another domain answered than was asked", { claim: "iss" }));
  if (claims.query_hash !== question.queryHash)
    return err(refusal("trail_query_mismatch", "it answers another question", { claim: "query_hash" }));
  const content = trailContentSchema.safeParse(sent.content);
  if (!content.success || contentHash(content.data, context.sha256) !== claims.content_hash)
    return err(refusal("trail_content_mismatch", "what came is not what was signed", { claim: "content_hash" }));
  if (content.data.entries.length !== claims.entries_count)
    return err(
      refusal("trail_content_mismatch", "there are not as many entries as it says", { claim: "entries_count" }),
    );
  const entries: ReadEntry[] = [];
  for (const text of content.data.entries) {
    const entry = await readEntry(text, question, context);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok({ claims, content: content.data, entries });
}

/** In historical mode, at the time the entry was made: when the log received it is the log's to prove. */
async function readEntry(
  text: string,
  { domain, logId }: TrailQuestion,
  context: VerifyContext,
): Promise<Result<ReadEntry, Refusal>> {
  const split = splitSd(text);
  if (!split.ok) return split;
  const { compact, disclosures } = split.value;
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const { iat } = parsed.value.payload;
  const made = typeof iat === "number" ? iat : context.nowS;
  const verified = await verifyToken(AUDIT_TOKEN_TYPE, compact, {
    ...context,
    nowS: made,
    ownIds: [logId],
    seen: () => false,
  });
  if (!verified.ok) return verified;
  if (verified.value.claims.domain !== domain)
    return err(refusal("trail_wrong_domain", "an entry is of another domain", { claim: "domain" }));
  const read = checkDisclosures(parsed.value.payload, disclosures, context.sha256);
  if (!read.ok) return read;
  const claims = AUDIT_TOKEN_TYPE.schema.safeParse(read.value.claims satisfies JsonObject);
  if (!claims.success)
    return err(
      refusal("token_claim_invalid", claims.error.issues[0]?.message ?? "a disclosed claim is not well formed"),
    );
  return ok({ claims: claims.data, disclosed: read.value.names, hidden: read.value.hidden });
}
