import { fromBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Algorithm, TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { type Outcome, passed, runSteps, type Step, tellSteps, type VerificationStep } from "../jose/steps.ts";
import { verifyToken } from "../jose/verify-token.ts";
import { verifyConsistency, verifyInclusion } from "../merkle/verify.ts";
import type { ConsistencyProof, ReceiptClaims } from "./claims.ts";
import { entryLeaf } from "./entry.ts";
import { RECEIPT_TYPE } from "./tree-head.ts";

/** What a reader remembers of a log from elsewhere than the receipt: the root it signed at a size. */
export interface PinnedHead {
  readonly size: number;
  readonly root: string;
}

export interface ReceiptContext {
  /** Time of receipt, or in historical mode the recorded one (COM-2). Seconds since the epoch. */
  readonly nowS: number;
  /** Default 30 (COM-3). */
  readonly skewS?: number;
  /** Default ES256 only (COM-4). */
  readonly algorithms?: readonly Algorithm[];
  readonly sha256: Sha256;
  resolveKey(kid: string): TrustedKey | undefined;
  /** The pinned heads of a log that is trusted as a log; undefined for any other id. An agent's key makes no receipts. */
  pinnedHeads(logId: string): readonly PinnedHead[] | undefined;
  /** A consistency proof between two sizes, when one is to be had. */
  consistency?(logId: string, firstSize: number, secondSize: number): ConsistencyProof | null;
}

/** The token a receipt is for: its compact form (or the text of an unsigned record) and its verified `iat`. */
export interface LoggedToken {
  readonly token: string;
  readonly iat: number;
}

export interface VerifiedReceipt {
  readonly claims: ReceiptClaims;
  /**
   * How far the receipt's root is tied to what is known of the log: its own root at a size was seen before, one pinned
   * root is consistent with it, or (`unanchored`) neither: the log may still show others another history.
   */
  readonly anchored: "pinned" | "consistent" | "unanchored";
}

interface Progress {
  claims?: ReceiptClaims;
  heads?: readonly PinnedHead[];
  anchored?: VerifiedReceipt["anchored"];
}

/**
 * V2, from token, receipt and log key alone (XA-13). Refusals: the codes of common token verification,
 * `receipt_log_unknown`, `receipt_subject_mismatch`, `receipt_proof_invalid`, `log_split_view`, `log_inconsistent`,
 * `receipt_time_implausible`.
 */
export async function verifyReceipt(
  receipt: string,
  logged: LoggedToken,
  context: ReceiptContext,
): Promise<Result<VerifiedReceipt, Refusal>> {
  const progress: Progress = {};
  const outcome = await runSteps(stepsOf(receipt, logged, context, progress));
  if (!outcome.ok) return outcome;
  const { claims, anchored } = progress;
  if (claims === undefined || anchored === undefined)
    return err(refusal("token_malformed", "a step left nothing behind"));
  return ok({ claims, anchored });
}

/** The same steps, told for the screen. */
export function explainReceipt(
  receipt: string,
  logged: LoggedToken,
  context: ReceiptContext,
): Promise<VerificationStep[]> {
  return tellSteps(stepsOf(receipt, logged, context, {}));
}

function stepsOf(receipt: string, logged: LoggedToken, context: ReceiptContext, progress: Progress): readonly Step[] {
  const claims = (check: (claims: ReceiptClaims) => Outcome) => (): Outcome =>
    progress.claims === undefined ? err(refusal("token_malformed", "no claims")) : check(progress.claims);
  const rows: readonly (readonly [string, Step["run"]])[] = [
    ["a signed receipt", () => checkToken(receipt, context, progress)],
    ["of a log that is trusted and pinned", claims((read) => checkLog(read, context, progress))],
    ["for this token", claims((read) => checkSubject(read, logged, context))],
    ["the token is included under the root", claims((read) => checkInclusion(read, logged, context))],
    ["the root agrees with the pinned heads", claims((read) => checkHeads(read, context, progress))],
    ["received at a plausible time", claims((read) => checkTimes(read, logged, context))],
  ];
  return rows.map(([check, run], index) => ({ procedure: "V2", step: index + 1, check, run }));
}

async function checkToken(receipt: string, context: ReceiptContext, progress: Progress): Promise<Outcome> {
  const verified = await verifyToken(RECEIPT_TYPE, receipt, { ...context, ownIds: [], seen: () => false });
  if (!verified.ok) return verified;
  progress.claims = verified.value.claims;
  return passed;
}

function checkLog(claims: ReceiptClaims, context: ReceiptContext, progress: Progress): Outcome {
  const heads = context.pinnedHeads(claims.iss);
  if (heads === undefined)
    return err(refusal("receipt_log_unknown", "the issuer is not a log this reader trusts", { claim: "iss" }));
  progress.heads = heads;
  return passed;
}

function checkSubject(claims: ReceiptClaims, logged: LoggedToken, context: ReceiptContext): Outcome {
  return claims.sub_hash === tokenDigest(logged.token, context.sha256)
    ? passed
    : err(refusal("receipt_subject_mismatch", "the receipt is for another token", { claim: "sub_hash" }));
}

/** The entry is rebuilt from the receipt and the token in hand: what was logged is exactly this. */
function checkInclusion(claims: ReceiptClaims, logged: LoggedToken, context: ReceiptContext): Outcome {
  const { seq, submitter, received_at, tree_size } = claims;
  const leaf = entryLeaf({ seq, submitter, received_at, token: logged.token }, context.sha256);
  const root = fromBase64url(claims.root);
  const path = bytesOf(claims.path);
  const included =
    root !== null &&
    path !== null &&
    verifyInclusion({ index: seq, size: tree_size, leaf, path, root }, context.sha256);
  return included
    ? passed
    : err(refusal("receipt_proof_invalid", "the path does not lead from this entry to the root", { claim: "path" }));
}

/** Same size, other root: two histories (ECT-S7, XA-S2). Another size: consistency, as far as a proof is to be had (XA-12). */
function checkHeads(claims: ReceiptClaims, context: ReceiptContext, progress: Progress): Outcome {
  const heads = progress.heads ?? [];
  const sameSize = heads.filter((head) => head.size === claims.tree_size);
  if (sameSize.some((head) => head.root !== claims.root))
    return err(
      refusal("log_split_view", `the log has signed another root over ${claims.tree_size} entries`, { claim: "root" }),
    );
  progress.anchored = sameSize.length > 0 ? "pinned" : "unanchored";
  // Every tree begins with the empty one: a pin of size 0 ties nothing.
  for (const head of heads.filter((candidate) => candidate.size !== claims.tree_size && candidate.size > 0)) {
    const answer = isConsistent(head, { size: claims.tree_size, root: claims.root }, claims.iss, context);
    if (answer === false)
      return err(
        refusal("log_inconsistent", `the root at ${claims.tree_size} does not go with the one pinned at ${head.size}`, {
          claim: "root",
        }),
      );
    if (answer && progress.anchored === "unanchored") progress.anchored = "consistent";
  }
  return passed;
}

/** Null when no proof between exactly these sizes is to be had. The roots are the reader's own and the receipt's, whatever the proof says. */
function isConsistent(pinned: PinnedHead, stated: PinnedHead, logId: string, context: ReceiptContext): boolean | null {
  const [first, second] = pinned.size < stated.size ? [pinned, stated] : [stated, pinned];
  const proof = context.consistency?.(logId, first.size, second.size) ?? null;
  if (proof === null || proof.first_size !== first.size || proof.second_size !== second.size) return null;
  const root1 = fromBase64url(first.root);
  const root2 = fromBase64url(second.root);
  const path = bytesOf(proof.path);
  return (
    proof.first_root === first.root &&
    proof.second_root === second.root &&
    root1 !== null &&
    root2 !== null &&
    path !== null &&
    verifyConsistency({ size1: first.size, size2: second.size, root1, root2, path }, context.sha256)
  );
}

function checkTimes(claims: ReceiptClaims, logged: LoggedToken, context: ReceiptContext): Outcome {
  const skew = context.skewS ?? 30;
  const plausible = claims.received_at >= logged.iat - skew && claims.received_at <= claims.iat + skew;
  return plausible
    ? passed
    : err(
        refusal("receipt_time_implausible", "received before the token was made, or after the receipt was", {
          claim: "received_at",
        }),
      );
}

function bytesOf(digests: readonly string[]): Uint8Array<ArrayBuffer>[] | null {
  const bytes = digests.map(fromBase64url);
  return bytes.includes(null) ? null : bytes.filter((digest) => digest !== null);
}
