import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import { assert } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type PublicJwk, publicJwkSchema } from "../identity/claims.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** The two algorithms of this family: ES256 everywhere, EdDSA (Ed25519) where enabled (COM-4). */
export type Algorithm = "ES256" | "EdDSA";

/** A verification key with the identity it is bound to (CTV steps 6, 7, 10). */
export interface TrustedKey {
  readonly kid: string;
  readonly subject: string;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
  /** Seconds since the epoch from which the key is not accepted any more, or null. */
  readonly revokedAt: number | null;
}

/** A private key that signs; never extractable (COM-12). */
export interface Signer {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
}

/** RFC 7638 thumbprint: the key id of every key of ours. */
export function jwkThumbprint(jwk: PublicJwk): Promise<string> {
  return calculateJwkThumbprint(bareJwk(jwk), "sha256");
}

/** The members that are the key, nothing beside them. */
function bareJwk(jwk: PublicJwk): { kty: string; crv: string; x: string; y?: string } {
  const { kty, crv, x } = jwk;
  return jwk.kty === "EC" ? { kty, crv, x, y: jwk.y } : { kty, crv, x };
}

export async function importPublicKey(
  jwk: PublicJwk,
): Promise<Result<{ readonly kid: string; readonly alg: Algorithm; readonly key: CryptoKey }, Refusal>> {
  const alg: Algorithm = jwk.kty === "EC" ? "ES256" : "EdDSA";
  try {
    const key = await importJWK(bareJwk(jwk), alg);
    assert(!(key instanceof Uint8Array), "an asymmetric key imports as a CryptoKey");
    return ok({ kid: await jwkThumbprint(jwk), alg, key });
  } catch (error) {
    // The JWK comes from outside: a point off the curve or a short coordinate is an expected no.
    return err(
      refusal(
        "token_claim_invalid",
        `not a usable public key: ${error instanceof Error ? error.message : "import failed"}`,
        { claim: "jwk" },
      ),
    );
  }
}

/** A new key pair: private half non-extractable, public half as JWK with its thumbprint as `kid`. */
export async function generateSigner(
  alg: Algorithm = "EdDSA",
): Promise<{ readonly signer: Signer; readonly jwk: PublicJwk }> {
  const pair = await generateKeyPair(alg, { extractable: false });
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  const bare = publicJwkSchema.parse(alg === "ES256" ? { kty, crv, x, y } : { kty, crv, x });
  const kid = await jwkThumbprint(bare);
  return { signer: { kid, alg, key: pair.privateKey }, jwk: { ...bare, kid } };
}
