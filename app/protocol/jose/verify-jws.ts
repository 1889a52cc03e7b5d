import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { checkHeader, checkSegments, checkSize } from "./compact.ts";
import type { Algorithm } from "./keys.ts";
import { readVerificationKey } from "./public-key.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { allowedAlgorithm, tokenFits } from "./signature.ts";

/** Both algorithms of the family: who names the key has chosen one (COM-4). */
const ALGORITHMS: readonly Algorithm[] = ["ES256", "EdDSA"];

/**
 * Whether a compact JWS was signed by the holder of this key: the rows of CTV that any JWS has, whose payload may be any
 * bytes (1, 2, 3 for the header, 5, 7, 8). Keys named inside the header are ignored. Refusals: `token_too_large`,
 * `token_malformed`, `token_alg_forbidden`, `token_claim_invalid` for the key itself, `token_signature_invalid`.
 */
export async function verifyJws(jws: Json, jwk: Json): Promise<Result<void, Refusal>> {
  if (typeof jws !== "string") return err(refusal("token_malformed", "only the compact serialization is a token"));
  const size = checkSize(jws);
  if (!size.ok) return size;
  const segments = checkSegments(jws);
  if (!segments.ok) return segments;
  const header = checkHeader(segments.value[0] ?? new Uint8Array());
  if (!header.ok) return header;
  const named = header.value.alg;
  const alg = allowedAlgorithm(named, ALGORITHMS);
  if (alg === null)
    return err(refusal("token_alg_forbidden", `the algorithm ${named ?? "(none named)"} is not allowed here`));
  const key = await readVerificationKey(jwk);
  if (!key.ok) return key;
  if (key.value.alg !== alg) return err(refusal("token_alg_forbidden", "the key is not for this algorithm"));
  return (await tokenFits(jws, key.value))
    ? ok(undefined)
    : err(refusal("token_signature_invalid", "the signature does not fit the bytes and the key"));
}
