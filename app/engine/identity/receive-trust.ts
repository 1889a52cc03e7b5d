import { fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { certificateFacts } from "../../protocol/audit/certificate-facts.ts";
import type { Trust, TrustStatementClaims } from "../../protocol/identity/trust-statement.ts";
import { importPublicKey, jwkThumbprint } from "../../protocol/jose/keys.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";

/** Nothing is stated that nothing could ever verify by: a statement that does nothing is a wrong one. Refusal: `trust_malformed`. */
export async function trustRefusal({ trust }: TrustStatementClaims, sha256: Sha256): Promise<Refusal | null> {
  if (trust === undefined) return null;
  if (trust.kind === "oauth_client" || trust.kind === "jwks") return keysRefusal(trust.keys);
  if (trust.kind === "verifier") return (await keysRefusal(trust.keys)) ?? (await namesRefusal(trust.keys));
  const isAnchor = trust.kind === "x509_anchor";
  const problem = await certificateProblem(trust.certificate, isAnchor, sha256);
  if (problem !== null || trust.kind === "x509_anchor") return problem;
  for (const one of trust.between) {
    const wrong = await certificateProblem(one, true, sha256);
    if (wrong !== null) return wrong;
  }
  return null;
}

async function keysRefusal(keys: Extract<Trust, { kind: "jwks" }>["keys"]): Promise<Refusal | null> {
  for (const jwk of keys) {
    const key = await importPublicKey(jwk);
    if (!key.ok) return malformed(`a key cannot be used: ${key.error.detail}`);
  }
  return null;
}

/** Under these names they are bound in the log, and nobody else's key is found there instead. */
async function namesRefusal(keys: Extract<Trust, { kind: "verifier" }>["keys"]): Promise<Refusal | null> {
  for (const jwk of keys)
    if (jwk.kid !== (await jwkThumbprint(jwk)))
      return malformed("a verifier's key is named by its thumbprint (RFC 7638)");
  return new Set(keys.map(({ kid }) => kid)).size === keys.length ? null : malformed("it names a key twice");
}

async function certificateProblem(text: string, authority: boolean, sha256: Sha256): Promise<Refusal | null> {
  const der = fromBase64url(text);
  const facts = der === null ? null : await certificateFacts(der, sha256);
  if (facts === null) return malformed("a certificate in it cannot be read");
  if (facts.isAuthority !== authority)
    return malformed(
      `${facts.subject} is ${authority ? "no authority's certificate" : "an authority's, not a workload's"}`,
    );
  return facts.problem === null ? null : malformed(`${facts.subject}: ${facts.problem}`);
}

const malformed = (detail: string): Refusal => refusal("trust_malformed", detail, { claim: "trust" });
