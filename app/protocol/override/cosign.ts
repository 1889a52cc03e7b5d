import * as z from "zod";
import type { JsonObject } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import { objectDigest } from "../jcs/canonical.ts";
import { digestSchema, timeSchema, uriSchema, uuidSchema } from "../jose/formats.ts";
import type { Refusal } from "../jose/refusal.ts";
import type { TokenType } from "../jose/token-type.ts";

/**
 * Cosignature, `override-cosign+jwt` [ours]: a second operator's signature over one override signal, carried in its `cosign`
 * (OVR-S4). Both sign the same content (D4): `hash` is the object digest of the signal's claims without `cosign` and without
 * the evidence of the first operator's authentication, which comes when that one signs.
 */
export const overrideCosignClaimsSchema = z.object({
  iss: uriSchema,
  aud: z.array(z.string().min(1)).min(1),
  iat: timeSchema,
  exp: timeSchema,
  jti: uuidSchema,
  signal: z.object({ jti: uuidSchema, hash: digestSchema }),
  auth_time: timeSchema,
  amr: z.array(z.string()).min(1),
  role: z.string().min(1),
});
export type OverrideCosignClaims = z.infer<typeof overrideCosignClaimsSchema>;

export const OVERRIDE_COSIGN_TYPE: TokenType<OverrideCosignClaims> = {
  typ: ["override-cosign+jwt"],
  schema: overrideCosignClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 3600,
  // It counts with the signal it names, which is new or not taken.
  replayScope: () => null,
};

/** What a second operator signs: the digest of what a signal orders, which the first signs with evidence and cosignatures. */
export function signalDigest(claims: JsonObject, sha256: Sha256): Result<string, Refusal> {
  const { cosign: _cosign, auth_time: _authTime, amr: _amr, ...content } = claims;
  return objectDigest(content, sha256);
}
