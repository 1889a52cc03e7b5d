import type { Sha256 } from "../../base/ports.ts";
import { ECT_TYPE, LEGACY_ECT_TYPE } from "../ect/ect-token.ts";
import { witClaimsSchema } from "../identity/claims.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { Verified } from "../jose/verify-token.ts";
import {
  AUDIT_TYP,
  type AuditTokenClaims,
  auditClaimProblem,
  auditTokenClaimsSchema,
  differingClaim,
} from "./audit-token.ts";
import { type AuditContradiction, createProfileCheck, type UntoldProfiles } from "./profile-check.ts";
import { trustDomainOf } from "./trust-domain.ts";

type Told = Pick<Verified<unknown>, "typ" | "claims" | "digest" | "compact">;

/**
 * V1 over the audit tokens of a whole log (V3), as far as the log itself can tell: profile, domain, content, and the execution
 * context token that each wraps. Is told every token that verifies, in order; what it does not hold is not judged.
 */
export function createAuditCheck() {
  const identities = new Map<string, string>();
  const ects = new Map<
    string,
    { readonly digest: string; readonly claims: ReturnType<typeof ECT_TYPE.schema.parse> }
  >();
  const profiles = createProfileCheck();
  let found: AuditContradiction | null = null;

  const note = (seq: number, token: Told, receivedAt: number): void => {
    if (found !== null) return;
    const { typ, claims, digest } = token;
    profiles.note(seq, token, receivedAt);
    if (typ === "wit+jwt") {
      const wit = witClaimsSchema.safeParse(claims);
      if (wit.success) identities.set(digest, wit.data.sub);
      return;
    }
    if (typ === AUDIT_TYP) {
      const audit = auditTokenClaimsSchema.safeParse(claims);
      const problem = audit.success ? problemOf(audit.data) : null;
      if (problem !== null) found = { ...problem, seq };
      return;
    }
    const type = [ECT_TYPE, LEGACY_ECT_TYPE].find((candidate) => candidate.typ.includes(typ));
    const ect = type?.schema.safeParse(claims);
    if (ect?.success === true) ects.set(`${ect.data.wid ?? ""} ${ect.data.jti}`, { digest, claims: ect.data });
  };

  const problemOf = (claims: AuditTokenClaims): Refusal | null => {
    const { iss, idp, domain, ect, wid, jti } = claims;
    const subject = typeof idp.wit_hash === "string" ? identities.get(idp.wit_hash) : undefined;
    if (subject !== undefined && subject !== iss)
      return refusal("audit_idp_mismatch", "the profile's identity is not the issuer", { claim: "idp" });
    if (/^(?:spiffe|wimse):/i.test(iss) && trustDomainOf(iss) !== domain.toLowerCase())
      return refusal("audit_domain_mismatch", "the domain is not its issuer's", { claim: "domain" });
    const content = auditClaimProblem(claims);
    if (content !== null || ect === undefined) return content;
    const held = ects.get(`${wid ?? ""} ${jti}`);
    if (ect.jti !== jti) return refusal("audit_ect_mismatch", "it wraps another task's", { claim: "ect.jti" });
    if (held === undefined) return null;
    if (held.digest !== ect.hash)
      return refusal("audit_ect_mismatch", "the execution context token has another digest", { claim: "ect.hash" });
    const other = differingClaim(claims, held.claims);
    return other === null
      ? null
      : refusal("audit_ect_mismatch", `the execution context token says another ${other}`, { claim: other });
  };

  /** Once every token was told: the first contradiction, and what could not be told (XA-64). */
  const finish = async (
    sha256: Sha256,
  ): Promise<{ readonly found: AuditContradiction | null; readonly untold: UntoldProfiles | null }> => {
    const { found: other, untold } = await profiles.finish(sha256);
    const first = found === null || (other !== null && other.seq < found.seq) ? other : found;
    return { found: first, untold };
  };
  return { note, finish };
}
