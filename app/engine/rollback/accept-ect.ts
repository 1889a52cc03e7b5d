import { err, ok, type Result } from "../../base/result.ts";
import { CHECKPOINT_ACT, readCheckpoint } from "../../protocol/cascade/checkpoint.ts";
import { checkCompensation } from "../../protocol/cascade/rollback-compensation.ts";
import type { EctClaims } from "../../protocol/ect/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { State, WorkflowState } from "../state.ts";
import { heldEcts } from "../workflow/held-ects.ts";

/** Whether an ECT is one of those an agent signs for rollbacks, which no permission is asked for. */
export const isUndoAct = (state: State, claims: EctClaims): boolean =>
  claims.exec_act === CHECKPOINT_ACT || compensatedStep(state, claims) !== null;

/**
 * A checkpoint is taken when it is well formed and its id is new in this log; a compensation when it is of a step that its
 * agent was asked to compensate, and the only one of that task (ECT-44, ECT-45, CAS-18). Null: nothing against it.
 */
export function undoEctProblem(state: State, workflow: WorkflowState, claims: EctClaims): Refusal | null {
  const checked =
    claims.exec_act === CHECKPOINT_ACT ? checkpoint(state, workflow, claims) : compensation(state, claims);
  return checked.ok ? null : checked.error;
}

function checkpoint(state: State, workflow: WorkflowState, claims: EctClaims): Result<void, Refusal> {
  const read = readCheckpoint(claims);
  if (!read.ok) return read;
  if (state.checkpoints.has(read.value.ckptId))
    return err(refusal("checkpoint_known", "a checkpoint of this id is in the log already", { jti: claims.jti }));
  const { madeAfter } = read.value;
  return madeAfter === null || workflow.ects.has(madeAfter)
    ? ok(undefined)
    : err(refusal("checkpoint_invalid", "pred: it names nothing of this workflow", { claim: "pred" }));
}

/** The open step of a rollback that this ECT answers, by the agent that was asked; null when there is none. */
function compensatedStep(state: State, claims: EctClaims): string | null {
  const rbId = claims.ect_ext?.rb_id;
  const run = claims.exec_act === "compensate" && typeof rbId === "string" ? state.rollbacks.get(rbId)?.run : undefined;
  if (run === undefined || run === null) return null;
  const step = run.request.steps.find(
    ({ n, task, agent, method }) =>
      method === "compensate" &&
      agent === claims.iss &&
      claims.pred.includes(task) &&
      (run.steps[n - 1]?.status === "open" || run.steps[n - 1]?.status === "timeout"),
  );
  return step?.task ?? null;
}

function compensation(state: State, claims: EctClaims): Result<void, Refusal> {
  const task = compensatedStep(state, claims);
  return task === null
    ? err(refusal("rollback_step_unasked", "nothing asked for this compensation", { jti: claims.jti }))
    : checkCompensation(claims, task, heldEcts(state.workflows));
}
