import { err, ok, type Result } from "../../base/result.ts";
import type { HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { circuitProblem } from "../cascade/breakers.ts";
import type { Draft, Moment, TokenNode } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { GateState, State } from "../state.ts";
import { breakGlassProblem } from "./break-glass.ts";
import { policyDecision, refusedBy } from "./decide-intent.ts";
import { limitsDecision, modificationProblem } from "./modify.ts";
import { askedRoleProblem, namedGate } from "./named-gate.ts";
import { nodeDraft } from "./node.ts";
import { approvalsDue, approvalsMissing, isApproval } from "./terms.ts";
import { freshnessProblem } from "./touch.ts";

/** Oldest authentication a decision may rest on, seconds (P3). */
const DECISION_AUTH_AGE_S = 900;
/** By which a person's clock may differ from the host's, seconds (COM-3). */
const SKEW_S = 30;

/** P3: accepts a decision with its ECT, and, when it completes the approval, permits the task in the same frame. */
export function decideDecision(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-decision+jwt">,
  node: TokenNode | undefined,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const named = namedGate(state, claims.request);
  if (!named.ok) return named;
  const gate = named.value;
  if (gate.status !== "pending")
    return err(refusal("hitl_not_pending", `the request is ${gate.status} already`, { jti: gate.request }));
  const problem =
    timeProblem(gate, moment.nowS) ??
    authorityProblem(state, gate, fact, moment.nowS) ??
    freshnessProblem(gate, fact, state.keys.get(token.key.kid), moment.nowS) ??
    contentProblem(gate, fact, moment.nowS) ??
    modificationProblem(state, gate, claims) ??
    breakGlassProblem(gate, claims, state.workflows.get(gate.wid)?.startedBy, moment.nowS) ??
    (claims.outcome === "escalate" ? escalationProblem(gate) : null);
  if (problem !== null) return err(problem);
  const requested = nodeJti(gate.request);
  const placed = nodeDraft(
    state,
    node,
    { typ: fact.typ, jti: claims.jti, hash: token.digest, iss: claims.iss, wid: claims.wid },
    {
      execAct: "hitl_decision",
      outcome: claims.outcome,
      // A request from before requests had their ECT has nothing to follow.
      pred: state.workflows.get(gate.wid)?.ects.has(requested) === true ? [requested] : [],
    },
    moment,
  );
  if (!placed.ok) return placed;

  const decision: Draft = tokenDraft(token, fact);
  const stated = [decision, placed.value];
  if (!isApproval(claims)) return ok(stated);
  const given = [...gate.decisions.filter(isApproval), { role: claims.role }];
  if (claims.break_glass !== true && approvalsMissing(gate.roles, given).missing > 0) return ok(stated);
  // While the breaker is open nothing is recorded (CAS-3): the approval is given again when it lets through.
  const shut = circuitOf(state, gate, moment.nowS);
  if (shut !== null) return err(shut);
  return ok([...stated, permit(state, gate, ids, moment, { jti: claims.jti }, claims)]);
}

/** CAS-1: the breakers an approved task would go through. */
function circuitOf(state: State, gate: GateState, nowS: number): Refusal | null {
  const workflow = state.workflows.get(gate.wid);
  const task = workflow?.tasks.get(gate.task);
  if (workflow === undefined || task === undefined || task.intent === null) return null;
  const handover = { agent: task.agent, execAct: task.execAct, pred: task.intent.pred };
  return circuitProblem(state, workflow, handover, nowS);
}

/**
 * The record that lets an approved task go on. Limits are looked at once more: others may have used them up while this one
 * waited, and an approval is no exemption from them.
 */
export function permit(
  state: State,
  gate: GateState,
  ids: HostIds,
  moment: Moment,
  cause: Parameters<typeof recordDraft>[4],
  approval: Pick<HitlDecisionClaims, "modified" | "break_glass"> = {},
): Draft {
  const workflow = state.workflows.get(gate.wid);
  const intent = workflow?.tasks.get(gate.task)?.intent;
  const named = { task: gate.task, agent: gate.agent, exec_act: gate.claims.task.exec_act, request: gate.request };
  const action =
    intent === undefined || intent === null
      ? null
      : {
          iss: gate.agent,
          acp: intent.acp,
          exec_act: gate.claims.task.exec_act,
          needs: intent.needs,
          pred: [...intent.pred],
          ...(intent.target === null ? {} : { target: intent.target }),
        };
  const again =
    workflow === undefined || action === null
      ? err(refusal("hitl_unknown_task", "no intent was recorded for this task"))
      : policyDecision(state, workflow, action, moment.nowS);
  const policy = state.policies.get(gate.claims.acp.jti);
  const narrowed =
    action === null || policy === undefined
      ? null
      : limitsDecision(policy.claims, action, approval.modified?.constraints, moment.nowS);
  if (narrowed !== null && narrowed.effect !== "allow")
    return recordDraft(ids, moment, "effect_refused", gate.wid, cause, { ...named, ...refusedBy(narrowed) });
  // Where silence would have been consent nobody can be told to come back: to a breaker that is open it is none [ours].
  const shut = circuitOf(state, gate, moment.nowS);
  if (shut !== null)
    return recordDraft(ids, moment, "effect_refused", gate.wid, cause, {
      ...named,
      code: shut.code,
      detail: shut.detail,
    });
  if (again.ok && (again.value.effect === "allow" || again.value.effect === "gate"))
    return recordDraft(ids, moment, "permitted", gate.wid, cause, {
      ...named,
      rule_ids: gate.claims.rule_ids,
      ...(approval.modified === undefined ? {} : { args_hash: approval.modified.args_hash }),
      ...(approval.break_glass === true ? { break_glass: true } : {}),
    });
  const why = again.ok ? refusedBy(again.value) : { code: again.error.code, detail: again.error.detail };
  return recordDraft(ids, moment, "effect_refused", gate.wid, cause, { ...named, ...why });
}

/** The deadline runs by the host's monotonic timer (ACP-S6); this holds where its record has not been made yet (ACP-10). */
function timeProblem(gate: GateState, nowS: number): Refusal | null {
  return nowS > gate.openedAt + gate.timeoutS
    ? refusal("hitl_not_pending", "the deadline of the request has passed", { jti: gate.request })
    : null;
}

/** Who decides, in which role, how recently authenticated; nobody twice, and not for themselves (D1, ACP-16). */
function authorityProblem(
  state: State,
  gate: GateState,
  { claims }: FactOf<"hitl-decision+jwt">,
  nowS: number,
): Refusal | null {
  const unasked = askedRoleProblem(state, gate, claims, nowS);
  if (unasked !== null) return unasked;
  if (claims.iss === gate.agent || gate.decisions.some((earlier) => earlier.by === claims.iss))
    return refusal("hitl_not_distinct", "the same person cannot decide twice, nor the requester");
  const principal = state.workflows.get(gate.wid)?.startedBy;
  if (
    approvalsDue(gate.roles) > 1 &&
    gate.rules.some((rule) => rule.distinct_from_requester) &&
    claims.iss === principal
  )
    return refusal(
      "hitl_not_distinct",
      "who started the workflow is the requester's principal: two others decide (D1)",
    );
  const open = approvalsMissing(gate.roles, gate.decisions.filter(isApproval)).roles;
  const roleIsFull =
    gate.roles.some(({ role }) => role === claims.role) && !open.some(({ role }) => role === claims.role);
  if (isApproval(claims) && roleIsFull)
    return refusal("hitl_role_denied", `the approvals of the role "${claims.role}" are there already`, {
      claim: "role",
    });
  if (nowS - claims.auth_time > DECISION_AUTH_AGE_S || claims.auth_time > nowS + SKEW_S)
    return refusal("hitl_auth_stale", "the operator's authentication is older than 900 s: authenticate again", {
      claim: "auth_time",
    });
  return null;
}

/** That it is about exactly this, says why where it must, and is among what was offered. */
function contentProblem(gate: GateState, { claims }: FactOf<"hitl-decision+jwt">, nowS: number): Refusal | null {
  if (claims.wid !== gate.wid)
    return refusal("hitl_bind_mismatch", "the decision names another workflow", { claim: "wid" });
  if (gate.rules.some((rule) => rule.reason_required) && (claims.reason ?? "").trim() === "")
    return refusal("hitl_reason_missing", "the rule asks for a reason", { claim: "reason" });
  if (gate.rules.some((rule) => rule.commit_first) && isApproval(claims) && !isCommitted(gate, claims.committed, nowS))
    return refusal("hitl_commit_missing", "the rule asks for a verdict before the agent's words are seen (F6)", {
      claim: "committed",
    });
  const { task } = gate.claims;
  const same =
    claims.bind.exec_act === task.exec_act &&
    claims.bind.inp_hash === task.inp_hash &&
    claims.bind.args_hash === task.args_hash;
  return same
    ? null
    : refusal("hitl_bind_mismatch", "the decision is bound to another action than the request's (ACP-11)", {
        claim: "bind",
      });
}

/** A verdict about this request: not from before it was opened, nor from the future, but for clocks that differ. */
function isCommitted(gate: GateState, committed: HitlDecisionClaims["committed"], nowS: number): boolean {
  return committed !== undefined && committed.at >= gate.openedAt - SKEW_S && committed.at <= nowS + SKEW_S;
}

function escalationProblem(gate: GateState): Refusal | null {
  return gate.escalation.length > gate.escalated.length
    ? null
    : refusal("hitl_no_escalation", "there is nobody left to escalate to", { claim: "outcome" });
}
