import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { GateState, State } from "../state.ts";
import { permit } from "./decide-decision.ts";

/**
 * The host's monotonic timer ran out. Nobody answering never means yes for what has a consequence (ACP-10, R8): the request
 * ends, or goes to whoever is left to escalate to, once each.
 */
export function decideDeadline(state: State, request: string, ids: HostIds, moment: Moment): Result<Draft[], Refusal> {
  const gate = state.gates.get(request);
  if (gate === undefined) return err(refusal("hitl_unknown_request", "no such request in this log", { jti: request }));
  if (gate.status !== "pending") return err(refusal("hitl_not_pending", `the request is ${gate.status} already`));
  const cause = { timer: "gate_deadline", of: request };
  if (gate.onTimeout === "allow" && gate.claims.consequence === "none")
    return ok([permit(state, gate, ids, moment, cause)]);
  if (gate.onTimeout === "escalate" && gate.escalation.length > gate.escalated.length)
    return ok([escalation(gate, ids, moment, cause)]);
  // Escalated to everybody and still no answer: no.
  const effect = gate.onTimeout === "abort" ? "abort" : "deny";
  const data = { request, task: gate.task, agent: gate.agent, on_timeout: effect };
  return ok([recordDraft(ids, moment, "gate_timed_out", gate.wid, cause, data)]);
}

/** A step of the escalation is due: another role is asked besides; the deadline stays. */
export function decideEscalation(
  state: State,
  command: { readonly request: string; readonly step: number },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const gate = state.gates.get(command.request);
  if (gate === undefined) return err(refusal("hitl_unknown_request", "no such request in this log"));
  if (gate.status !== "pending") return err(refusal("hitl_not_pending", `the request is ${gate.status} already`));
  if (gate.escalated.length > command.step) return err(refusal("hitl_escalated", "this step was taken already"));
  if (gate.escalation.length <= gate.escalated.length)
    return err(refusal("hitl_no_escalation", "there is nobody left to escalate to"));
  return ok([escalation(gate, ids, moment, { timer: "gate_escalation", of: command.request })]);
}

function escalation(gate: GateState, ids: HostIds, moment: Moment, cause: { timer: string; of: string }): Draft {
  const next = gate.escalation[gate.escalated.length];
  return recordDraft(ids, moment, "gate_escalated", gate.wid, cause, {
    request: gate.request,
    task: gate.task,
    agent: gate.agent,
    role: next?.role ?? "",
  });
}
