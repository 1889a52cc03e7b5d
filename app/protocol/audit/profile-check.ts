import type { Sha256 } from "../../base/ports.ts";
import { TRUST_STATEMENT_TYP, trustStatementClaimsSchema } from "../identity/trust-statement.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { tokenFits } from "../jose/signature.ts";
import type { Verified } from "../jose/verify-token.ts";
import { AUDIT_TYP, type AuditTokenClaims, auditTokenClaimsSchema } from "./audit-token.ts";
import type { ResolvedIdentity } from "./idp.ts";
import { readIdp, resolveIdp } from "./idp-profiles.ts";
import { type StatedTrust, trustAt, trustedIdentities } from "./trusted-identities.ts";

/** What a log's audit tokens contradict, with the first entry that does. */
export interface AuditContradiction extends Refusal {
  readonly seq: number;
}

/** Audit tokens of which nothing in the log tells who signed them: how many, and why of the first. */
export interface UntoldProfiles {
  readonly count: number;
  readonly why: string;
}

type Told = Pick<Verified<unknown>, "typ" | "claims" | "compact">;
type Profiled = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly claims: AuditTokenClaims;
  readonly compact: string;
};

/** V1 step 3 over a log's audit tokens of other frameworks, by the trust statements of the same log (XA-63, XA-64). */
export function createProfileCheck() {
  const trust = new Map<string, StatedTrust>();
  const profiled: Profiled[] = [];

  const note = (seq: number, { typ, claims, compact }: Told, receivedAt: number): void => {
    if (typ === TRUST_STATEMENT_TYP) {
      const said = trustStatementClaimsSchema.safeParse(claims).data;
      if (said?.trust !== undefined) trust.set(said.jti, { trust: said.trust, ended: null });
      const item = said?.ends === undefined ? undefined : trust.get(said.ends);
      if (said?.ends !== undefined && item !== undefined) trust.set(said.ends, { ...item, ended: { seq } });
    } else if (typ === AUDIT_TYP) {
      const audit = auditTokenClaimsSchema.safeParse(claims).data;
      // That of an identity token is held against the identities of the log.
      if (audit !== undefined && audit.idp.kind !== "wimse") profiled.push({ seq, receivedAt, claims: audit, compact });
    }
  };

  const finish = async (
    sha256: Sha256,
  ): Promise<{ readonly found: AuditContradiction | null; readonly untold: UntoldProfiles | null }> => {
    let count = 0;
    let why: string | null = null;
    for (const token of profiled) {
      const problem = await problemOf(token, trustAt(trust.values(), token.seq), sha256);
      if (problem === null) continue;
      if (problem.code !== "audit_idp_unsupported")
        return { found: { ...problem, seq: token.seq }, untold: why === null ? null : { count, why } };
      count += 1;
      why ??= problem.detail;
    }
    return { found: null, untold: why === null ? null : { count, why } };
  };
  return { note, finish };
}

/** As of its receipt (COM-2): when it was made, only its issuer says. */
async function problemOf(
  { claims, compact, receivedAt }: Profiled,
  trusted: readonly StatedTrust[],
  sha256: Sha256,
): Promise<Refusal | null> {
  const idp = readIdp(claims.idp);
  if (!idp.ok) return idp.error;
  const ports = { wit: async () => null, ...trustedIdentities(trusted, sha256) };
  const context = { nowS: receivedAt, ownIds: [], resolveKey: () => undefined, seen: () => false, sha256 };
  const resolved = await resolveIdp(idp.value, ports, context);
  if (!resolved.ok) return resolved.error;
  if (resolved.value.id !== claims.iss)
    return refusal("audit_idp_mismatch", "the profile's identity is not the issuer", { claim: "idp" });
  return (await fits(compact, resolved.value))
    ? null
    : refusal("audit_idp_mismatch", "it was signed by another key than the profile's", { claim: "idp" });
}

async function fits(compact: string, { keys }: ResolvedIdentity): Promise<boolean> {
  for (const key of keys) if (await tokenFits(compact, key)) return true;
  return false;
}
