import { must } from "../../base/assert.ts";
import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { err } from "../../base/result.ts";
import { normalTyp, parseCompact } from "../jose/compact.ts";
import { refusal } from "../jose/refusal.ts";
import { allowedAlgorithm, tokenFits } from "../jose/signature.ts";
import { keep, type Outcome, passed } from "../jose/steps.ts";
import { verifyAccompanying } from "./accompanying.ts";
import { ectClaimsSchema, type UnsignedEctClaims, unsignedEctClaimsSchema } from "./claims.ts";
import type { ArrivalContext, EctProgress, PlaceContext } from "./ect-context.ts";
import { ECT_TYP, ectScope, LEGACY_ECT_TYP, MAX_ECT_LIFETIME_S, readEctNames } from "./ect-token.ts";
import { checkExtLimits } from "./extensions.ts";
import type { KnownEct, Level } from "./known-ects.ts";

/** The clock of a verifier. */
type Times = Pick<ArrivalContext, "nowS" | "skewS" | "maxAgeS">;

/** The rows of D2, one function each; what a row needs, the rows before it have left in the progress. */

/** 1. Key of an identity that came along. */
export async function checkAccompanying(
  input: string,
  context: ArrivalContext,
  progress: EctProgress,
): Promise<Outcome> {
  if (context.accompanying === undefined) return passed;
  const key = await verifyAccompanying(input, context.accompanying, context);
  return keep(key, (bound) => {
    progress.accompanied = bound;
  });
}

/** 2. CTV 1 to 3 under one code. */
export function checkParts(input: string, progress: EctProgress): Outcome {
  const parts = parseCompact(input);
  if (!parts.ok) return err(refusal("ect_malformed", parts.error.detail));
  const bytes = must(fromBase64url(input.split(".")[1] ?? ""), "a payload that was read");
  const text = fromUtf8(bytes);
  progress.parts = parts.value;
  progress.payload = parts.value.payload;
  progress.payloadText = text.ok ? text.value : "";
  return passed;
}

/** 3. */
export function checkTyp(progress: EctProgress): Outcome {
  const named = progress.parts?.header.typ;
  const typ = named === undefined ? "" : normalTyp(named);
  if (typ !== ECT_TYP && typ !== LEGACY_ECT_TYP)
    return err(refusal("ect_wrong_type", `typ is ${named ?? "absent"}; expected ${ECT_TYP} or ${LEGACY_ECT_TYP}`));
  progress.typ = typ;
  return passed;
}

/** 4. */
export function checkAlg(context: ArrivalContext, progress: EctProgress): Outcome {
  const named = progress.parts?.header.alg;
  const alg = allowedAlgorithm(named, context.algorithms);
  if (alg === null)
    return err(refusal("ect_alg_forbidden", `the algorithm ${named ?? "(none named)"} is not allowed here`));
  progress.alg = alg;
  return passed;
}

/** 5. Only `kid` is looked at; keys inside the header are the sender's to choose and are ignored. */
export function checkKey(context: ArrivalContext, progress: EctProgress): Outcome {
  const kid = progress.parts?.header.kid;
  const { accompanied } = progress;
  const key = kid === undefined ? undefined : accompanied?.kid === kid ? accompanied : context.resolveKey(kid);
  if (key === undefined)
    return err(
      refusal("ect_key_unknown", kid === undefined ? "the header names no key" : "no trusted issuer has this key"),
    );
  if (key.revokedAt !== null && key.revokedAt <= context.nowS)
    return err(refusal("ect_key_revoked", "the key was revoked before this time"));
  progress.key = key;
  return passed;
}

/** 6. */
export function checkKeyFits(progress: EctProgress): Outcome {
  return progress.key?.alg === progress.alg
    ? passed
    : err(refusal("ect_alg_forbidden", "the key is not for this algorithm"));
}

/** 7. */
export async function checkSignature(input: string, progress: EctProgress): Promise<Outcome> {
  return (await tokenFits(input, must(progress.key, "a key")))
    ? passed
    : err(refusal("ect_signature_invalid", "the signature does not fit the bytes and the key"));
}

/** 8. */
export function checkIssuer(progress: EctProgress): Outcome {
  const iss = progress.payload?.iss;
  if (typeof iss !== "string") return claimInvalid("iss", "a string is expected");
  return iss === progress.key?.subject
    ? passed
    : err(refusal("ect_issuer_mismatch", "iss is not the identity the key is bound to", { claim: "iss" }));
}

/** 9. */
export function checkAudience(context: ArrivalContext, progress: EctProgress): Outcome {
  const aud = progress.payload?.aud;
  const named: readonly Json[] = Array.isArray(aud) ? aud : [aud ?? null];
  if (named.length === 0 || named.some((id) => typeof id !== "string"))
    return claimInvalid("aud", "a string or an array of strings is expected");
  return named.some((id) => typeof id === "string" && context.ownIds.includes(id))
    ? passed
    : err(refusal("ect_audience_mismatch", "this verifier is not addressed", { claim: "aud" }));
}

/** 10. */
export function checkExpiry(context: Times, progress: EctProgress): Outcome {
  const exp = timeOf(progress, "exp");
  if (exp === null) return claimInvalid("exp", "seconds since the epoch are expected");
  return exp > context.nowS - (context.skewS ?? 30)
    ? passed
    : err(refusal("ect_expired", "exp has passed", { claim: "exp" }));
}

/** 11. An `nbf` is not needed here; where there is one, it holds as in every token of the family (CTV 12). */
export function checkWindow(context: Times, progress: EctProgress): Outcome {
  const iat = timeOf(progress, "iat");
  if (iat === null) return claimInvalid("iat", "seconds since the epoch are expected");
  const latest = context.nowS + (context.skewS ?? 30);
  const maxAgeS = context.maxAgeS ?? 900;
  if (iat < context.nowS - maxAgeS)
    return err(refusal("ect_iat_out_of_window", `made more than ${maxAgeS} s ago`, { claim: "iat" }));
  if (iat > latest) return err(refusal("ect_iat_out_of_window", "iat is in the future", { claim: "iat" }));
  if (progress.payload?.nbf === undefined) return passed;
  const nbf = timeOf(progress, "nbf");
  if (nbf === null) return claimInvalid("nbf", "seconds since the epoch are expected");
  return nbf <= latest ? passed : err(refusal("ect_iat_out_of_window", "nbf is in the future", { claim: "nbf" }));
}

/** 12. Names of both versions, formats, lifetime. */
export function checkClaims(context: ArrivalContext, progress: EctProgress): Outcome {
  const named = readEctNames(must(progress.payload, "a payload"), progress.typ ?? ECT_TYP);
  if (!named.ok) return named;
  const schema = progress.parts === undefined ? unsignedEctClaimsSchema : ectClaimsSchema;
  const parsed = schema.safeParse(named.value.payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return claimInvalid(issue?.path.join(".") ?? "", issue?.message ?? "invalid");
  }
  const { iat, exp } = parsed.data;
  const longest = context.maxLifetimeS ?? MAX_ECT_LIFETIME_S;
  if (exp <= iat || exp - iat > longest) return claimInvalid("exp", `the lifetime is between 1 and ${longest} s`);
  progress.claims = parsed.data;
  progress.version = named.value.version;
  return passed;
}

/** 13. Measured under the name the payload used. */
export function checkExt(progress: EctProgress): Outcome {
  const member = progress.payload !== undefined && "ect_ext" in progress.payload ? "ect_ext" : "ext";
  if (member === "ext" && progress.typ !== LEGACY_ECT_TYP) return passed;
  return checkExtLimits(progress.payloadText ?? "", member);
}

/** 15. */
export function checkReplay(context: PlaceContext, progress: EctProgress): Outcome {
  const { jti, wid } = must(progress.claims, "claims");
  return context.seen(ectScope(jti, wid))
    ? err(refusal("ect_replayed", "this task's token was presented before", { jti }))
    : passed;
}

/** D3: an unsigned record is only as good as its transport, and no evidence for another organisation (ECT-25). */
export function checkTransport(context: ArrivalContext, progress: EctProgress): Outcome {
  const own = organizationOf(context.ownIds[0] ?? "");
  const { peer } = context;
  if (peer === undefined)
    return err(refusal("ect_level_insufficient", "the transport has authenticated nobody: a signature is needed"));
  const iss = progress.payload?.iss;
  const parties = [peer, ...(typeof iss === "string" ? [iss] : [])];
  return own !== null && parties.every((id) => organizationOf(id) === own)
    ? passed
    : err(refusal("ect_level_insufficient", "between organizations a signature is needed (ECT-25)"));
}

/** The trust domain of an agent id, or the host of an https identity; null where an id names none. */
function organizationOf(id: string): string | null {
  return /^(?:spiffe|wimse|https):\/\/([^/?#]+)/i.exec(id)?.[1]?.toLowerCase() ?? null;
}

/** A record as DAG validation knows it. */
export function knownOf(claims: UnsignedEctClaims, level: Level): KnownEct {
  const { jti, wid, iss = null, iat, pred, exec_act: execAct, ect_ext: ext = {} } = claims;
  return { jti, wid, iss, iat, pred, execAct, ext, level };
}

function timeOf(progress: EctProgress, claim: "iat" | "exp" | "nbf"): number | null {
  const value = progress.payload?.[claim];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function claimInvalid(claim: string, detail: string): Outcome {
  return err(refusal("ect_claim_invalid", `${claim}: ${detail}`, { claim }));
}
