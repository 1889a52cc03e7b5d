import { err, ok, type Result } from "../../base/result.ts";
import { ANY_GROUP, type BreakerOrderClaims } from "../../protocol/cascade/breaker-order.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { quarantineProblem } from "../behavior/effects.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import type { HostIds } from "../records.ts";
import { tokenDraft } from "../records.ts";
import type { BreakerState, State } from "../state.ts";
import { current, edgeKey, isHeld, momentOf } from "./breakers.ts";
import { circuitDraft } from "./consequences.ts";
import { domainDraft, domainKey, orderedChange } from "./domains.ts";
import { edgeBreakers } from "./evolve.ts";

/** Oldest authentication an order may rest on, seconds: to cut off is urgent, to let through is not [ours]. */
const AUTH_AGE_S = { trip: 3600, release: 900 } as const;
const SKEW_S = 30;

/** An operator's order about the breakers of one edge, or about a failure domain; what it moves is stated in the same frame. */
export function decideBreakerOrder(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"breaker-order+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const problem = authorityProblem(state, fact, moment.nowS);
  if (problem !== null) return err(problem);
  if (claims.domain !== undefined) {
    const domain = state.domains.get(domainKey(claims.domain.wid, claims.domain.domain_id));
    if (domain === undefined)
      return err(
        refusal("domain_unknown", "the workflow has no such failure domain, or has finished", { claim: "domain" }),
      );
    const change = orderedChange(domain, claims.order, moment.nowS);
    if (change === null)
      return err(
        refusal(
          "domain_state_invalid",
          claims.order === "trip" ? "it is isolated already" : "it is not isolated: there is nothing to release",
          { claim: "domain" },
        ),
      );
    return ok([tokenDraft(token, fact), domainDraft(domain, change, { jti: claims.jti }, ids, moment, claims.iss)]);
  }
  const target = claims.breaker === undefined ? null : targetProblem(state, claims.breaker, claims.order, moment.nowS);
  return target === null ? ok([tokenDraft(token, fact)]) : err(target);
}

function authorityProblem(state: State, { claims }: FactOf<"breaker-order+jwt">, nowS: number): Refusal | null {
  if (!isHuman(claims.iss)) return refusal("breaker_unauthorized", "only an operator orders a breaker (CAS-19)");
  const denied = roleProblem(state, claims.iss, [claims.role], nowS, {
    code: "breaker_unauthorized",
    what: `to ${claims.order} a breaker`,
    claim: "role",
  });
  if (denied !== null) return denied;
  const oldest = AUTH_AGE_S[claims.order];
  return claims.auth_time > nowS + SKEW_S || nowS - claims.auth_time > oldest
    ? refusal("breaker_unauthorized", `the operator's authentication is older than ${oldest} s: authenticate again`, {
        claim: "auth_time",
      })
    : null;
}

function targetProblem(
  state: State,
  edge: NonNullable<BreakerOrderClaims["breaker"]>,
  order: BreakerOrderClaims["order"],
  nowS: number,
): Refusal | null {
  const { caller, callee, group } = edge;
  const found = edgeBreakers(state, edge);
  if (found.length === 0)
    return refusal("breaker_unknown", "nothing was handed on over this edge yet, or its workflow has finished", {
      claim: "breaker",
    });
  const whole = group === ANY_GROUP;
  const holds = state.edgeHolds.has(edgeKey(caller, callee));
  const now = (of: BreakerState) => current(of, momentOf(nowS, state.size, of.id)).breaker;
  if (order === "trip") {
    const done = found.every((of) => now(of).forced && of.reason !== "behavior") && (!whole || holds);
    return done ? refusal("breaker_state_invalid", "it is forced open already") : null;
  }
  const quarantined = quarantineProblem(state, callee);
  if (quarantined !== null) return quarantined;
  const held = found.some((of) => isHeld(now(of))) || (whole && holds);
  if (!held)
    return refusal("breaker_state_invalid", "nothing holds it open but its own timer: there is nothing to release");
  return !whole && holds
    ? refusal("breaker_state_invalid", "the whole edge was tripped: release it for every kind of action", {
        claim: "breaker",
      })
    : null;
}

/** The host's timer ran out: the breaker looks at the clock, and what has become of it is stated. */
export function decideBreakerDue(
  state: State,
  { breaker }: { readonly breaker: string },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const found = state.breakers.get(breaker);
  if (found === undefined) return err(refusal("breaker_unknown", "no such breaker"));
  const [first] = current(found, momentOf(moment.nowS, state.size, found.id)).changes;
  return first === undefined
    ? err(refusal("breaker_state_invalid", "no timer of this breaker has run out"))
    : ok([circuitDraft(found, first, ids, moment)]);
}
