import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { requestRollback } from "../../protocol/cascade/rollback-coordinator.ts";
import { planProblem, type RollbackPlan, rehearseRollback } from "../../protocol/cascade/rollback-plan.ts";
import type { EctClaims } from "../../protocol/ect/claims.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { rollbackParamsSchema } from "../../protocol/override/params.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import type { Cosigner } from "../override/cosigners.ts";
import { decideOverride } from "../override/decide.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { State, WorkflowState } from "../state.ts";
import { bytesOf, MAX_REASON_BYTES } from "./consequences.ts";
import { pepEct, UNDO_ECT_LIFETIME_S } from "./pep-ect.ts";
import { planPieces } from "./plan-text.ts";
import { isUnderWay } from "./rollback-states.ts";
import { NO_TRAILS, type TrailPlaces } from "./trail-places.ts";
import { type RollbackAim, rollbackInput } from "./undo-input.ts";

/*
 * How a plan is made and a rollback begins. Loaded when somebody rehearses or orders one: most logs never see any.
 */

/** Seconds within which participants answer `prepare` [ours]. */
const ANSWER_WITHIN_S = 60;

/** A dry run over the log as it is (C4): needs no authority and changes nothing. `workflow_unknown` beside its own refusals. */
export function rehearse(
  state: State,
  aim: RollbackAim,
  ids: HostIds,
  { nowS, sha256 }: Pick<Moment, "nowS" | "sha256">,
  places: TrailPlaces = NO_TRAILS,
): Result<{ readonly plan: RollbackPlan; readonly problem: Refusal | null }, Refusal> {
  const workflow = workflowOf(state, aim.wid);
  if (!workflow.ok) return workflow;
  const input = rollbackInput(state, workflow.value, aim, ids, nowS, places);
  const plan = rehearseRollback(input, sha256);
  if (!plan.ok) return plan;
  const problem = busyProblem(state, aim.wid) ?? planProblem(plan.value, aim.bestEffort);
  return ok({ plan: plan.value, problem });
}

/**
 * The order to roll back, after what holds for every order: the plan is made anew from the log as it is now, and begins only
 * when it is the one that two people have signed (C4 step 1, CAS-S4). Order, plan and the ECT of the request are one frame.
 */
export function decideRollbackOrder(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"override+jwt">,
  cosigners: readonly Cosigner[],
  ids: HostIds,
  moment: Moment,
  places: TrailPlaces = NO_TRAILS,
): Result<Draft[], Refusal> {
  const ordered = decideOverride(state, token, fact, cosigners, moment);
  if (!ordered.ok) return ordered;
  const { claims } = fact;
  const params = must(rollbackParamsSchema.safeParse(claims.params).data, "the form of the order was checked");
  if (bytesOf(claims.reason) > MAX_REASON_BYTES)
    return err(refusal("token_claim_invalid", "the reason leaves no room in what goes out", { claim: "reason" }));
  const workflow = workflowOf(state, claims.scope.id);
  if (!workflow.ok) return workflow;
  const busy = busyProblem(state, claims.scope.id);
  if (busy !== null) return err(busy);
  const aim: RollbackAim = {
    wid: claims.scope.id,
    target: params.target,
    keepTarget: params.keep_target ?? false,
    bestEffort: params.best_effort,
  };
  const authority = { typ: fact.typ, id: claims.jti, hash: token.digest };
  const input = rollbackInput(state, workflow.value, aim, ids, moment.nowS, places);
  const plan = rehearseRollback(input, moment.sha256);
  if (!plan.ok) return plan;
  if (plan.value.planHash !== params.plan_hash)
    return err(
      refusal("rollback_plan_changed", "what would be done is not what was shown and signed any more: rehearse again", {
        claim: "params.plan_hash",
      }),
    );
  const problem = planProblem(plan.value, aim.bestEffort);
  if (problem !== null) return err(problem);
  const requested = requestRollback(
    {
      rbId: claims.jti,
      wid: aim.wid,
      plan: plan.value,
      approvedHash: params.plan_hash,
      bestEffort: aim.bestEffort,
      authority,
      reason: claims.reason,
      deadlineS: moment.nowS + ANSWER_WITHIN_S,
      atS: moment.nowS,
    },
    moment.sha256,
  );
  if (!requested.ok) return requested;
  const pieces = planPieces(claims.jti, requested.value);
  if (!pieces.ok) return pieces;
  const node = pepEct(requestEct(workflow.value, aim, claims.jti, params.plan_hash, ids, moment));
  const cause = { jti: claims.jti };
  return ok([
    ...ordered.value,
    node,
    ...pieces.value.map((piece) => recordDraft(ids, moment, "rollback_planned", aim.wid, cause, { ...piece })),
  ]);
}

/** The rollback's own node, which the results follow (C5): it names its plan by the digest. */
function requestEct(
  workflow: WorkflowState,
  { wid, target }: RollbackAim,
  rbId: string,
  planHash: string,
  ids: HostIds,
  moment: Moment,
): EctClaims {
  const follows = target.kind === "task" && workflow.ects.has(target.id) ? [target.id] : [];
  return {
    iss: ids.pepId,
    aud: [ids.logId],
    iat: moment.nowS,
    exp: moment.nowS + UNDO_ECT_LIFETIME_S,
    jti: nodeJti(rbId),
    wid,
    exec_act: "rollback_prepare",
    pred: follows,
    ect_ext: { rb_id: rbId, obj_typ: "rollback-plan+json", obj_id: rbId, obj_hash: planHash },
  };
}

function workflowOf(state: State, wid: string): Result<WorkflowState, Refusal> {
  const workflow = state.workflows.get(wid);
  return workflow === undefined
    ? err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }))
    : ok(workflow);
}

/** One rollback of a workflow at a time [ours]. */
function busyProblem(state: State, wid: string): Refusal | null {
  for (const { rbId, wid: of, run } of state.rollbacks.values())
    if (of === wid && run !== null && isUnderWay(run.phase))
      return refusal("rollback_conflict", "another rollback of this workflow is not over yet", { jti: rbId });
  return null;
}
