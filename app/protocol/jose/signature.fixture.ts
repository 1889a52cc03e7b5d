import type { Algorithm, TrustedKey } from "./keys.ts";

/** What WebCrypto is asked for; ES256 signatures are r and s side by side, 64 bytes (CTV 8). */
const PARAMETERS: Readonly<Record<Algorithm, AlgorithmIdentifier | EcdsaParams>> = {
  ES256: { name: "ECDSA", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

/** What the platform that verifies our tokens makes of a bare signature under a key we imported: for vectors that are no JWS. */
export function signatureFits(
  key: Pick<TrustedKey, "alg" | "key">,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return crypto.subtle.verify(PARAMETERS[key.alg], key.key, signature, signed);
}
