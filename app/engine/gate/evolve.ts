import { must } from "../../base/assert.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import { stillNamed } from "../../protocol/behavior/named-values.ts";
import { evolveBenchAborted } from "../behavior/bench-evolve.ts";
import { evolveDrillScored, evolveSelfTested } from "../drill/evolve.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { evolveEnded, evolveStopDue } from "../override/evolve.ts";
import { evolveRung } from "../override/ladder.ts";
import type { State, TaskState } from "../state.ts";
import { move, taskOf } from "../workflow/evolve.ts";
import { REVIEW_WITHIN_S } from "./break-glass.ts";
import { approvalsMissing, gateTerms, isApproval } from "./terms.ts";
import { countPermission } from "./usage.ts";

/** A record of the enforcement point: the permission, refusal, time-out or effect it stands for. */
export function evolveRecord(state: State, logged: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { claims } = fact;
  if (claims.kind === "run_finished") {
    const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
    if (workflow !== undefined) workflow.status = "finished";
    return;
  }
  if (claims.kind === "agent_terminated") {
    const target =
      "jti" in claims.cause ? state.overrides.get(claims.cause.jti)?.targets.get(String(claims.data.agent)) : undefined;
    if (target !== undefined) target.terminatedAt ??= logged.receivedAt;
    return;
  }
  if (claims.kind === "drill_scored") {
    evolveDrillScored(state, logged, fact);
    return;
  }
  if (claims.kind === "self_tested") {
    evolveSelfTested(state, logged, fact);
    return;
  }
  if (claims.kind === "bench_aborted") {
    evolveBenchAborted(state, logged, fact);
    return;
  }
  if (claims.kind === "override_ended") {
    evolveEnded(state, logged, fact);
    return;
  }
  if (claims.kind === "stop_due") {
    evolveStopDue(state, logged, fact);
    return;
  }
  if (claims.kind === "override_escalated") {
    evolveRung(state, logged, fact);
    return;
  }
  const found = taskOf(state, claims.wid, claims.data.task);
  if (found === null) return;
  const { workflow, task } = found;
  switch (claims.kind) {
    case "permitted": {
      move(task, "running", logged, null);
      if ("timer" in claims.cause) consent(state, task.request);
      countUse(state, task, claims.data.grant);
      const policy = state.policies.get(task.intent?.acp.jti ?? workflow.acp);
      const found = policy === undefined ? undefined : compilePolicy(policy.claims).nodeFor(task.agent, task.execAct);
      if (found !== undefined) countPermission(workflow, found.node.id, task.intent?.needs, logged.receivedAt);
      break;
    }
    case "refused":
    case "effect_refused":
      move(task, stoppedBy(claims.data.code) ? "stopped" : "refused", logged, String(claims.data.code ?? "refused"));
      // One that was withheld after it had begun has used its approval up all the same.
      if (claims.kind === "effect_refused" && !isUsed(state, task.request))
        closeGate(state, task.request, logged, "expired");
      countRefusal(state, claims.data.code, task.agent, workflow.wid);
      break;
    case "queued":
      task.entries.push(logged.seq);
      break;
    case "gate_required":
      task.ruleIds = strings(claims.data.rule_ids);
      task.entries.push(logged.seq);
      break;
    case "gate_escalated":
      escalate(state, task.request, logged, "timer" in claims.cause && claims.cause.timer === "gate_deadline");
      task.entries.push(logged.seq);
      break;
    case "gate_timed_out":
      move(task, "refused", logged, "hitl_timed_out");
      closeGate(state, task.request, logged, claims.data.on_timeout === "abort" ? "aborted" : "rejected");
      timeOut(state, task.request);
      break;
    case "gate_aborted":
    case "gate_expired":
      move(task, "refused", logged, claims.kind);
      closeGate(state, task.request, logged, claims.kind === "gate_aborted" ? "aborted" : "expired");
      break;
    case "review_overdue": {
      // By the request it is about: its task may have been asked for anew since.
      const alone = state.gates.get(String(claims.data.request))?.breakGlass ?? null;
      if (alone !== null) alone.overdue = true;
      break;
    }
    case "effect_started":
      move(task, "effect", logged, null);
      closeGate(state, task.request, logged, "consumed");
      break;
    case "task_stopped":
      move(task, "stopped", logged, String(claims.data.code ?? "override_active"));
      break;
    // Of a workflow or an agent, not of a task.
    case "cascade_alert":
    case "domain_state":
    case "domain_alert":
    case "lease_ended":
    case "link_lost":
    case "link_returned":
    case "rollback_planned":
    case "rollback_moved":
    case "crossing_answered":
    case "finding_flagged":
    case "behavior_appraised":
    case "behavior_state":
    case "behavior_refused":
      break;
  }
}

function countUse(state: State, task: TaskState, jti: unknown): void {
  const grant = typeof jti === "string" ? state.grants.get(jti) : undefined;
  if (grant === undefined) return;
  grant.uses += 1;
  task.grant = grant.jti;
}

/**
 * Refusals that decide nothing about the action, after which the task may be asked for again: "halted", and that the policy
 * it names was replaced while it was on its way (ACP-44).
 */
const UNDECIDED: ReadonlySet<unknown> = new Set([
  "override_active",
  "agent_halted",
  "workflow_not_running",
  "acp_replaced",
]);
const stoppedBy = (code: unknown): boolean => UNDECIDED.has(code);

function countRefusal(state: State, code: unknown, agent: string, wid: string): void {
  if (code !== "override_active") return;
  for (const signal of state.overrides.values()) {
    if (signal.latched && (signal.targets.has(agent) || signal.claims.scope.id === wid)) signal.effectsRefused += 1;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** The next role is asked besides; a deadline that was reached begins anew. */
function escalate(state: State, request: string | null, logged: LoggedFact, extend: boolean): void {
  const gate = request === null ? undefined : state.gates.get(request);
  const next = gate?.escalation[gate.escalated.length];
  if (gate === undefined || next === undefined) return;
  gate.escalated.push(next.role);
  if (extend) gate.timeoutS += Math.min(...gate.rules.map((rule) => rule.timeout_s));
  gate.entries.push(logged.seq);
}

/** Silence was consent, as the policy has it where nothing has a consequence (ACP-10): the gate is open for its one use. */
function consent(state: State, request: string | null): void {
  const gate = request === null ? undefined : state.gates.get(request);
  if (gate?.status !== "pending") return;
  gate.status = "approved";
  gate.timedOut = true;
}

function timeOut(state: State, request: string | null): void {
  const gate = request === null ? undefined : state.gates.get(request);
  if (gate !== undefined) gate.timedOut = true;
}

const isUsed = (state: State, request: string | null): boolean =>
  request !== null && state.gates.get(request)?.status === "consumed";

function closeGate(
  state: State,
  request: string | null,
  logged: LoggedFact,
  status: "consumed" | "rejected" | "aborted" | "expired",
): void {
  const gate = request === null ? undefined : state.gates.get(request);
  if (gate === undefined) return;
  gate.status = status;
  gate.closedAt = logged.receivedAt;
  gate.entries.push(logged.seq);
}

export function evolveRequest(state: State, logged: LoggedFact, fact: FactOf<"hitl-request+jwt">): void {
  const { claims } = fact;
  const found = taskOf(state, claims.wid, claims.task.jti);
  if (found === null) return;
  const { workflow, task } = found;
  const policy = must(state.policies.get(claims.acp.jti), "a request names a policy of the log");
  const terms = gateTerms(policy.claims, task.ruleIds, task.agent, task.execAct);
  state.gates.set(claims.jti, {
    request: claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    wid: claims.wid,
    task: task.jti,
    agent: claims.iss,
    claims,
    rules: terms.rules,
    status: "pending",
    openedAt: logged.receivedAt,
    timeoutS: terms.timeoutS,
    onTimeout: terms.onTimeout,
    roles: terms.roles,
    escalation: terms.escalation,
    escalated: [],
    timedOut: false,
    decisions: [],
    closedAt: null,
    entries: [logged.seq],
    claim: null,
    shelf: null,
    deferrals: [],
    responses: [],
    modified: null,
    breakGlass: null,
    withdrawn: null,
  });
  if (terms.suspends) workflow.suspending.add(claims.jti);
  task.request = claims.jti;
  move(task, "waiting", logged, null);
}

/** One decision. Reject wins over any number of approvals (ACP-17); enough approvals open the gate. */
export function evolveDecision(state: State, logged: LoggedFact, fact: FactOf<"hitl-decision+jwt">): void {
  const { claims } = fact;
  const gate = state.gates.get(claims.request.jti);
  if (gate === undefined || gate.status !== "pending") return;
  gate.entries.push(logged.seq);
  gate.decisions.push({
    jti: claims.jti,
    by: claims.iss,
    role: claims.role,
    outcome: claims.outcome,
    at: logged.receivedAt,
    exp: claims.exp,
    seq: logged.seq,
  });
  const found = taskOf(state, gate.wid, gate.task);
  if (claims.outcome === "escalate") {
    escalate(state, gate.request, logged, false);
    return;
  }
  if (claims.outcome === "reject" || claims.outcome === "abort") {
    gate.status = claims.outcome === "reject" ? "rejected" : "aborted";
    gate.closedAt = logged.receivedAt;
    if (found !== null) move(found.task, "refused", logged, `hitl_${gate.status}`);
    return;
  }
  if (claims.outcome === "modify" && claims.modified !== undefined) {
    const { args_hash: argsHash, args, constraints = {} } = claims.modified;
    gate.modified = { argsHash, args, constraints, by: claims.iss, seq: logged.seq };
    const { intent = null } = found?.task ?? {};
    if (found !== null && intent?.needs?.named !== undefined) {
      const named = stillNamed(intent.needs.named, gate.claims.task.args ?? {}, args);
      found.task.intent = { ...intent, needs: { ...intent.needs, named } };
    }
  }
  const alone = claims.break_glass === true;
  if (alone)
    gate.breakGlass = {
      by: claims.iss,
      decision: claims.jti,
      at: logged.receivedAt,
      reason: claims.reason ?? "",
      dueAt: logged.receivedAt + REVIEW_WITHIN_S,
      overdue: false,
      review: null,
    };
  if (alone || approvalsMissing(gate.roles, gate.decisions.filter(isApproval)).missing === 0) gate.status = "approved";
  found?.task.entries.push(logged.seq);
}
