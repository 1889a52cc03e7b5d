import { CompactSign } from "jose";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { Signer } from "./keys.ts";

/** Signs claims as a compact JWS with explicit `typ` and `kid` (ECT-2, RFC 8725). */
export function signToken(typ: string, claims: object, signer: Signer): Promise<string> {
  return new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ alg: signer.alg, typ, kid: signer.kid })
    .sign(signer.key);
}

/** Token digest: base64url SHA-256 of the ASCII bytes of the compact serialization. */
export function tokenDigest(compact: string, sha256: Sha256): string {
  return toBase64url(sha256(utf8(compact)));
}
