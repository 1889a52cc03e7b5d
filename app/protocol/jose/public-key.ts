import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { publicJwkSchema } from "../identity/claims.ts";
import { type Algorithm, importPublicKey } from "./keys.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** A key that may verify signatures here, with the name its JWK gives it, or its thumbprint. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
}

/** What is private in an elliptic-curve key; such a JWK has been published by mistake. */
const PRIVATE = "d";

/**
 * Reads a JWK from outside as RFC 7517 has it: members that are not known are ignored, those that are have to allow
 * verifying. Refusals: `token_alg_forbidden` for a key of another kind, algorithm or use (CTV 7), `token_claim_invalid`
 * (member `jwk`) for one that is no usable public key.
 */
export async function readVerificationKey(jwk: Json): Promise<Result<VerificationKey, Refusal>> {
  if (jwk === null || typeof jwk !== "object" || Array.isArray(jwk)) return unusable("a JWK is a JSON object");
  const members = jwk as JsonObject;
  const alg = algorithmOf(members);
  if (alg === null) return unfit("only P-256 and Ed25519 keys verify here");
  const purpose = purposeProblem(members, alg);
  if (purpose !== null) return unfit(purpose);
  if (members[PRIVATE] !== undefined) return unusable("a private key is no verification key");
  const { kty, crv, x, y, kid } = members;
  const parsed = publicJwkSchema.safeParse({
    ...{ kty, crv, x },
    ...(kty === "EC" ? { y } : {}),
    ...(kid === undefined ? {} : { kid }),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unusable([issue?.path.join("."), issue?.message].filter(Boolean).join(": "));
  }
  const imported = await importPublicKey(parsed.data);
  return imported.ok ? ok({ ...imported.value, kid: parsed.data.kid ?? imported.value.kid }) : imported;
}

function algorithmOf({ kty, crv }: JsonObject): Algorithm | null {
  if (kty === "EC" && crv === "P-256") return "ES256";
  return kty === "OKP" && crv === "Ed25519" ? "EdDSA" : null;
}

/** RFC 7517 sections 4.2 to 4.4, and RFC 9864's name for EdDSA over Ed25519. */
function purposeProblem({ alg, use, key_ops: operations }: JsonObject, own: Algorithm): string | null {
  if (alg !== undefined && alg !== own && !(alg === "Ed25519" && own === "EdDSA")) return `the key is not for ${own}`;
  if (use !== undefined && use !== "sig") return "the key is not for signatures";
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
  return verifies ? null : "the key is not for verifying";
}

const unfit = (detail: string): Result<never, Refusal> => err(refusal("token_alg_forbidden", detail));
const unusable = (detail: string): Result<never, Refusal> =>
  err(refusal("token_claim_invalid", `not a usable public key: ${detail}`, { claim: "jwk" }));
