import type { SignalboxClient } from "../api/client/client.ts";
import { enrolmentClaimsSchema, type PublicJwk } from "../protocol/identity/claims.ts";
import { ENROLMENT_TYPE } from "../protocol/identity/wit.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { importPublicKey } from "../protocol/jose/keys.ts";
import { verifyToken } from "../protocol/jose/verify-token.ts";

export const DOMAIN = "console.local";

interface Enrolled {
  readonly kid: string;
  readonly subject: string;
  readonly name: string;
  readonly stopKid: string | null;
  readonly roles: readonly string[];
}

interface Enrolment {
  readonly jwk: PublicJwk;
  readonly proof: string;
  readonly stop?: { readonly jwk: PublicJwk; readonly proof: string };
  readonly replaces?: string;
}

/** Members of a compact token, unverified. */
export function claimsOf(token: string, part: 0 | 1 = 1): Readonly<Record<string, unknown>> {
  return JSON.parse(atob((token.split(".")[part] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
}

/** A host that only knows who is enrolled; proofs of holding a key are checked as the real one does. */
export function identityHost(roles: (name: string) => readonly string[] = () => ["operator"]) {
  let enrolled: Enrolled[] = [];
  const proofs: string[] = [];
  const proven = async (jwk: PublicJwk, proof: string) => {
    const key = await importPublicKey(jwk);
    if (!key.ok) throw new Error(key.error.detail);
    const claims = enrolmentClaimsSchema.parse(claimsOf(proof));
    const verified = await verifyToken(ENROLMENT_TYPE, proof, {
      nowS: Math.floor(Date.now() / 1000),
      ownIds: [`spiffe://${DOMAIN}/log`],
      resolveKey: () => ({ ...key.value, subject: claims.iss, revokedAt: null }),
      seen: () => false,
      algorithms: ["ES256", "EdDSA"],
      sha256: await createSha256(),
    });
    if (!verified.ok) throw new Error(verified.error.code);
    return { kid: key.value.kid, claims: verified.value.claims };
  };
  const client = {
    identity: {
      describe: async () => ({
        position: { domain: DOMAIN, size: 0, root: "", atMs: 0 },
        trustDomain: DOMAIN,
        trustDomainFixed: null,
        logId: `spiffe://${DOMAIN}/log`,
        pepId: `spiffe://${DOMAIN}/pep`,
        operators: enrolled,
      }),
      enrolOperator: async ({ jwk, proof, stop, replaces }: Enrolment) => {
        const { kid, claims } = await proven(jwk, proof);
        proofs.push(proof);
        const stopKid = stop === undefined ? null : (await proven(stop.jwk, stop.proof)).kid;
        if ((stopKid ?? undefined) !== claims.stop_jkt) throw new Error("the key for stops is not named");
        if (replaces !== undefined) {
          const { jkt } = claimsOf(replaces);
          const { kid: by } = claimsOf(replaces, 0);
          if (jkt !== kid || !enrolled.some((one) => one.kid === by)) throw new Error("nobody vouches for it");
          enrolled = enrolled.filter((one) => one.kid !== by);
        }
        enrolled = [...enrolled, { kid, subject: claims.iss, name: claims.name, stopKid, roles: roles(claims.name) }];
        return { subject: claims.iss, kid, seq: enrolled.length };
      },
    },
  };
  // The client's type is a proxy's, which a plain object never is.
  return { enrolled: () => enrolled, proofs: () => proofs, client: client as unknown as SignalboxClient };
}
