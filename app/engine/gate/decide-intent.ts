import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { AcpClaims, Consequence } from "../../protocol/acp/claims.ts";
import { type ActionDecision, decideAction } from "../../protocol/acp/decide-action.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { conductKnown, quarantineProblem } from "../behavior/effects.ts";
import { circuitProblem, statesOnPath } from "../cascade/breakers.ts";
import { breachData, breachIsolation, breachOf } from "../cascade/bulkheads.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { livenessProblem } from "../liveness/problem.ts";
import { holdProblem, operatorOf } from "../override/hold.ts";
import { policyInLimits } from "../override/limits.ts";
import { latchedStop } from "../override/scope.ts";
import { policyInForce } from "../policy/in-force.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import { undonePredProblem } from "../rollback/undone.ts";
import type { State, WorkflowState } from "../state.ts";
import { coveringGrant } from "./grants.ts";
import { suspendedBy } from "./suspended.ts";
import { gateTerms } from "./terms.ts";
import { decisionContext, intendedAction, usageOf } from "./usage.ts";

/**
 * Decides about an intended action (ACP P2): the intent is always recorded, and with it, in the same frame, whether it is
 * permitted, refused or held for a human. Evaluation happens here, never at the agent (ACP-S7). Only an agent that a rule
 * has paused is told to ask again later, with nothing recorded.
 */
export function decideIntent(
  state: State,
  /** Null for one that is in the log and has waited for room in its failure domain (CAS-6). */
  token: Verified<unknown> | null,
  fact: FactOf<"intent+jwt">,
  ids: HostIds,
  moment: Moment,
  /** Why what it rests on did not come into its agent's domain. */
  barred: Refusal | null = null,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  if (!workflow.agents.includes(claims.iss))
    return err(refusal("acp_subject_mismatch", "the issuer is no agent of this workflow"));
  const task = workflow.tasks.get(claims.task);
  if (task !== undefined && task.agent !== claims.iss)
    return err(refusal("acp_subject_mismatch", "another agent asked for this task"));
  if (token !== null && task !== undefined && task.status !== "stopped")
    return err(refusal("task_known", `this task was asked for already and is ${task.status}`, { jti: claims.task }));
  const halted = haltProblem(state, workflow, claims.iss, claims.task);
  const suspending = halted === null ? suspendedBy(workflow, state, claims.iss) : null;
  const subject = { agent: claims.iss, wid: claims.wid, task: claims.task };
  const held =
    halted === null
      ? (holdProblem(state, subject) ??
        livenessProblem(state, subject, () => consequenceOf(state, claims), moment.nowS))
      : null;
  if (held !== null) return err(held);
  if (suspending !== null)
    return err(refusal("agent_suspended", "a rule has paused this agent until a human answered", { jti: suspending }));

  const intent = token === null ? [] : [tokenDraft(token, fact)];
  const cause = { jti: claims.jti };
  const operator = operatorOf(state, { agent: claims.iss, wid: claims.wid, task: claims.task });
  const answer = (
    kind: "permitted" | "refused" | "gate_required" | "queued",
    data: { readonly [member: string]: string | readonly string[] },
  ): Draft =>
    recordDraft(ids, moment, kind, claims.wid, cause, {
      task: claims.task,
      agent: claims.iss,
      exec_act: claims.exec_act,
      ...(operator === null ? {} : { operator }),
      ...data,
    });

  const kept = halted ?? barred;
  const decided = kept === null ? permission(state, workflow, claims, moment.nowS) : err(kept);
  if (!decided.ok)
    return ok([...intent, answer("refused", { code: decided.error.code, detail: decided.error.detail })]);
  const decision = decided.value;
  /** CAS-1: a permission is a call; while its breaker is open nothing of it is recorded (CAS-3). */
  const permitted = (data: Parameters<typeof answer>[1]): Result<Draft[], Refusal> => {
    const handover = { agent: claims.iss, execAct: claims.exec_act, pred: claims.pred };
    const shut = circuitProblem(state, workflow, handover, moment.nowS);
    if (shut !== null) return err(shut);
    const breach = token === null ? null : breachOf(state, claims, moment.nowS);
    if (breach === null) return ok([...intent, answer("permitted", data)]);
    const told = answer(breach.kind === "queued" ? "queued" : "refused", breachData(breach, moment.nowS));
    return ok([...intent, told, ...breachIsolation(breach, claims.jti, ids, moment)]);
  };
  if (decision.effect === "allow") return permitted({ rule_ids: decision.ruleIds });
  if (decision.effect === "gate") {
    const { consequence } = gateTerms(policyOf(state, claims), decision.ruleIds, claims.iss, claims.exec_act);
    const grant = coveringGrant(state, workflow, claims, decision, consequence, moment.nowS);
    if (grant !== null) return permitted({ rule_ids: decision.ruleIds, grant: grant.jti });
    return ok([...intent, answer("gate_required", { rule_ids: decision.ruleIds })]);
  }
  return ok([...intent, answer("refused", refusedBy(decision))]);
}

/** What an action may lead to, as its policy states it. */
export function consequenceOf(
  state: State,
  action: { readonly acp: { readonly jti: string }; readonly iss: string; readonly exec_act: string },
): Consequence {
  const policy = state.policies.get(action.acp.jti)?.claims;
  return policy === undefined ? "irreversible" : gateTerms(policy, [], action.iss, action.exec_act).consequence;
}

function policyOf(state: State, claims: Pick<IntentClaims, "acp">): AcpClaims {
  return must(state.policies.get(claims.acp.jti), "the policy that has just decided").claims;
}

/** What a record says of a decision that lets nothing through. */
export function refusedBy(decision: ActionDecision): { readonly [member: string]: string | readonly string[] } {
  const reason = decision.reasons.findLast(({ result }) => result === "failed" || result === "matched");
  return {
    code: decision.code ?? "acp_action_denied",
    detail: reason?.detail ?? "",
    rule_ids: decision.ruleIds,
    ...(decision.constraint === null ? {} : { constraint: decision.constraint }),
  };
}

/** P2 steps 1 to 3 with what must hold before: what the policy says, or why it is not asked. */
function permission(
  state: State,
  workflow: WorkflowState,
  claims: IntentClaims,
  nowS: number,
): Result<ActionDecision, Refusal> {
  if (isReservedAct(claims.exec_act))
    return err(refusal("ect_act_reserved", `"${claims.exec_act}" is no work of an agent's`, { claim: "exec_act" }));
  if (workflow.ects.has(claims.task))
    return err(refusal("dag_duplicate_task", "this task has its ECT already (ECT-12)", { jti: claims.task }));
  for (const pred of claims.pred) {
    if (!workflow.ects.has(pred))
      return err(refusal("dag_pred_missing", `predecessor ${pred} has no verified ECT (ECT-16)`, { claim: "pred" }));
  }
  const undone = undonePredProblem(state, workflow, claims.pred);
  return undone === null ? policyDecision(state, workflow, claims, nowS) : err(undone);
}

/** What the policy an action names says about it now, with what was used up until now. */
export function policyDecision(
  state: State,
  workflow: WorkflowState,
  claims: Pick<IntentClaims, "iss" | "acp" | "exec_act" | "target" | "needs" | "pred">,
  nowS: number,
): Result<ActionDecision, Refusal> {
  const quarantined = quarantineProblem(state, claims.iss);
  if (quarantined !== null) return err(quarantined);
  const policy = policyInForce(state, workflow, claims.acp, claims.iss, nowS);
  if (!policy.ok) return policy;
  return ok(
    decideAction(
      policyInLimits(state, workflow, policy.value, claims.iss),
      intendedAction(claims),
      (node) => usageOf(workflow, node, nowS),
      decisionContext(
        claims,
        nowS,
        statesOnPath(state, workflow, { agent: claims.iss, execAct: claims.exec_act, pred: claims.pred }, nowS),
        conductKnown(state, claims.iss, nowS),
      ),
    ),
  );
}

/** Why nothing of this agent, or of one task of it, may happen now: a latched stop, or a stop it was not started again after. */
export function haltProblem(state: State, workflow: WorkflowState, agent: string, task?: string): Refusal | null {
  const latch = latchedStop(state, { agent, wid: workflow.wid, ...(task === undefined ? {} : { task }) });
  if (latch !== null) return refusal("override_active", "a stop is latched for this scope", { jti: latch });
  if (workflow.status !== "running") return refusal("workflow_not_running", `the workflow is ${workflow.status}`);
  if (workflow.halted.has(agent))
    return refusal("agent_halted", "the agent was stopped and has not been started again");
  return null;
}
