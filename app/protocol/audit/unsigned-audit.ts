import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { VerifyContext } from "../jose/verify-token.ts";
import { AUDIT_TOKEN_TYPE, type AuditTokenClaims, auditScope } from "./audit-token.ts";

/** V1 step 2 of an unsigned audit token: the rows of CTV that are about claims (9, 11, 12, 13), under their codes. */
export function checkUnsignedClaims(payload: JsonObject, context: VerifyContext): Result<AuditTokenClaims, Refusal> {
  const parsed = AUDIT_TOKEN_TYPE.schema.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const claim = issue?.path.join(".") ?? "";
    return no("token_claim_invalid", `${claim}: ${issue?.message ?? "invalid"}`, claim);
  }
  const claims = parsed.data;
  const { aud, iat, exp } = claims;
  const named = typeof aud === "string" ? [aud] : aud;
  if (!named.some((id) => context.ownIds.includes(id)))
    return no("token_audience_mismatch", "this verifier is not addressed", "aud");
  const skew = context.skewS ?? 30;
  if (exp <= context.nowS - skew) return no("token_expired", "exp has passed", "exp");
  if (iat > context.nowS + skew) return no("token_not_yet_valid", "iat is in the future", "iat");
  const longest = AUDIT_TOKEN_TYPE.maxLifetimeS(claims);
  if (exp <= iat || (longest !== null && exp - iat > longest))
    return no("token_lifetime_invalid", `the lifetime is between 1 and ${longest} s`, "exp");
  return context.seen(auditScope(claims)) ? no("token_replayed", "this token id was used before", "jti") : ok(claims);
}

const no = (code: string, detail: string, claim: string): Result<never, Refusal> =>
  err(refusal(code, detail, { claim }));
