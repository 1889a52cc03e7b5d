import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { leaseTimes } from "../../protocol/liveness/lease-times.ts";
import { quarantineProblem } from "../behavior/effects.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { LINK_STAGES, livenessOf } from "./liveness-state.ts";

/** A lease is given by somebody who is there: authenticated at most so long ago, seconds. */
const AUTH_AGE_S = 300;
const SKEW_S = 30;

/**
 * An operator gives or renews a lease. It is renewed no earlier than it is asked for, which nobody can tell in advance: a key
 * that is held down, or a habit, renews nothing (L5).
 */
export function decideLease(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"lease+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const problem = authorityProblem(state, fact, moment.nowS) ?? leaseStateProblem(state, fact, moment.nowS);
  return problem === null ? ok([tokenDraft(token, fact)]) : err(problem);
}

function authorityProblem(state: State, { claims }: FactOf<"lease+jwt">, nowS: number): Refusal | null {
  if (!isHuman(claims.iss)) return refusal("lease_unauthorized", "only an operator gives a lease (L5)");
  const about = { code: "lease_unauthorized", what: "to give a lease", claim: "role" };
  const denied = roleProblem(state, claims.iss, [claims.role], nowS, about);
  if (denied !== null) return denied;
  return claims.auth_time > nowS + SKEW_S || nowS - claims.auth_time > AUTH_AGE_S
    ? refusal("lease_unauthorized", `the operator's authentication is older than ${AUTH_AGE_S} s: authenticate again`, {
        claim: "auth_time",
      })
    : null;
}

function leaseStateProblem(state: State, { claims }: FactOf<"lease+jwt">, nowS: number): Refusal | null {
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined || !workflow.agents.includes(claims.agent))
    return refusal("lease_agent_unknown", "no such agent in this workflow", { claim: "agent" });
  if (workflow.status !== "running")
    return refusal("workflow_not_running", `the workflow is ${workflow.status}`, { claim: "wid" });
  const quarantined = quarantineProblem(state, claims.agent);
  if (quarantined !== null) return quarantined;
  const lease = state.liveness.get(claims.agent)?.lease ?? null;
  if (lease === null) return null;
  if (claims.duration_s > lease.durationS)
    return refusal("lease_too_long", `it is renewed for ${lease.durationS} s at most, as it was given`, {
      claim: "duration_s",
    });
  if (!lease.lapsed && nowS < leaseTimes(lease).promptAt)
    return refusal("lease_not_due", "it is renewed once it is asked for, not before (L5)", { jti: lease.jti });
  return null;
}

/** The host's monotonic timer of a lease ran out. */
export function decideLeaseDue(
  state: State,
  command: Extract<Command, { kind: "lease_due" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const found = state.liveness.get(command.agent);
  if (found?.lease?.jti !== command.lease || found.lease.lapsed)
    return err(refusal("lease_state_invalid", "that lease is renewed, over or gone", { jti: command.lease }));
  return ok([
    recordDraft(ids, moment, "lease_ended", found.wid, { timer: "lease", of: command.lease }, { agent: found.agent }),
  ]);
}

/** What the host's watch found of an agent's channel: a step further down, or back. */
export function decideLink(
  state: State,
  command: Extract<Command, { kind: "link" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { agent, wid, stage, heardAt } = command;
  const workflow = state.workflows.get(wid);
  if (workflow === undefined || !workflow.agents.includes(agent) || workflow.status === "finished")
    return err(refusal("workflow_unknown", "no such agent in a workflow that goes on"));
  const link = state.liveness.get(agent)?.link ?? null;
  const cause = { timer: "heartbeat", of: wid };
  if (stage === "returned") {
    if (link === null) return err(refusal("link_state_invalid", "its link was not lost"));
    const data = { agent, heard_at: link.heardAt, away_s: Math.max(0, moment.nowS - link.heardAt), stage: link.stage };
    return ok([recordDraft(ids, moment, "link_returned", wid, cause, data)]);
  }
  if (link !== null && LINK_STAGES.indexOf(link.stage) >= LINK_STAGES.indexOf(stage))
    return err(refusal("link_state_invalid", `its link is ${link.stage} already`));
  const { plan } = livenessOf(state, agent);
  const data = { agent, heard_at: heardAt, stage, plan: plan.do, after_s: plan.after_s };
  return ok([recordDraft(ids, moment, "link_lost", wid, cause, data)]);
}
