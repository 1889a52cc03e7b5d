import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { isHuman } from "../identity/human.ts";
import { decisionRoleProblem } from "../identity/roles.ts";
import type { GateState, State } from "../state.ts";

/** The gate that a token names, in exactly the version it names. */
export function namedGate(
  state: State,
  request: { readonly jti: string; readonly hash: string },
): Result<GateState, Refusal> {
  const gate = state.gates.get(request.jti);
  if (gate === undefined)
    return err(refusal("hitl_unknown_request", "no such request in this log", { jti: request.jti }));
  return gate.hash === request.hash
    ? ok(gate)
    : err(refusal("object_hash_mismatch", "it is about another version of the request", { claim: "request" }));
}

/** Why somebody does not speak about a gate: no person, in a role that is not asked, or one they do not hold (P3). */
export function askedRoleProblem(
  state: State,
  gate: GateState,
  who: { readonly iss: string; readonly role: string },
  nowS: number,
): Refusal | null {
  if (!isHuman(who.iss)) return refusal("hitl_role_denied", "only an operator does this");
  const asked = [...gate.roles.map(({ role }) => role), ...gate.escalated];
  if (!asked.includes(who.role))
    return refusal("hitl_role_denied", `this request asks ${asked.join(" and ")}, not "${who.role}"`, {
      claim: "role",
    });
  return decisionRoleProblem(state, who.iss, who.role, nowS);
}
