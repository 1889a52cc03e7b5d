import { err, ok, type Result } from "../../base/result.ts";
import { acceptAcp } from "../../protocol/acp/accept-acp.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../override/decide.ts";
import { latchedStop } from "../override/scope.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { State } from "../state.ts";

/** How long an agent's key is bound to it, seconds (WIT lifetimes are hours). */
export const AGENT_KEY_LIFETIME_S = 86_400;

/** Constraints and triggers whose inputs exist in this engine; a policy with others is not started, rather than half enforced (ACP-9). */
const ENFORCED_CONSTRAINTS: readonly string[] = ["not_before", "not_after", "max_calls"];
const ENFORCED_TRIGGERS: readonly string[] = ["action", "consequence", "always"];

/**
 * Starts a workflow, or a stopped one again, under a new policy: the operator's `acp+jwt`, the operator's `run_start` ECT
 * that names policy and recorded run, and the identities of the agents, in one frame.
 */
export function decideStart(
  state: State,
  command: Extract<Command, { kind: "start" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const acp = command.acp.fact.claims;
  const start = command.start.fact.claims;
  const problem = startProblem(state, command);
  if (problem !== null) return err(problem);

  const identities = command.agents
    .filter((agent) => !state.keys.has(agent.kid))
    .map((agent): Draft => witDraft(ids, moment, agent, AGENT_KEY_LIFETIME_S));
  return ok([
    ...identities,
    {
      kind: "token",
      compact: command.acp.verified.compact,
      submitter: acp.iss,
      fact: command.acp.fact,
      digest: command.acp.verified.digest,
    },
    {
      kind: "token",
      compact: command.start.verified.compact,
      submitter: start.iss,
      fact: command.start.fact,
      digest: command.start.verified.digest,
    },
  ]);
}

function startProblem(state: State, command: Extract<Command, { kind: "start" }>): Refusal | null {
  const acp = command.acp.fact.claims;
  const start = command.start.fact.claims;
  if (!isHuman(start.iss) || !isHuman(acp.iss))
    return refusal("start_unauthorized", "a workflow is started by an operator");
  if (start.exec_act !== "run_start")
    return refusal("ect_claim_invalid", "the start token's exec_act is run_start", { claim: "exec_act" });
  if (start.wid === undefined || start.wid !== acp.wid)
    return refusal("start_mismatch", "policy and start name different workflows", { claim: "wid" });
  const ext = start.ect_ext ?? {};
  const reference = ext["org.signalbox.acp"];
  const named =
    typeof reference === "object" && reference !== null && !Array.isArray(reference)
      ? (reference as { [m: string]: unknown })
      : {};
  if (named.jti !== acp.jti || named.hash !== command.acp.verified.digest) {
    return refusal("start_mismatch", "the start does not name this exact policy", { claim: "ect_ext" });
  }
  const run = runOf(start);
  if (run === null)
    return refusal("start_mismatch", "the start names no recorded run in obj_typ and obj_hash", { claim: "ect_ext" });
  if (state.policies.has(acp.jti)) return refusal("token_replayed", "this policy was issued already", { jti: acp.jti });
  const accepted = acceptAcp(acp);
  if (!accepted.ok) return accepted.error;
  const unenforced = unenforcedPart(acp);
  if (unenforced !== null) return unenforced;

  const workflow = state.workflows.get(start.wid);
  if (workflow !== undefined && workflow.status === "running" && workflow.halted.size === 0) {
    return refusal("workflow_running", "this workflow is running already");
  }
  if (workflow !== undefined && workflow.status === "finished")
    return refusal("workflow_finished", "this workflow has finished; start the run again as a new workflow");
  if (workflow !== undefined && workflow.run !== run)
    return refusal("start_mismatch", "a workflow goes on with the run it was started with");
  for (const agent of command.agents) {
    const latch = latchedStop(state, { agent: agent.subject, wid: start.wid });
    if (latch !== null)
      return refusal("override_active", "a stop is latched for this scope: release it first (S4)", { jti: latch });
  }
  return null;
}

function unenforcedPart(acp: AcpClaims): Refusal | null {
  for (const node of acp.dag.nodes) {
    const name = Object.keys(node.constraints ?? {}).find((constraint) => !ENFORCED_CONSTRAINTS.includes(constraint));
    if (name !== undefined)
      return refusal(
        "acp_constraint_unsupported",
        `this console does not enforce the constraint "${name}" yet, so it does not start under it`,
        { claim: name },
      );
  }
  const rule = acp.hitl.rules.find((candidate) => !ENFORCED_TRIGGERS.includes(candidate.trigger.kind));
  if (rule !== undefined)
    return refusal(
      "acp_trigger_unsupported",
      `rule ${rule.id}: this console does not evaluate the trigger "${rule.trigger.kind}" yet`,
      { claim: rule.id },
    );
  const suspending = acp.hitl.rules.find(
    (candidate) => candidate.action === "pause" || candidate.action === "escalate",
  );
  if (suspending !== undefined) {
    return refusal(
      "acp_rule_action_unsupported",
      `rule ${suspending.id}: this console does not carry out "${suspending.action}" yet`,
      { claim: suspending.id },
    );
  }
  const unanswered = acp.hitl.rules.map((candidate) => candidate.on_timeout ?? acp.hitl.default_on_timeout);
  if (acp.hitl.escalation !== undefined || unanswered.some((effect) => effect !== "deny" && effect !== "abort")) {
    return refusal(
      "acp_escalation_unsupported",
      "unanswered requests end in deny or abort here: this console neither escalates nor allows on time-out (R8)",
    );
  }
  if (
    new Set(acp.hitl.rules.filter((candidate) => candidate.action === "approve").map((candidate) => candidate.role))
      .size > 1
  ) {
    return refusal(
      "acp_roles_unsupported",
      "this console does not combine approvals of several roles yet: use one role",
    );
  }
  return null;
}

/** The recorded run a `run_start` ECT refers to (COM-11): its object digest, or null. */
export function runOf(start: FactOf<"exec+jwt">["claims"]): string | null {
  const ext = start.ect_ext ?? {};
  return ext.obj_typ === "recorded-run+json" && typeof ext.obj_hash === "string" ? ext.obj_hash : null;
}

/** A `wit+jwt` of the log that binds a subject to its key. */
export function witDraft(
  ids: HostIds,
  moment: Moment,
  who: { readonly subject: string; readonly name: string; readonly jwk: FactOf<"wit+jwt">["claims"]["cnf"]["jwk"] },
  lifetimeS: number,
): Draft {
  return {
    kind: "sign",
    as: "log",
    fact: {
      typ: "wit+jwt",
      claims: {
        iss: ids.logId,
        sub: who.subject,
        iat: moment.nowS,
        exp: moment.nowS + lifetimeS,
        jti: moment.uuid(),
        cnf: { jwk: who.jwk },
        name: who.name.slice(0, 256),
      },
    },
  };
}

/**
 * An agent's ECT: evidence that a task is over. It is accepted for a task whose effect was let through, for a join, and,
 * as evidence of a violation, from an agent that is halted; anything else was never permitted.
 */
export function decideEct(state: State, token: Verified<unknown>, fact: FactOf<"exec+jwt">): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  const draft: Draft = { kind: "token", compact: token.compact, submitter: claims.iss, fact, digest: token.digest };
  const task = workflow.tasks.get(claims.jti);
  if (workflow.joins.has(claims.jti) || (task !== undefined && task.ect !== null)) {
    return err(refusal("dag_duplicate_task", "this task has its ECT already (ECT-12)", { jti: claims.jti }));
  }
  for (const pred of claims.pred) {
    if (!workflow.joins.has(pred) && (workflow.tasks.get(pred)?.ect ?? null) === null) {
      return err(refusal("dag_pred_missing", `predecessor ${pred} has no verified ECT (ECT-16)`, { claim: "pred" }));
    }
  }
  if (!workflow.agents.includes(claims.iss))
    return err(refusal("ect_issuer_mismatch", "the issuer is no agent of this workflow"));
  if (task === undefined) {
    return claims.exec_act === "join"
      ? ok([draft])
      : err(refusal("task_not_permitted", "no permission was asked for this task", { jti: claims.jti }));
  }
  if (task.agent !== claims.iss) return err(refusal("ect_issuer_mismatch", "another agent asked for this task"));
  if (task.status === "stopped") return ok([draft]);
  if (task.status !== "effect")
    return err(
      refusal("task_not_permitted", `the task is ${task.status}: its effect was not let through`, { jti: claims.jti }),
    );
  if (task.execAct !== claims.exec_act || task.intent?.inpHash !== claims.inp_hash) {
    return err(refusal("hitl_bind_mismatch", "the ECT names another action or input than the one that was permitted"));
  }
  return ok([draft]);
}

export function decideFinish(
  state: State,
  command: Extract<Command, { kind: "finish" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const workflow = state.workflows.get(command.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log"));
  if (workflow.status === "finished") return err(refusal("workflow_finished", "it has finished already"));
  return ok([recordDraft(ids, moment, "run_finished", command.wid, { jti: command.cause }, { ...command.summary })]);
}
