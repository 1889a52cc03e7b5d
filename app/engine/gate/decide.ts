import { err, ok, type Result } from "../../base/result.ts";
import { type ActionDecision, decideAction } from "../../protocol/acp/decide-action.ts";
import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../override/decide.ts";
import { latchedStop } from "../override/scope.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { GateState, PolicyState, State, TaskState, WorkflowState } from "../state.ts";
import { gateTerms } from "./terms.ts";
import { decisionContext, intendedAction, usageOf } from "./usage.ts";

/** Oldest authentication a decision may rest on, seconds (P3). */
const DECISION_AUTH_AGE_S = 900;

/**
 * Decides about an intended action (ACP P2): the intent is always recorded, and with it, in the same frame, whether it is
 * permitted, refused or held for a human. Evaluation happens here, never at the agent (ACP-S7).
 */
export function decideIntent(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"intent+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  if (!workflow.agents.includes(claims.iss))
    return err(refusal("acp_subject_mismatch", "the issuer is no agent of this workflow"));
  const task = workflow.tasks.get(claims.task);
  if (task !== undefined && task.agent !== claims.iss)
    return err(refusal("acp_subject_mismatch", "another agent asked for this task"));
  if (task !== undefined && task.status !== "stopped")
    return err(refusal("task_known", `this task was asked for already and is ${task.status}`, { jti: claims.task }));

  const intent: Draft = { kind: "token", compact: token.compact, submitter: claims.iss, fact, digest: token.digest };
  const cause = { jti: claims.jti };
  const answer = (
    kind: "permitted" | "refused" | "gate_required",
    data: { [member: string]: string | string[] },
  ): Draft =>
    recordDraft(ids, moment, kind, claims.wid, cause, {
      task: claims.task,
      agent: claims.iss,
      exec_act: claims.exec_act,
      ...data,
    });

  const allowed = permission(state, workflow, fact, moment.nowS);
  if (!allowed.ok) return ok([intent, answer("refused", { code: allowed.error.code, detail: allowed.error.detail })]);
  const decision = allowed.value;
  const ruleIds = [...decision.ruleIds];
  if (decision.effect === "allow") return ok([intent, answer("permitted", { rule_ids: ruleIds })]);
  if (decision.effect === "gate") return ok([intent, answer("gate_required", { rule_ids: ruleIds })]);
  const reason = decision.reasons.findLast(({ result }) => result === "failed" || result === "matched");
  const refused = { code: decision.code ?? "acp_action_denied", detail: reason?.detail ?? "", rule_ids: ruleIds };
  return ok([
    intent,
    answer("refused", decision.constraint === null ? refused : { ...refused, constraint: decision.constraint }),
  ]);
}

/** P2 steps 1 to 3 with what must hold before: what the policy says, or why it is not asked. */
function permission(
  state: State,
  workflow: WorkflowState,
  fact: FactOf<"intent+jwt">,
  nowS: number,
): Result<ActionDecision, Refusal> {
  const { claims } = fact;
  const halted = haltProblem(state, workflow, claims.iss, claims.task);
  if (halted !== null) return err(halted);
  if (isReservedAct(claims.exec_act))
    return err(refusal("ect_act_reserved", `"${claims.exec_act}" is no work of an agent's`, { claim: "exec_act" }));
  if (workflow.ects.has(claims.task))
    return err(refusal("dag_duplicate_task", "this task has its ECT already (ECT-12)", { jti: claims.task }));
  const policy = state.policies.get(workflow.acp);
  if (policy === undefined || claims.acp.jti !== policy.jti || claims.acp.hash !== policy.hash) {
    return err(refusal("acp_parent_mismatch", "the intent names another policy than the one in force"));
  }
  const expired = policyProblem(policy, nowS);
  if (expired !== null) return err(expired);
  if (workflow.ects.has(claims.task))
    return err(refusal("dag_duplicate_task", "this task has its ECT already (ECT-12)", { jti: claims.task }));
  for (const pred of claims.pred) {
    if (!workflow.ects.has(pred)) {
      return err(refusal("dag_pred_missing", `predecessor ${pred} has no verified ECT (ECT-16)`, { claim: "pred" }));
    }
  }
  return ok(
    decideAction(
      policy.claims,
      intendedAction(claims),
      (node) => usageOf(workflow, node, nowS),
      decisionContext(claims, nowS),
    ),
  );
}

function haltProblem(state: State, workflow: WorkflowState, agent: string, task: string): Refusal | null {
  const latch = latchedStop(state, { agent, wid: workflow.wid, task });
  if (latch !== null) return refusal("override_active", "a stop is latched for this scope", { jti: latch });
  if (workflow.status !== "running") return refusal("workflow_not_running", `the workflow is ${workflow.status}`);
  if (workflow.halted.has(agent))
    return refusal("agent_halted", "the agent was stopped and has not been started again");
  return null;
}

function policyProblem(policy: PolicyState, nowS: number): Refusal | null {
  if (nowS > policy.claims.exp) return refusal("acp_expired", "the policy has expired");
  if (policy.claims.nbf !== undefined && nowS < policy.claims.nbf)
    return refusal("acp_expired", "the policy is not valid yet");
  return null;
}

/** A request for a human is opened exactly as the enforcement point determined it; the agent chooses nothing (ACP-S7). */
export function decideRequest(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-request+jwt">,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  const task = workflow?.tasks.get(claims.task.jti);
  if (workflow === undefined || task === undefined || task.intent === null)
    return err(refusal("hitl_unknown_task", "no intent was recorded for this task"));
  if (task.agent !== claims.iss) return err(refusal("acp_subject_mismatch", "another agent asked for this task"));
  if (state.gates.has(claims.jti) || task.request !== null)
    return err(refusal("token_replayed", "this task has its request already", { jti: claims.jti }));
  if (task.status !== "asked" || task.ruleIds.length === 0)
    return err(refusal("hitl_not_required", `the task is ${task.status} and needs no human`));
  const policy = state.policies.get(workflow.acp);
  if (policy === undefined || claims.acp.jti !== policy.jti || claims.acp.hash !== policy.hash)
    return err(refusal("acp_parent_mismatch", "the request names another policy"));
  const same =
    claims.task.exec_act === task.execAct &&
    claims.task.inp_hash === task.intent.inpHash &&
    claims.task.args_hash === task.intent.argsHash &&
    claims.rule_ids.length === task.ruleIds.length &&
    claims.rule_ids.every((id) => task.ruleIds.includes(id));
  if (!same) return err(refusal("hitl_bind_mismatch", "the request differs from the intent it belongs to"));
  const terms = gateTerms(policy.claims, task.ruleIds, task.agent, task.execAct);
  if (claims.role !== terms.role || claims.approvals !== terms.approvals || claims.consequence !== terms.consequence) {
    return err(refusal("hitl_bind_mismatch", "role, approvals or consequence differ from the policy"));
  }
  return ok([{ kind: "token", compact: token.compact, submitter: claims.iss, fact, digest: token.digest }]);
}

/** P3: accepts a decision, and, when it completes the approval, permits the task in the same frame. */
export function decideDecision(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-decision+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const gate = state.gates.get(claims.request.jti);
  if (gate === undefined)
    return err(refusal("hitl_unknown_request", "no such request in this log", { jti: claims.request.jti }));
  if (gate.hash !== claims.request.hash)
    return err(refusal("object_hash_mismatch", "the decision is about another version of the request"));
  if (gate.status !== "pending")
    return err(refusal("hitl_not_pending", `the request is ${gate.status} already`, { jti: gate.request }));
  const problem = decisionProblem(gate, fact, moment.nowS);
  if (problem !== null) return err(problem);

  const decision: Draft = { kind: "token", compact: token.compact, submitter: claims.iss, fact, digest: token.digest };
  const given = gate.decisions.filter((earlier) => earlier.outcome === "approve").length + 1;
  if (claims.outcome !== "approve" || given < gate.claims.approvals) return ok([decision]);
  const permit = recordDraft(
    ids,
    moment,
    "permitted",
    gate.wid,
    { jti: claims.jti },
    {
      task: gate.task,
      agent: gate.agent,
      exec_act: gate.claims.task.exec_act,
      request: gate.request,
      rule_ids: gate.claims.rule_ids,
    },
  );
  return ok([decision, permit]);
}

function decisionProblem(gate: GateState, fact: FactOf<"hitl-decision+jwt">, nowS: number): Refusal | null {
  const { claims } = fact;
  // The deadline runs by the host's monotonic timer (ACP-S6); this holds where its record has not been made yet (ACP-10).
  if (nowS > gate.openedAt + gate.timeoutS)
    return refusal("hitl_not_pending", "the deadline of the request has passed", { jti: gate.request });
  if (claims.wid !== gate.wid)
    return refusal("hitl_bind_mismatch", "the decision names another workflow", { claim: "wid" });
  if (!isHuman(claims.iss)) return refusal("hitl_role_denied", "only an operator decides");
  if (claims.role !== gate.claims.role)
    return refusal("hitl_role_denied", `this request needs the role "${gate.claims.role}"`, { claim: "role" });
  if (claims.iss === gate.agent || gate.decisions.some((earlier) => earlier.by === claims.iss)) {
    return refusal("hitl_not_distinct", "the same person cannot decide twice, nor the requester");
  }
  if (nowS - claims.auth_time > DECISION_AUTH_AGE_S || claims.auth_time > nowS + 30) {
    return refusal("hitl_auth_stale", "the operator's authentication is older than 900 s: confirm your presence", {
      claim: "auth_time",
    });
  }
  const reasonDue = gate.rules.some((rule) => rule.reason_required);
  if (reasonDue && (claims.reason ?? "").trim() === "")
    return refusal("hitl_reason_missing", "the rule asks for a reason", { claim: "reason" });
  if (claims.outcome !== "approve" && claims.outcome !== "reject") {
    return refusal("hitl_outcome_not_offered", `the request offers approve and reject, not "${claims.outcome}"`, {
      claim: "outcome",
    });
  }
  const { task } = gate.claims;
  if (
    claims.bind.exec_act !== task.exec_act ||
    claims.bind.inp_hash !== task.inp_hash ||
    claims.bind.args_hash !== task.args_hash
  ) {
    return refusal("hitl_bind_mismatch", "the decision is bound to another action than the request's (ACP-11)", {
      claim: "bind",
    });
  }
  return null;
}

/** The host's monotonic timer ran out: nobody answered, which never means yes (ACP-10, R8). */
export function decideDeadline(state: State, request: string, ids: HostIds, moment: Moment): Result<Draft[], Refusal> {
  const gate = state.gates.get(request);
  if (gate === undefined) return err(refusal("hitl_unknown_request", "no such request in this log", { jti: request }));
  if (gate.status !== "pending") return err(refusal("hitl_not_pending", `the request is ${gate.status} already`));
  const data = { request, task: gate.task, agent: gate.agent, on_timeout: gate.onTimeout };
  return ok([recordDraft(ids, moment, "gate_timed_out", gate.wid, { timer: "gate_deadline", of: request }, data)]);
}

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
  const policy = state.policies.get(workflow.acp);
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
  const halted = haltProblem(state, workflow, task.agent, task.jti);
  if (halted !== null) return withhold(halted);
  if (policy === undefined) return withhold(refusal("acp_revoked", "the policy is no longer in force"));
  const expired = policyProblem(policy, moment.nowS);
  if (expired !== null) return withhold(expired);
  const approval = approvalProblem(state, task, moment.nowS);
  if (approval !== null) return withhold(approval);
  const started = {
    task: task.jti,
    agent: task.agent,
    exec_act: task.execAct,
    ...(task.request === null ? {} : { request: task.request }),
  };
  return ok([recordDraft(ids, moment, "effect_started", workflow.wid, cause, started)]);
}

function approvalProblem(state: State, task: TaskState, nowS: number): Refusal | null {
  if (task.request === null) return null;
  const gate = state.gates.get(task.request);
  if (gate === undefined || gate.status !== "approved")
    return refusal("hitl_not_pending", "the approval is not in force");
  const approvals = gate.decisions.filter((decision) => decision.outcome === "approve");
  if (approvals.some((decision) => nowS > decision.exp))
    return refusal("hitl_decision_expired", "the approval was not used in time");
  const { exec_act, inp_hash, args_hash } = gate.claims.task;
  if (exec_act !== task.execAct || inp_hash !== task.intent?.inpHash || args_hash !== task.intent.argsHash) {
    return refusal("hitl_bind_mismatch", "the approval is for another action (ACP-11)");
  }
  return null;
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
