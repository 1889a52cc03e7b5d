import { err, ok, type Result } from "../../base/result.ts";
import { isStopClass } from "../../protocol/acp/stop-class.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { tokenDraft } from "../records.ts";
import type { GateState, Hold, State } from "../state.ts";
import { askedRoleProblem, namedGate } from "./named-gate.ts";

/** Longest a request may be put away: one shift (A3), seconds. */
export const MAX_SHELF_S = 28_800;
/** Longest a claim lasts without being renewed, seconds [ours]. */
export const MAX_CLAIM_S = 900;
/** Oldest authentication a verb may rest on: nothing is allowed by one, so as for an emergency, seconds. */
const AUTH_AGE_S = 3600;

/** A hold that still holds. */
export function holds(hold: Hold | null, nowS: number): hold is Hold {
  return hold !== null && nowS < hold.until;
}

/**
 * What an operator does with a pending request short of deciding it (A7): nothing of it lets anything through, and none of
 * it moves the deadline. What is put away comes back by itself, in time to be decided.
 */
export function decideHandling(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-handling+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const named = namedGate(state, claims.request);
  if (!named.ok) return named;
  const gate = named.value;
  if (gate.wid !== claims.wid)
    return err(refusal("object_hash_mismatch", "the request belongs to another workflow", { claim: "wid" }));
  if (gate.status !== "pending")
    return err(refusal("hitl_not_pending", `the request is ${gate.status} already`, { jti: gate.request }));
  const problem = whoProblem(state, gate, fact, moment.nowS) ?? verbProblem(gate, fact, moment.nowS);
  if (problem !== null) return err(problem);
  return ok([tokenDraft(token, fact)]);
}

function whoProblem(
  state: State,
  gate: GateState,
  { claims }: FactOf<"hitl-handling+jwt">,
  nowS: number,
): Refusal | null {
  const unasked = askedRoleProblem(state, gate, claims, nowS);
  if (unasked !== null) return unasked;
  return nowS - claims.auth_time > AUTH_AGE_S || claims.auth_time > nowS + 30
    ? refusal("hitl_auth_stale", "the authentication is too old: authenticate again", { claim: "auth_time" })
    : null;
}

function verbProblem(gate: GateState, { claims }: FactOf<"hitl-handling+jwt">, nowS: number): Refusal | null {
  const { verb, iss } = claims;
  const nothing = (detail: string) => refusal("hitl_handling_needless", detail, { claim: "verb" });
  switch (verb) {
    case "claim":
      if (holds(gate.claim, nowS) && gate.claim.by !== iss)
        return refusal("hitl_claimed", `${gate.claim.by} has taken it up`, { jti: gate.request });
      return returnProblem(gate, claims.until ?? 0, nowS, MAX_CLAIM_S);
    case "unclaim":
      return holds(gate.claim, nowS) && gate.claim.by === iss ? null : nothing("you have not taken it up");
    case "shelve":
      if (isStopClass(gate.rules)) return stopClass();
      if (holds(gate.shelf, nowS)) return nothing("it is on the shelf already");
      return returnProblem(gate, claims.until ?? 0, nowS, MAX_SHELF_S);
    case "unshelve":
      return holds(gate.shelf, nowS) ? null : nothing("it is not on the shelf");
    case "defer":
      // Nor by one person for themselves: where everybody who is asked does so, nobody is asked.
      if (isStopClass(gate.rules)) return stopClass();
      return returnProblem(gate, claims.until ?? 0, nowS, MAX_SHELF_S);
    case "undefer":
      return gate.deferrals.some((hold) => hold.by === iss && holds(hold, nowS))
        ? null
        : nothing("you have not put it off");
    case "respond":
      return gate.responses.length < MAX_RESPONSES ? null : nothing(`${MAX_RESPONSES} answers are enough: decide`);
  }
}

const MAX_RESPONSES = 20;

const stopClass = (): Refusal =>
  refusal("hitl_stop_class", "a safety rule holds its agent: it is not put out of sight", { claim: "verb" });

/** A return time lies ahead, within what the verb allows, and before the deadline: silence would be the decision otherwise. */
function returnProblem(gate: GateState, until: number, nowS: number, longestS: number): Refusal | null {
  if (until <= nowS) return refusal("hitl_return_past", "the return time is over", { claim: "until" });
  if (until > nowS + longestS)
    return refusal("hitl_return_too_late", `at most ${longestS / 60} minutes`, { claim: "until" });
  const deadline = gate.openedAt + gate.timeoutS;
  return until < deadline
    ? null
    : refusal("hitl_return_too_late", "it would come back after its deadline, which decides it", { claim: "until" });
}

/**
 * The source settled another way: the request ends, also when it was approved and not used yet. Only its own agent says so,
 * and it takes permission away, never gives any.
 */
export function decideWithdrawal(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"hitl-withdrawal+jwt">,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const named = namedGate(state, claims.request);
  if (!named.ok) return named;
  const gate = named.value;
  if (gate.wid !== claims.wid)
    return err(refusal("object_hash_mismatch", "the request belongs to another workflow", { claim: "wid" }));
  if (gate.agent !== claims.iss)
    return err(refusal("acp_subject_mismatch", "only the agent that asked withdraws its request", { claim: "iss" }));
  if (gate.status !== "pending" && gate.status !== "approved")
    return err(refusal("hitl_not_pending", `the request is ${gate.status} already`, { jti: gate.request }));
  return ok([tokenDraft(token, fact)]);
}
