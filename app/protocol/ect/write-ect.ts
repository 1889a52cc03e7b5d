import { toBase64url } from "../../base/bytes.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { canonicalBytes } from "../jcs/canonical.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { MAX_TOKEN_BYTES, numbersAreExact } from "../jose/compact.ts";
import type { Signer } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { signToken } from "../jose/sign-token.ts";
import { type EctClaims, ectClaimsSchema, type UnsignedEctClaims, unsignedEctClaimsSchema } from "./claims.ts";
import { ECT_TYP, MAX_ECT_LIFETIME_S } from "./ect-token.ts";
import { checkExtLimits, checkPolicyKeys, unnamedKeys } from "./extensions.ts";

/**
 * Signs an ECT as -01 has it, whatever version its claims were read from (ECT-21): `typ` `exec+jwt`, `pred`, `ect_ext`.
 * It writes nothing a reader would refuse, and no extension key that a later text could mean otherwise (ECT-20).
 * Refusals: `ect_claim_invalid`, `ect_ext_too_large`, `ect_ext_too_deep`, `ect_pol_pair`, `ect_pol_value`.
 */
export async function writeEct(claims: EctClaims, signer: Signer): Promise<Result<string, Refusal>> {
  const checked = check(ectClaimsSchema.safeParse(claims));
  if (!checked.ok) return checked;
  const token = await signToken(ECT_TYP, checked.value, signer);
  return token.length <= MAX_TOKEN_BYTES
    ? ok(token)
    : err(refusal("ect_claim_invalid", `a token has at most ${MAX_TOKEN_BYTES} bytes`));
}

/** The unsigned form: base64url of the canonical JSON. It proves nothing and stays inside an organization (ECT-25). */
export function writeUnsignedEct(claims: UnsignedEctClaims): Result<string, Refusal> {
  const checked = check(unsignedEctClaimsSchema.safeParse(claims));
  if (!checked.ok) return checked;
  const bytes = canonicalBytes(checked.value as JsonObject);
  return bytes.ok ? ok(toBase64url(bytes.value)) : bytes;
}

/** What a schema said of the claims, as far as writing needs it. */
type Parsed<C> =
  | { readonly success: true; readonly data: C }
  | {
      readonly success: false;
      readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
    };

function check<C extends UnsignedEctClaims>(parsed: Parsed<C>): Result<C, Refusal> {
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(issue?.path.join(".") ?? "", issue?.message ?? "invalid");
  }
  const claims = parsed.data;
  if (claims.exp <= claims.iat || claims.exp - claims.iat > MAX_ECT_LIFETIME_S)
    return invalid("exp", `the lifetime is between 1 and ${MAX_ECT_LIFETIME_S} s`);
  const [unnamed] = unnamedKeys(claims.ect_ext ?? {});
  if (unnamed !== undefined) return invalid("ect_ext", `"${unnamed}" is not a reverse-domain name (ECT-20)`);
  const text = JSON.stringify(claims);
  const readBack = parseStrictJson(text);
  if (!readBack.ok || !numbersAreExact(readBack.value))
    return invalid("ect_ext", "text or numbers that a reader would refuse");
  const limits = checkExtLimits(text, "ect_ext");
  if (!limits.ok) return limits;
  const policy = checkPolicyKeys(claims);
  return policy.ok ? ok(claims) : policy;
}

function invalid(claim: string, detail: string): Result<never, Refusal> {
  return err(refusal("ect_claim_invalid", `${claim}: ${detail}`, { claim }));
}
