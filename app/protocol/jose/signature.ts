import { fromBase64url, utf8 } from "../../base/bytes.ts";
import { peekAlg } from "./compact.ts";
import type { Algorithm, TrustedKey } from "./keys.ts";

/**
 * The allow-list of signature algorithms (COM-4, ECT-5, ECT-6): the algorithm a header names, if it is on the list.
 * `none` and MACs are on no list. `Ed25519` is RFC 9864's name for EdDSA over that curve.
 */
export function allowedAlgorithm(named: string | undefined, allowed: readonly Algorithm[] = ["ES256"]) {
  const alg = named === "Ed25519" ? "EdDSA" : named;
  return allowed.find((candidate) => candidate === alg) ?? null;
}

/** By the name in a header, the name of the key's algorithm on the platform. */
const NAMES: ReadonlyMap<string | null, string> = new Map([
  ["ES256", "ECDSA"],
  ["EdDSA", "Ed25519"],
  ["Ed25519", "Ed25519"],
]);

/**
 * Whether a compact JWS was signed by the holder of the key, over its bytes as they stand. `signature` are the bytes of the
 * last segment and `named` the algorithm of the header, where the caller has them. By the platform's own function.
 */
export async function tokenFits(
  compact: string,
  { key }: Pick<TrustedKey, "key">,
  signature = fromBase64url(compact.slice(compact.lastIndexOf(".") + 1)),
  named: string | null = peekAlg(compact),
): Promise<boolean> {
  const { name } = key.algorithm;
  // A header that names another algorithm than the key is for is no statement of this key's holder.
  if (signature === null || NAMES.get(named) !== name) return false;
  const signed = utf8(compact.slice(0, compact.lastIndexOf(".")));
  try {
    return await crypto.subtle.verify(name === "ECDSA" ? { name, hash: "SHA-256" } : { name }, key, signature, signed);
  } catch {
    // A platform may throw for a signature of a wrong length; to us every wrong one is one answer.
    return false;
  }
}
