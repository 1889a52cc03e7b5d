import { err, ok, type Result } from "../../base/result.ts";
import { type DagPolicy, type DagProgress, dagSteps, isCompensable } from "../ect/check-dag.ts";
import type { EctClaims, UnsignedEctClaims } from "../ect/claims.ts";
import { checkPolicyKeys } from "../ect/extensions.ts";
import { findPred, type KnownEct, type KnownEcts } from "../ect/known-ects.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { StepResult } from "./rollback-state.ts";

/** Why something is compensated (ect.md, values [ours]). */
export type CompensationReason =
  | "policy_violation"
  | "task_failed"
  | "human_rejection"
  | "override"
  | "timeout"
  | "downstream_failure";

/** Who signs, for whom, and when: what every ECT of a rollback has beside its own. */
export interface UndoEnvelope {
  readonly iss: string;
  readonly aud: readonly string[];
  readonly wid: string;
  readonly jti: string;
  readonly iat: number;
  readonly lifetimeS: number;
  readonly rbId: string;
}

function claimsOf(envelope: UndoEnvelope, act: string, pred: readonly string[], ext: object): EctClaims {
  const { iss, aud, wid, jti, iat, lifetimeS, rbId } = envelope;
  return {
    iss,
    aud: [...aud],
    iat,
    exp: iat + lifetimeS,
    jti,
    wid,
    exec_act: act,
    pred: [...pred],
    ect_ext: { rb_id: rbId, ...ext },
  };
}

/**
 * The ECT of a compensation (ECT-44): a new node that follows the task it makes good, which stays as it is (CAS-13).
 * `after`: further predecessors, such as the request it answers. Refusals: those of `checkCompensation`.
 */
export function compensationClaims(
  envelope: UndoEnvelope,
  task: string,
  reason: CompensationReason,
  after: readonly string[],
  known: KnownEcts,
): Result<EctClaims, Refusal> {
  const ext = { compensation_required: true, compensation_reason: reason, target_jti: task };
  const claims = claimsOf(envelope, "compensate", [task, ...after], ext);
  const checked = checkCompensation(claims, task, known);
  return checked.ok ? ok(claims) : checked;
}

/**
 * Whether an ECT compensates just this task: in form (ECT-44), at its place in the graph, and as the only one (ECT-45).
 * Refusals: `ect_claim_invalid`, `dag_*` as ect.md has them, `compensation_of_other` when it makes good something else.
 */
export function checkCompensation(
  claims: UnsignedEctClaims,
  task: string,
  known: KnownEcts,
  policy: DagPolicy = {},
): Result<void, Refusal> {
  if (claims.exec_act !== "compensate")
    return err(refusal("ect_claim_invalid", "exec_act: a compensation is named so", { claim: "exec_act" }));
  const form = checkPolicyKeys(claims);
  if (!form.ok) return form;
  const ect: KnownEct = {
    jti: claims.jti,
    wid: claims.wid,
    iss: claims.iss ?? null,
    iat: claims.iat,
    pred: claims.pred,
    execAct: claims.exec_act,
    ext: claims.ect_ext ?? {},
    level: 2,
  };
  const progress: DagProgress = {};
  for (const step of dagSteps(() => ect, known, policy, progress)) {
    const outcome = step.run();
    if (!outcome.ok) return outcome;
  }
  const compensated = claims.pred
    .map((jti) => findPred(known, jti, claims.wid).same)
    .filter((pred) => pred !== undefined && isCompensable(pred.execAct))
    .map((pred) => pred?.jti);
  return compensated.length === 1 && compensated[0] === task
    ? ok(undefined)
    : err(refusal("compensation_of_other", "it names another task, or more than this one", { claim: "pred" }));
}

/** The ECT that says how a step ended: it follows the undone task and the request (C5), and changes neither (CAS-13). */
export function rollbackResultEct(
  envelope: UndoEnvelope,
  task: string,
  request: string,
  result: StepResult,
): EctClaims {
  const pred = result.compensation === undefined ? [task, request] : [task, request, result.compensation];
  return claimsOf(envelope, "rollback_result", pred, { target_jti: task, outcome: result.status });
}
