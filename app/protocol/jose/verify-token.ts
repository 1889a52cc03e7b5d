import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type CompactParts, checkObjects, checkSegments, checkSize, normalTyp } from "./compact.ts";
import type { Algorithm, TrustedKey } from "./keys.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { allowedAlgorithm, tokenFits } from "./signature.ts";
import { keep, type Outcome, passed, runSteps, type Step, tellSteps, type VerificationStep } from "./steps.ts";
import type { CommonClaims, TokenType } from "./token-type.ts";

export type { VerificationStep } from "./steps.ts";

export interface VerifyContext {
  /** The time of receipt, or in historical mode the recorded `received_at` (COM-2). Seconds since the epoch. */
  readonly nowS: number;
  /** Default 30 (COM-3). */
  readonly skewS?: number;
  /** Ids under which this verifier is addressed. */
  readonly ownIds: readonly string[];
  resolveKey(kid: string): TrustedKey | undefined;
  /** Whether this replay scope was seen (COM-7); in historical mode, among the log's other entries. */
  seen(scope: string): boolean;
  /** Default ES256 only (COM-4). */
  readonly algorithms?: readonly Algorithm[];
  readonly sha256: Sha256;
}

/** A token that passed every step, with the bytes it was. */
export interface Verified<C> {
  readonly typ: string;
  readonly header: CompactParts["header"];
  readonly claims: C;
  /** Token digest. */
  readonly digest: string;
  readonly key: TrustedKey;
  readonly compact: string;
}

/** What the steps hand on to one another. */
interface Progress<C> {
  segments?: readonly Uint8Array<ArrayBuffer>[];
  parts?: CompactParts;
  alg?: Algorithm;
  key?: TrustedKey;
  claims?: C;
}

/** COM-1: the table of CTV; each line is one row of the specification. */
function stepsOf<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
  progress: Progress<C>,
): readonly Step[] {
  const rows: readonly (readonly [string, Step["run"]])[] = [
    ["at most 16,384 bytes", () => checkSize(compact)],
    ["three base64url segments", () => keep(checkSegments(compact), (segments) => (progress.segments = segments))],
    [
      "header and payload are JSON objects",
      () => keep(checkObjects(progress.segments ?? []), (parts) => (progress.parts = parts)),
    ],
    ["type as expected", () => checkTyp(type, progress)],
    ["algorithm allowed", () => checkAlg(context, progress)],
    ["key of a trusted issuer", () => checkKey(context, progress)],
    ["key in force and fit for the algorithm", () => checkKeyState(context, progress)],
    ["signature", () => checkSignature(compact, progress)],
    ["claims present and well formed", () => checkClaims(type, progress)],
    ["issuer is the key's identity", () => checkIssuer(progress)],
    ["addressed to this verifier", () => checkAudience(type, context, progress)],
    ["times", () => checkTimes(type, context, progress)],
    ["not seen before", () => checkReplay(type, context, progress)],
  ];
  return rows.map(([check, run], index) => ({ step: index + 1, check, run }));
}

/** Common token verification, steps 1 to 13 in order (COM-1): exactly one code, of the first step that fails. */
export async function verifyToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<Result<Verified<C>, Refusal>> {
  const progress: Progress<C> = {};
  const outcome = await runSteps(stepsOf(type, compact, context, progress));
  if (!outcome.ok) return outcome;
  const { parts, key, claims } = progress;
  if (parts === undefined || key === undefined || claims === undefined)
    return err(refusal("token_malformed", "a step left nothing behind"));
  return ok({
    typ: normalTyp(parts.header.typ ?? ""),
    header: parts.header,
    claims,
    digest: toBase64url(context.sha256(utf8(compact))),
    key,
    compact,
  });
}

/** The same steps, told one by one for the screen. Runs what `verifyToken` runs. */
export function explainToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<VerificationStep[]> {
  return tellSteps(stepsOf(type, compact, context, {}));
}

function checkTyp<C>(type: TokenType<C>, progress: Progress<C>): Outcome {
  const typ = progress.parts?.header.typ;
  return typ !== undefined && type.typ.includes(normalTyp(typ))
    ? passed
    : err(refusal("token_wrong_type", `typ is ${typ ?? "absent"}; expected ${type.typ.join(" or ")}`));
}

function checkAlg<C>(context: VerifyContext, progress: Progress<C>): Outcome {
  const named = progress.parts?.header.alg;
  const allowed = allowedAlgorithm(named, context.algorithms);
  if (allowed === null)
    return err(refusal("token_alg_forbidden", `the algorithm ${named ?? "(none named)"} is not allowed here`));
  progress.alg = allowed;
  return passed;
}

/** Only `kid` is looked at; `jwk`, `jku` and `x5u` are the attacker's to choose and are ignored. */
function checkKey<C>(context: VerifyContext, progress: Progress<C>): Outcome {
  const kid = progress.parts?.header.kid;
  const key = kid === undefined ? undefined : context.resolveKey(kid);
  if (key === undefined)
    return err(
      refusal("token_key_unknown", kid === undefined ? "the header names no key" : "no trusted issuer has this key"),
    );
  progress.key = key;
  return passed;
}

function checkKeyState<C>(context: VerifyContext, progress: Progress<C>): Outcome {
  const { key, alg } = progress;
  if (key !== undefined && key.revokedAt !== null && key.revokedAt <= context.nowS)
    return err(refusal("token_key_revoked", "the key was revoked before this time"));
  return key?.alg === alg ? passed : err(refusal("token_alg_forbidden", "the key is not for this algorithm"));
}

async function checkSignature<C>(compact: string, progress: Progress<C>): Promise<Outcome> {
  const { key } = progress;
  if (key === undefined) return err(refusal("token_key_unknown", "no key"));
  return (await tokenFits(compact, key))
    ? passed
    : err(refusal("token_signature_invalid", "the signature does not fit the bytes and the key"));
}

function checkClaims<C>(type: TokenType<C>, progress: Progress<C>): Outcome {
  const parsed = type.schema.safeParse(progress.parts?.payload);
  if (parsed.success) {
    progress.claims = parsed.data;
    return passed;
  }
  const issue = parsed.error.issues[0];
  const claim = issue?.path.join(".") ?? "";
  return err(
    refusal(
      "token_claim_invalid",
      `${claim === "" ? "the claims" : claim}: ${issue?.message ?? "invalid"}`,
      claim === "" ? {} : { claim },
    ),
  );
}

function checkIssuer<C>(progress: Progress<C>): Outcome {
  const { iss } = progress.claims as CommonClaims;
  return iss === progress.key?.subject
    ? passed
    : err(refusal("token_issuer_mismatch", "iss is not the identity the key is bound to", { claim: "iss" }));
}

function checkAudience<C>(type: TokenType<C>, context: VerifyContext, progress: Progress<C>): Outcome {
  if (type.audience === "none") return passed;
  const { aud } = progress.claims as CommonClaims;
  const named = typeof aud === "string" ? [aud] : (aud ?? []);
  return named.some((id) => context.ownIds.includes(id))
    ? passed
    : err(refusal("token_audience_mismatch", "this verifier is not addressed", { claim: "aud" }));
}

function checkTimes<C>(type: TokenType<C>, context: VerifyContext, progress: Progress<C>): Outcome {
  const { iat, nbf, exp } = progress.claims as CommonClaims;
  const skew = context.skewS ?? 30;
  if (type.expiry === "required" && (exp === undefined || exp <= context.nowS - skew))
    return err(refusal("token_expired", "exp has passed", { claim: "exp" }));
  if (iat !== undefined && iat > context.nowS + skew)
    return err(refusal("token_not_yet_valid", "iat is in the future", { claim: "iat" }));
  if (nbf !== undefined && nbf > context.nowS + skew)
    return err(refusal("token_not_yet_valid", "nbf is in the future", { claim: "nbf" }));
  if (type.expiry === "none" || exp === undefined || iat === undefined) return passed;
  const longest = type.maxLifetimeS(progress.claims as C);
  if (exp <= iat || (longest !== null && exp - iat > longest)) {
    return err(
      refusal(
        "token_lifetime_invalid",
        longest === null ? "exp is not after iat" : `the lifetime is between 1 and ${longest} s`,
        { claim: "exp" },
      ),
    );
  }
  return passed;
}

function checkReplay<C>(type: TokenType<C>, context: VerifyContext, progress: Progress<C>): Outcome {
  const scope = type.replayScope(progress.claims as C);
  if (scope === null || !context.seen(scope)) return passed;
  const { jti } = progress.claims as CommonClaims;
  return err(refusal("token_replayed", "this token id was used before", jti === undefined ? {} : { jti }));
}
