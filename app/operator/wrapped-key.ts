import { must } from "../base/assert.ts";
import { utf8 } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type PublicJwk, publicJwkSchema } from "../protocol/identity/claims.ts";
import { jwkThumbprint, type Signer } from "../protocol/jose/keys.ts";

/** Why a key cannot be had now: an expected no, with its code and a sentence for the operator. */
export interface KeyProblem {
  readonly code: "passphrase_wrong" | "passkey_refused" | "passkey_unsupported" | "key_unreadable";
  readonly detail: string;
}

/** A private key as it lies in the browser: nothing opens it but the wrapping key it was made under. */
export interface WrappedKey {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

const IV_BYTES = 12;
const KEY = { name: "Ed25519" } as const;

/** What a wrapping key may do, however it is derived; it cannot be exported itself. */
export const WRAPPING = { name: "AES-GCM", length: 256 } as const;
export const WRAPPING_USES: readonly KeyUsage[] = ["wrapKey", "unwrapKey"];

export const randomBytes = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length));

/**
 * A new Ed25519 pair, its private half wrapped. It is extractable for as long as wrapping it takes, which the browser asks
 * for, and what is used from then on is unwrapped as non-extractable (COM-12).
 */
export async function makeWrappedKey(
  wrapping: CryptoKey,
): Promise<{ readonly signer: Signer; readonly jwk: PublicJwk; readonly wrapped: WrappedKey }> {
  const pair = await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
  const { kty, crv, x } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const bare = publicJwkSchema.parse({ kty, crv, x });
  const kid = await jwkThumbprint(bare);
  const iv = randomBytes(IV_BYTES);
  const bytes = await crypto.subtle.wrapKey("pkcs8", pair.privateKey, wrapping, sealOf(iv, kid));
  const wrapped = { iv, bytes };
  const opened = await unwrapKey(wrapped, wrapping, kid);
  const signer = must(opened.ok ? opened.value : null, "what was wrapped a moment ago unwraps");
  return { signer, jwk: { ...bare, kid }, wrapped };
}

/** The key, to sign with and not to export. The wrong wrapping key, or changed bytes, are a plain no. */
export async function unwrapKey(
  { iv, bytes }: WrappedKey,
  wrapping: CryptoKey,
  kid: string,
): Promise<Result<Signer, KeyProblem>> {
  try {
    const key = await crypto.subtle.unwrapKey("pkcs8", bytes, wrapping, sealOf(iv, kid), KEY, false, ["sign"]);
    return ok({ kid, alg: "EdDSA", key });
  } catch (error) {
    return err({
      code: "key_unreadable",
      detail: `the key could not be opened: ${error instanceof Error ? error.message : "unwrapping failed"}`,
    });
  }
}

/** The wrapped bytes are bound to the key they are of: one operator's cannot be put in the place of another's. */
function sealOf(iv: Uint8Array<ArrayBuffer>, kid: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: utf8(kid) };
}
