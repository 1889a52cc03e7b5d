import { compactVerify } from "jose";
import type { Algorithm, TrustedKey } from "./keys.ts";

/**
 * The allow-list of signature algorithms (COM-4, ECT-5, ECT-6): the algorithm a header names, if it is on the list.
 * `none` and MACs are on no list. `Ed25519` is RFC 9864's name for EdDSA over that curve.
 */
export function allowedAlgorithm(named: string | undefined, allowed: readonly Algorithm[] = ["ES256"]) {
  const alg = named === "Ed25519" ? "EdDSA" : named;
  return allowed.find((candidate) => candidate === alg) ?? null;
}

/** Whether a compact JWS was signed by the holder of the key, over its bytes as they stand. */
export async function tokenFits(compact: string, key: Pick<TrustedKey, "key">): Promise<boolean> {
  try {
    await compactVerify(compact, key.key);
    return true;
  } catch {
    // jose throws for every way a signature can be wrong; to us they are one answer.
    return false;
  }
}
