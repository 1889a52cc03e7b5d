import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type CompactParts, checkObjects, checkSegments, checkSize, normalTyp } from "./compact.ts";
import type { Algorithm, TrustedKey } from "./keys.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { allowedAlgorithm, tokenFits } from "./signature.ts";
import { keep, type Outcome, passed, tellSteps, type VerificationStep } from "./steps.ts";
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

/** One token on its way through the steps. */
interface Run<C> extends Progress<C> {
  readonly type: TokenType<C>;
  readonly compact: string;
  readonly context: VerifyContext;
}

type Row = readonly [check: string, run: <C>(run: Run<C>) => Outcome | Promise<Outcome>];

const SIGNATURE: Row = ["signature", (run) => checkSignature(run.compact, run)];

/** COM-1: the table of CTV; each line is one row of the specification. Made once: a long log has many tokens. */
const ROWS: readonly Row[] = [
  ["at most 16,384 bytes", ({ compact }) => checkSize(compact)],
  ["three base64url segments", (run) => keep(checkSegments(run.compact), (segments) => (run.segments = segments))],
  [
    "header and payload are JSON objects",
    (run) => keep(checkObjects(run.segments ?? []), (parts) => (run.parts = parts)),
  ],
  ["type as expected", (run) => checkTyp(run.type, run)],
  ["algorithm allowed", (run) => checkAlg(run.context, run)],
  ["key of a trusted issuer", (run) => checkKey(run.context, run)],
  ["key in force and fit for the algorithm", (run) => checkKeyState(run.context, run)],
  SIGNATURE,
  ["claims present and well formed", (run) => checkClaims(run.type, run)],
  ["issuer is the key's identity", (run) => checkIssuer(run)],
  ["addressed to this verifier", (run) => checkAudience(run.type, run.context, run)],
  ["times", (run) => checkTimes(run.type, run.context, run)],
  ["not seen before", (run) => checkReplay(run.type, run.context, run)],
];

/** Common token verification, steps 1 to 13 in order (COM-1): exactly one code, of the first step that fails. */
export async function verifyToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<Result<Verified<C>, Refusal>> {
  const run: Run<C> = { type, compact, context };
  for (const [, step] of ROWS) {
    const running = step(run);
    // A turn of the event loop for each row of each token of a long log is what the log would cost most.
    const outcome = running instanceof Promise ? await running : running;
    if (!outcome.ok) return outcome;
  }
  return endOf(run);
}

function endOf<C>({ parts, key, claims, compact, context }: Run<C>): Result<Verified<C>, Refusal> {
  if (parts === undefined || key === undefined || claims === undefined)
    return err(refusal("token_malformed", "a step left nothing behind"));
  return ok(verified(parts, claims, key, compact, context.sha256));
}

/**
 * A token whose signature was verified elsewhere, in another worker: read again, and everything of it but the signature
 * looked at again.
 */
export function rereadToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Result<Verified<C>, Refusal> {
  const run: Run<C> = { type, compact, context };
  for (const row of ROWS) {
    if (row === SIGNATURE) continue;
    const outcome = row[1](run);
    if (outcome instanceof Promise) return err(refusal("token_malformed", "only the signature is waited for"));
    if (!outcome.ok) return outcome;
  }
  return endOf(run);
}

/** The digest is made when it is asked for: the verification of a whole log asks for few. */
function verified<C>(
  { header }: CompactParts,
  claims: C,
  key: TrustedKey,
  compact: string,
  sha256: Sha256,
): Verified<C> {
  let digest: string | null = null;
  return {
    typ: normalTyp(header.typ ?? ""),
    header,
    claims,
    get digest() {
      digest ??= toBase64url(sha256(utf8(compact)));
      return digest;
    },
    key,
    compact,
  };
}

/** The same steps, told one by one for the screen. Runs what `verifyToken` runs. */
export function explainToken<C>(
  type: TokenType<C>,
  compact: string,
  context: VerifyContext,
): Promise<VerificationStep[]> {
  const run: Run<C> = { type, compact, context };
  return tellSteps(ROWS.map(([check, step], at) => ({ step: at + 1, check, run: () => step(run) })));
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
  return (await tokenFits(compact, key, progress.parts?.signature, progress.parts?.header.alg))
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
