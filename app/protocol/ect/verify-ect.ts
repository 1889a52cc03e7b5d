import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { VerifiedReceipt } from "../audit/verify-receipt.ts";
import type { TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { type Outcome, passed, runSteps, type Step, tellSteps, type VerificationStep } from "../jose/steps.ts";
import type { Verified } from "../jose/verify-token.ts";
import { dagSteps, type Placement, placeAgain, placementOf, type SyncStep } from "./check-dag.ts";
import type { EctClaims, UnsignedEctClaims } from "./claims.ts";
import { detectForm, type EctForm, peekJti, peekWid } from "./detect-level.ts";
import type { ArrivalContext, EctContext, EctProgress, PlaceContext } from "./ect-context.ts";
import * as rows from "./ect-steps.ts";
import { checkPolicyKeys } from "./extensions.ts";
import { createEctMemory, type KnownEct, type Level } from "./known-ects.ts";
import { type LedgerAnswer, type LedgerFailure, type LedgerUse, reachLedger, verifyReceipts } from "./ledger.ts";

/** An ECT that was accepted. Accepted is authentic, never true: it states what its issuer says of itself (ECT-S12). */
export interface VerifiedEct {
  readonly input: string;
  /** Token digest. */
  readonly digest: string;
  /** Under the names of -01, whichever version was read (ECT-21). */
  readonly claims: UnsignedEctClaims;
  readonly version: "-00" | "-01";
  /** Who the key speaks for; for an unsigned record who it says it is from, null for an unattributed one (ECT-8). */
  readonly issuer: string | null;
  /** Null for an unsigned record. */
  readonly key: TrustedKey | null;
  readonly state: "L1_ok" | "L2_ok" | "L3_pending" | "L3_ok" | "L3_degraded";
  /** Its own level, as achieved here; pending and degraded ones are 2 (ECT-27). */
  readonly level: Level;
  readonly placement: Placement;
  readonly receipts: readonly VerifiedReceipt[];
  /** Receipts that were refused beside those that sufficed. */
  readonly refusedReceipts: readonly Refusal[];
  /** While `L3_pending`: the ledger's answer, for `settleLedger`. */
  readonly receipt: Promise<Result<string, LedgerFailure>> | null;
}

/**
 * Level detection (D1), then the steps for a signed (D2) or an unsigned (D3) ECT with DAG validation (D4), in order; one
 * code, of the first that fails. It changes nothing: whoever accepts the result marks its scope as seen and adds
 * `knownEct` to what is known, before the next is verified.
 *
 * Refusals: `ect_*`, `wit_invalid`, `wpt_invalid`, `dag_*` as the tables of ect.md have them; malformed input is 400, a
 * ledger that cannot be reached 503, all else 403, never 401 (ECT-33).
 */
export async function verifyEct(input: string, context: EctContext): Promise<Result<VerifiedEct, Refusal>> {
  const progress: EctProgress = { dag: {} };
  const outcome = await runSteps(stepsOf(input, context, progress));
  const jti = progress.claims?.jti ?? peekJti(input);
  context.observe?.({ atS: context.nowS, jti, outcome: outcome.ok ? "accepted" : outcome.error.code });
  return outcome.ok ? ok(accepted(input, context, progress)) : about(jti, outcome.error);
}

/** The same steps, told for the screen, each under the procedure that has it; and the ECT, when all have passed. */
export async function explainEct(
  input: string,
  context: EctContext,
): Promise<{ readonly steps: readonly VerificationStep[]; readonly ect: VerifiedEct | null }> {
  const progress: EctProgress = { dag: {} };
  const steps = await tellSteps(stepsOf(input, context, progress));
  const failed = steps.some((step) => step.result !== "passed");
  return { steps, ect: failed ? null : accepted(input, context, progress) };
}

/**
 * The first half of the same verification, for a log that takes signed ECTs side by side and places them in order: D1 and
 * D2 up to step 14, which look at nothing but the token, its key and the time. `placeEct` is the second half.
 */
export async function receiveEct(
  input: string,
  context: ArrivalContext,
): Promise<Result<Verified<EctClaims>, Refusal>> {
  const progress: EctProgress = { dag: {} };
  const outcome = await runSteps(arrivalSteps(input, context, progress));
  if (!outcome.ok) return about(progress.claims?.jti ?? peekJti(input), outcome.error);
  const { parts, key, typ } = progress;
  if (parts === undefined || key === undefined || typ === undefined)
    return err(refusal("ect_level_insufficient", "an unsigned record is nothing a log takes"));
  // Step 12 has read a signed one as what a signed one is.
  const claims = must(progress.claims, "claims that were read") as EctClaims;
  return ok({ typ, header: parts.header, claims, digest: tokenDigest(input, context.sha256), key, compact: input });
}

/**
 * The second half, at once and in the order of the log: the times as of the moment the ECT is taken, which is the one it
 * will be verified at again (COM-2), then D2 step 15 and D4 among what is held.
 */
export function placeEct(claims: EctClaims, level: Level, context: PlaceContext): Result<Placement, Refusal> {
  const progress: EctProgress = { payload: claims as JsonObject, claims, dag: {} };
  for (const { run } of [...timeSteps(context, progress), ...placeSteps(level, context, progress)]) {
    const outcome = run();
    if (!outcome.ok) return about(claims.jti, outcome.error);
  }
  return ok(placementOf(rows.knownOf(claims, level), progress.dag));
}

/** An accepted ECT as later ones will know it. */
export function knownEct(ect: VerifiedEct): KnownEct {
  return rows.knownOf(ect.claims, ect.level);
}

/** A refusal names the task it is about. */
function about(jti: string | null, problem: Refusal): { readonly ok: false; readonly error: Refusal } {
  return err(jti === null || problem.jti !== undefined ? problem : { ...problem, jti });
}

function stepsOf(input: string, context: EctContext, progress: EctProgress): readonly Step[] {
  const arrival = arrivalSteps(input, context, progress);
  const form = detectForm(input);
  if (!form.ok) return arrival;
  const { ledger } = context;
  const signed = form.value.kind === "signed";
  return [
    ...arrival,
    ...placeSteps(signed ? 2 : 1, context, progress),
    ...(signed && ledger !== undefined
      ? [row(17, "on record in a ledger", () => checkLedger(input, ledger, context, progress))]
      : []),
  ];
}

/** D1, then D2 or D3 up to step 14. */
function arrivalSteps(input: string, context: ArrivalContext, progress: EctProgress): readonly Step[] {
  const form = detectForm(input);
  const detected: Step = {
    procedure: "D1",
    step: 1,
    check: "a compact JWS, or an unsigned record",
    run: () => ignore(form),
  };
  if (!form.ok) return [detected];
  const level: Step = {
    procedure: "D1",
    step: 4,
    check: "the level this workflow asks for",
    run: () => checkLevel(achievable(form.value, context), input, form.value, context),
  };
  const own =
    form.value.kind === "signed" ? signedSteps(input, context, progress) : unsignedSteps(form.value, context, progress);
  return [detected, level, ...own, ...timeSteps(context, progress), ...contentSteps(context, progress)];
}

const ignore = (result: Result<unknown, Refusal>): Outcome => (result.ok ? passed : result);

function achievable(form: EctForm, context: ArrivalContext): Level {
  if (form.kind === "unsigned") return 1;
  const { receipts = [], append } = context.ledger ?? {};
  return receipts.length > 0 || append !== undefined ? 3 : 2;
}

function checkLevel(level: Level, input: string, form: EctForm, context: ArrivalContext): Outcome {
  const minimum = context.minimumLevel?.(peekWid(input, form)) ?? 2;
  return level >= minimum
    ? passed
    : err(refusal("ect_level_insufficient", `level ${level}, where at least ${minimum} is asked for`));
}

/** D2 up to step 9, with the key's fitness before the signature that depends on it. */
function signedSteps(input: string, context: ArrivalContext, progress: EctProgress): readonly Step[] {
  return [
    row(1, "identity and proof that came along", () => rows.checkAccompanying(input, context, progress)),
    row(2, "three base64url segments, two JSON objects", () => rows.checkParts(input, progress)),
    row(3, "the type of an ECT", () => rows.checkTyp(progress)),
    row(4, "algorithm allowed", () => rows.checkAlg(context, progress)),
    row(5, "key of a trusted issuer, in force", () => rows.checkKey(context, progress)),
    row(6, "key fit for the algorithm", () => rows.checkKeyFits(progress)),
    row(7, "signature", () => rows.checkSignature(input, progress)),
    row(8, "issuer is the key's identity", () => rows.checkIssuer(progress)),
    row(9, "addressed to this verifier", () => rows.checkAudience(context, progress)),
  ];
}

/** D3: the transport; steps 10 to 16 follow. */
function unsignedSteps(
  form: Extract<EctForm, { kind: "unsigned" }>,
  context: ArrivalContext,
  progress: EctProgress,
): readonly Step[] {
  progress.payload = form.payload;
  progress.payloadText = form.payloadText;
  const transport = row(1, "from an authenticated peer of this organization", () =>
    rows.checkTransport(context, progress),
  );
  return [{ ...transport, procedure: "D3" }];
}

function timeSteps(
  context: Pick<ArrivalContext, "nowS" | "skewS" | "maxAgeS">,
  progress: EctProgress,
): readonly SyncStep[] {
  return [
    row(10, "not expired", () => rows.checkExpiry(context, progress)),
    row(11, "made lately", () => rows.checkWindow(context, progress)),
  ];
}

function contentSteps(context: ArrivalContext, progress: EctProgress): readonly SyncStep[] {
  return [
    row(12, "claims present and well formed", () => rows.checkClaims(context, progress)),
    row(13, "extension object within its limits", () => rows.checkExt(progress)),
    row(14, "policy keys", () => checkPolicyKeys(must(progress.claims, "claims that were read"))),
  ];
}

/** Steps 15 and 16: what depends on the ECTs that are held. */
function placeSteps(level: Level, context: PlaceContext, progress: EctProgress): readonly SyncStep[] {
  const task = (): KnownEct => rows.knownOf(must(progress.claims, "claims that were read"), level);
  // Without a store nothing can be found missing: all predecessors are open, and the result is partial (D3).
  const known = context.known ?? createEctMemory();
  const policy = context.known === null ? { ...context.dag, missing: "partial" as const } : (context.dag ?? {});
  return [
    row(15, "not seen before", () => rows.checkReplay(context, progress)),
    ...dagSteps(task, known, policy, progress.dag),
  ];
}

function row<Run extends Step["run"]>(step: number, check: string, run: Run): Step & { run: Run } {
  return { procedure: "D2", step, check, run };
}

/** 17. What a ledger cannot give now is level 2, unless this workflow asks for 3 (ECT-27, ECT-28). */
async function checkLedger(
  input: string,
  use: LedgerUse,
  context: EctContext,
  progress: EctProgress,
): Promise<Outcome> {
  const claims = must(progress.claims, "claims");
  const reached = await reachLedger({ token: input, iat: claims.iat }, use, { ...context, ...use.receiptContext });
  if (!reached.ok) return reached;
  progress.ledger = reached.value;
  const minimum = context.minimumLevel?.(claims.wid) ?? 2;
  if (minimum < 3 || reached.value.state === "L3_ok") return passed;
  if (reached.value.state === "L3_degraded") return err(refusal("ect_ledger_unavailable", reached.value.detail));
  return err(refusal("ect_level_insufficient", "level 2 until the ledger has answered, where 3 is asked for"));
}

function accepted(input: string, context: EctContext, progress: EctProgress): VerifiedEct {
  const claims = must(progress.claims, "claims of an accepted ECT");
  const ledger: LedgerAnswer = progress.ledger ?? { state: "L2_ok" };
  const state = progress.key === undefined ? "L1_ok" : ledger.state;
  const level = state === "L1_ok" ? 1 : state === "L3_ok" ? 3 : 2;
  return {
    input,
    digest: tokenDigest(input, context.sha256),
    claims,
    version: progress.version ?? "-01",
    issuer: progress.key?.subject ?? claims.iss ?? null,
    key: progress.key ?? null,
    state,
    level,
    placement: placementOf(rows.knownOf(claims, level), progress.dag),
    receipts: ledger.state === "L3_ok" ? ledger.receipts : [],
    refusedReceipts: ledger.state === "L3_ok" ? ledger.refused : [],
    receipt: ledger.state === "L3_pending" ? ledger.receipt : null,
  };
}

/**
 * The end of an asynchronous append (ECT-27): level 3 with a receipt that verifies, level 2 without; and the tasks that
 * rest on this one directly, which are to be told either way. A later receipt settles a degraded one, too.
 */
export async function settleLedger(
  ect: VerifiedEct,
  answer: Result<string, LedgerFailure>,
  context: EctContext,
): Promise<{ readonly ect: VerifiedEct; readonly notify: readonly string[]; readonly problem: Refusal | null }> {
  const use = must(context.ledger, "a ledger");
  const logged = { token: ect.input, iat: ect.claims.iat };
  const verified: Result<LedgerAnswer, Refusal> = answer.ok
    ? await verifyReceipts([answer.value], 1, logged, { ...context, ...use.receiptContext })
    : err(refusal("ect_ledger_unavailable", answer.error.detail));
  const { jti, wid } = ect.claims;
  const known = context.known ?? createEctMemory();
  const settled = (state: "L3_ok" | "L3_degraded", receipts: readonly VerifiedReceipt[]): VerifiedEct => {
    const level = state === "L3_ok" ? 3 : 2;
    return {
      ...ect,
      state,
      level,
      receipts,
      receipt: null,
      placement: placeAgain(rows.knownOf(ect.claims, level), known),
    };
  };
  const notify = known.successors(jti, wid).map((successor) => successor.jti);
  if (!verified.ok) return { ect: settled("L3_degraded", []), notify, problem: verified.error };
  const receipts = verified.value.state === "L3_ok" ? verified.value.receipts : [];
  return { ect: settled("L3_ok", receipts), notify, problem: null };
}
