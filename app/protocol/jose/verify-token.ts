import { compactVerify } from "jose";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type CompactParts, checkObjects, checkSegments, checkSize, normalTyp } from "./compact.ts";
import type { Algorithm, TrustedKey } from "./keys.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { CommonClaims, TokenType } from "./token-type.ts";

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

export interface VerificationStep {
  readonly step: number;
  readonly check: string;
  readonly result: "passed" | "failed" | "not_reached";
  readonly code?: string;
  readonly detail?: string;
}

/** What the steps hand on to one another. */
interface Progress<C> {
  segments?: readonly Uint8Array<ArrayBuffer>[];
  parts?: CompactParts;
  alg?: Algorithm;
  key?: TrustedKey;
  claims?: C;
}

type Outcome = Result<void, Refusal>;
const passed: Outcome = ok(undefined);

/** COM-1: the table of CTV; each line is one row of the specification, run in order, first failure wins. */
const STEPS: readonly {
  readonly check: string;
  readonly run: <C>(
    type: TokenType<C>,
    compact: string,
    context: VerifyContext,
    progress: Progress<C>,
  ) => Outcome | Promise<Outcome>;
}[] = [
  { check: "at most 16,384 bytes", run: (_type, compact) => checkSize(compact) },
  {
    check: "three base64url segments",
    run: (_type, compact, _context, progress) =>
      keep(checkSegments(compact), (segments) => (progress.segments = segments)),
  },
  {
    check: "header and payload are JSON objects",
    run: (_type, _compact, _context, progress) =>
      keep(checkObjects(progress.segments ?? []), (parts) => (progress.parts = parts)),
  },
  { check: "type as expected", run: (type, _compact, _context, progress) => checkTyp(type, progress) },
  { check: "algorithm allowed", run: (_type, _compact, context, progress) => checkAlg(context, progress) },
  { check: "key of a trusted issuer", run: (_type, _compact, context, progress) => checkKey(context, progress) },
  {
    check: "key in force and fit for the algorithm",
    run: (_type, _compact, context, progress) => checkKeyState(context, progress),
  },
  { check: "signature", run: (_type, compact, _context, progress) => checkSignature(compact, progress) },
  { check: "claims present and well formed", run: (type, _compact, _context, progress) => checkClaims(type, progress) },
  { check: "issuer is the key's identity", run: (_type, _compact, _context, progress) => checkIssuer(progress) },
  {
    check: "addressed to this verifier",
    run: (type, _compact, context, progress) => checkAudience(type, context, progress),
  },
  { check: "times", run: (type, _compact, context, progress) => checkTimes(type, context, progress) },
  { check: "not seen before", run: (type, _compact, context, progress) => checkReplay(type, context, progress) },
];

/** Common token verification, steps 1 to 13 in order (COM-1): exactly one code, of the first step that fails. */
export async function verifyToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<Result<Verified<C>, Refusal>> {
  const progress: Progress<C> = {};
  for (const step of STEPS) {
    const outcome = await step.run(type, compact, context, progress);
    if (!outcome.ok) return outcome;
  }
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
export async function explainToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<VerificationStep[]> {
  const progress: Progress<C> = {};
  let failed = false;
  const told: VerificationStep[] = [];
  for (const [index, step] of STEPS.entries()) {
    const base = { step: index + 1, check: step.check };
    if (failed) {
      told.push({ ...base, result: "not_reached" });
      continue;
    }
    const outcome = await step.run(type, compact, context, progress);
    failed = !outcome.ok;
    told.push(
      outcome.ok
        ? { ...base, result: "passed" }
        : { ...base, result: "failed", code: outcome.error.code, detail: outcome.error.detail },
    );
  }
  return told;
}

function keep<T>(result: Result<T, Refusal>, take: (value: T) => void): Outcome {
  if (!result.ok) return result;
  take(result.value);
  return passed;
}

function checkTyp<C>(type: TokenType<C>, progress: Progress<C>): Outcome {
  const typ = progress.parts?.header.typ;
  return typ !== undefined && type.typ.includes(normalTyp(typ))
    ? passed
    : err(refusal("token_wrong_type", `typ is ${typ ?? "absent"}; expected ${type.typ.join(" or ")}`));
}

/** Allow-list only: `none` and MACs are on no list (ECT-5, ECT-6). `Ed25519` is RFC 9864's name for the same. */
function checkAlg<C>(context: VerifyContext, progress: Progress<C>): Outcome {
  const named = progress.parts?.header.alg;
  const alg = named === "Ed25519" ? "EdDSA" : named;
  const allowed = (context.algorithms ?? ["ES256"]).find((candidate) => candidate === alg);
  if (allowed === undefined)
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
  if (progress.key === undefined) return err(refusal("token_key_unknown", "no key"));
  try {
    await compactVerify(compact, progress.key.key);
    return passed;
  } catch {
    // jose throws for every way a signature can be wrong; to us they are one answer.
    return err(refusal("token_signature_invalid", "the signature does not fit the bytes and the key"));
  }
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
