import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { quarantineProblem } from "../behavior/effects.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { livenessProblem } from "../liveness/problem.ts";
import { holdProblem, operatorOf } from "../override/hold.ts";
import { policyInForce } from "../policy/in-force.ts";
import { type HostIds, recordDraft } from "../records.ts";
import { undonePredProblem } from "../rollback/undone.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import { consequenceOf, haltProblem } from "./decide-intent.ts";
import { grantProblem } from "./grants.ts";
import { suspendedBy } from "./suspended.ts";
import { isApproval } from "./terms.ts";

/**
 * The instant before an effect (P2.5): bind, decision expiry, policy and stop latch once more. The record is durable before
 * the effect, so a crash in between reads "outcome unknown", never "not done".
 */
export function decideEffect(
  state: State,
  command: Extract<Command, { kind: "effect" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const workflow = state.workflows.get(command.wid);
  const task = workflow?.tasks.get(command.task);
  if (workflow === undefined || task === undefined || task.intent === null)
    return err(refusal("task_not_permitted", "no permission was asked for this task"));
  if (task.status !== "running")
    return err(refusal("task_not_permitted", `the task is ${task.status}`, { jti: task.jti }));
  const cause = { jti: task.intent.jti };
  const withhold = (problem: Refusal): Result<Draft[], Refusal> =>
    ok([
      recordDraft(ids, moment, "effect_refused", workflow.wid, cause, {
        task: task.jti,
        agent: task.agent,
        code: problem.code,
        detail: problem.detail,
      }),
    ]);

  if (command.latch !== null) {
    return withhold(refusal("override_active", "a stop is latched at the enforcement point", { jti: command.latch }));
  }
  if (command.agent !== undefined && command.agent !== task.agent)
    return withhold(refusal("acp_subject_mismatch", "another agent was permitted to do this", { jti: task.jti }));
  const halted = haltProblem(state, workflow, task.agent, task.jti);
  if (halted !== null) return withhold(halted);
  const subject = { agent: task.agent, wid: workflow.wid, task: task.jti };
  const action = { acp: task.intent.acp, iss: task.agent, exec_act: task.execAct };
  const held =
    holdProblem(state, subject) ?? livenessProblem(state, subject, () => consequenceOf(state, action), moment.nowS);
  if (held !== null) return err(held);
  const undone = undonePredProblem(state, workflow, task.intent.pred);
  if (undone !== null) return withhold(undone);
  // Leave that was saved up is not used in quarantine (BEH-24).
  const quarantined = quarantineProblem(state, task.agent);
  if (quarantined !== null) return withhold(quarantined);
  const policy = policyInForce(state, workflow, task.intent.acp, task.agent, moment.nowS);
  if (!policy.ok) return withhold(policy.error);
  const approval = approvalProblem(state, task, moment.nowS) ?? grantedProblem(state, workflow, task, moment.nowS);
  if (approval !== null) return withhold(approval);
  const suspending = suspendedBy(workflow, state, task.agent);
  if (suspending !== null)
    return err(refusal("agent_suspended", "a rule has paused this agent until a human answered", { jti: suspending }));
  const operator = operatorOf(state, { agent: task.agent, wid: workflow.wid, task: task.jti });
  const started = {
    task: task.jti,
    agent: task.agent,
    ...(operator === null ? {} : { operator }),
    exec_act: task.execAct,
    ...(task.request === null ? {} : { request: task.request }),
    ...(task.grant === null ? {} : { grant: task.grant }),
    ...changedArguments(state, task),
  };
  return ok([recordDraft(ids, moment, "effect_started", workflow.wid, cause, started)]);
}

function approvalProblem(state: State, task: TaskState, nowS: number): Refusal | null {
  if (task.request === null) return null;
  const gate = state.gates.get(task.request);
  if (gate === undefined || gate.status !== "approved")
    return refusal("hitl_not_pending", "the approval is not in force");
  const approvals = gate.decisions.filter(isApproval);
  if (approvals.some((decision) => nowS > decision.exp))
    return refusal("hitl_decision_expired", "the approval was not used in time");
  const { exec_act, inp_hash, args_hash } = gate.claims.task;
  if (exec_act !== task.execAct || inp_hash !== task.intent?.inpHash || args_hash !== task.intent.argsHash) {
    return refusal("hitl_bind_mismatch", "the approval is for another action (ACP-11)");
  }
  return null;
}

/** A grant that let it through must still be given the instant before the effect. */
function grantedProblem(state: State, workflow: WorkflowState, task: TaskState, nowS: number): Refusal | null {
  if (task.grant === null) return null;
  const grant = state.grants.get(task.grant);
  return grant === undefined
    ? refusal("grant_unknown", "the standing grant is not in this log", { jti: task.grant })
    : grantProblem(state, grant, workflow, nowS);
}

/** What runs is what was approved: the changed arguments by their digest, for whoever carries the effect out. */
function changedArguments(state: State, task: TaskState): { readonly args_hash?: string } {
  const modified = task.request === null ? null : (state.gates.get(task.request)?.modified ?? null);
  return modified === null ? {} : { args_hash: modified.argsHash };
}

/** A stop came between the record of an effect and the effect itself: the effect did not happen. */
export function decideWithheld(
  state: State,
  command: Extract<Command, { kind: "effect_withheld" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const task = state.workflows.get(command.wid)?.tasks.get(command.task);
  if (task === undefined || task.intent === null)
    return err(refusal("task_not_permitted", "no permission was asked for this task"));
  if (task.status !== "effect") return err(refusal("task_not_permitted", `the task is ${task.status}`));
  return ok([
    recordDraft(
      ids,
      moment,
      "effect_refused",
      command.wid,
      { jti: task.intent.jti },
      { task: task.jti, agent: task.agent, code: command.code, detail: "a stop took hold before the effect" },
    ),
  ]);
}
