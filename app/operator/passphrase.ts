import { utf8 } from "../base/bytes.ts";
import { WRAPPING, WRAPPING_USES } from "./wrapped-key.ts";

/** Of PBKDF2 with SHA-256, as OWASP asks for; kept with each key, so that it can grow. */
export const PBKDF2_ITERATIONS = 600_000;
export const PASSPHRASE_MIN = 12;
export const SALT_BYTES = 16;

/** The wrapping key of a passphrase (RFC 8018, through WebCrypto). The same words typed on another keyboard are the same. */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  const words = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFKC")), "PBKDF2", false, [
    "deriveKey",
  ]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(derivation, words, WRAPPING, false, WRAPPING_USES);
}
