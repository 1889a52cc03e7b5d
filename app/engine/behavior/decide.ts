import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { profileHash } from "../../protocol/behavior/profile.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { trustReleased } from "../../protocol/behavior/trust.ts";
import { staleAtS, stepVerdict, type VerdictStep } from "../../protocol/behavior/verdict-state.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import type { StateRecord } from "./behavior-record.ts";
import { unknownStanding } from "./behavior-state.ts";
import { profileOf } from "./conduct.ts";
import { jsonOf } from "./json-of.ts";
import { leaseDrafts } from "./lease-drafts.ts";

export { decideAppraisal } from "./decide-appraisal.ts";
export { decideResult } from "./decide-asserted.ts";
export { decideEvidence } from "./decide-evidence.ts";

/** Oldest authentication these may rest on, seconds: to hold back is urgent, to let go on is not [ours]. */
const AUTH_AGE_S = { quarantine: 3600, release: 900, profile: 900 } as const;
const SKEW_S = 30;

/** Why somebody may not say this: no person, not their role, or authenticated too long ago. */
function authorityProblem(
  state: State,
  claims: { readonly iss: string; readonly role: string; readonly auth_time: number; readonly jti: string },
  nowS: number,
  { what, ageS }: { readonly what: string; readonly ageS: number },
): Refusal | null {
  if (!isHuman(claims.iss))
    return refusal("behavior_unauthorized", `${what} is for people (BEH-14)`, { jti: claims.jti });
  const denied = roleProblem(state, claims.iss, [claims.role], nowS, {
    code: "behavior_unauthorized",
    what,
    claim: "role",
  });
  if (denied !== null) return denied;
  return claims.auth_time > nowS + SKEW_S || nowS - claims.auth_time > ageS
    ? refusal("behavior_unauthorized", `the authentication is older than ${ageS} s: authenticate again`, {
        claim: "auth_time",
      })
    : null;
}

/** BEH-5, BEH-S3: a version of a profile is signed by who may, says what its digest says, and comes after the last one. */
export function decideProfile(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"behavior-profile+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { profile, hash } = fact.claims;
  const about = { what: "putting a profile in force", ageS: AUTH_AGE_S.profile };
  const denied = authorityProblem(state, fact.claims, moment.nowS, about);
  if (denied !== null) return err(denied);
  if (profileHash(profile, moment.sha256) !== hash)
    return err(refusal("object_hash_mismatch", "its hash is not that of the profile", { claim: "hash" }));
  const newest = state.behavior.profiles.get(profile.profile_id)?.at(-1)?.profile;
  if (newest !== undefined && profile.version <= newest.version)
    return err(
      refusal("profile_version", `version ${newest.version} of it is known: a change is a later one (BEH-5)`, {
        claim: "profile",
      }),
    );
  if (profile.not_after !== undefined && profile.not_after <= moment.nowS)
    return err(refusal("bet_profile_expired", "it has expired already", { claim: "profile" }));
  return ok([tokenDraft(token, fact)]);
}

/** A person puts an agent into quarantine, or lets it out of it (BEH-14); what that leads to is in the same frame. */
export function decideOrder(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"behavior-order+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const { order, agent } = claims;
  const what = order === "quarantine" ? "to quarantine an agent" : "to let an agent out of quarantine";
  const denied = authorityProblem(state, claims, moment.nowS, { what, ageS: AUTH_AGE_S[order] });
  if (denied !== null) return err(denied);
  if (standingOf(agent) !== agent)
    return err(refusal("behavior_agent_unknown", "it names an agent of one workflow, not who is behind it"));
  const known = state.behavior.agents.get(agent);
  if (known === undefined && !isAgentHere(state, agent))
    return err(refusal("behavior_agent_unknown", "no such agent in this log", { claim: "agent" }));
  const of = known ?? unknownStanding(agent, moment.nowS);
  const basis = order === "release" ? releaseProblem(state, claims) : null;
  if (basis !== null) return err(basis);
  const step = stepVerdict(of.now, { kind: order, atS: moment.nowS });
  if (step.change === null)
    return err(
      refusal(
        "behavior_state_invalid",
        order === "release" ? "it is not in quarantine" : "it is in quarantine already",
      ),
    );
  const moved = order === "release" ? trustReleased(of.trust, moment.nowS) : { trust: of.trust, changes: [] };
  const build = claims.basis !== undefined && "build" in claims.basis ? { build: claims.basis.build } : {};
  const data = { ...stated(agent, step, moved), by: claims.iss, reason: claims.reason, ...build };
  const cause = { jti: claims.jti };
  return ok([
    tokenDraft(token, fact),
    stateDraft(ids, moment, cause, data),
    ...(order === "quarantine" ? leaseDrafts(state, agent, cause, ids, moment) : []),
  ]);
}

const isAgentHere = (state: State, agent: string): boolean =>
  [...state.workflows.values()].some(({ agents }) => agents.some((one) => standingOf(one) === agent));

/** What has been found wanting is not let go on as it was: a later version of its profile, or a build that is another. */
function releaseProblem(state: State, { agent, basis }: FactOf<"behavior-order+jwt">["claims"]): Refusal | null {
  const of = state.behavior.agents.get(agent);
  if (of?.quarantine == null) return refusal("behavior_state_invalid", "it is not in quarantine");
  if (basis === undefined)
    return refusal("behavior_basis_missing", "a release says what is different now", { claim: "basis" });
  if ("build" in basis)
    return of.builds.includes(basis.build)
      ? refusal("behavior_basis_same", "an earlier release rested on this build already", { claim: "basis" })
      : null;
  const found = profileOf(state, of)?.profile;
  if (found?.profile_id !== basis.profile_id || found.version !== basis.version)
    return refusal("behavior_basis_missing", "this version of a profile is not the one in force for it", {
      claim: "basis",
    });
  const then = of.quarantine.profile;
  return then?.profile_id === basis.profile_id && basis.version <= then.version
    ? refusal("behavior_basis_same", `version ${then.version} was in force when it was put into quarantine`, {
        claim: "basis",
      })
    : null;
}

/** BEH-10: no evidence for two windows. Told too early it is refused, and the timer waits on. */
export function decideStale(
  state: State,
  { agent }: Extract<Command, { kind: "behavior_stale" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const of = state.behavior.agents.get(agent);
  const profile = of === undefined ? null : profileOf(state, of);
  const windowS = profile?.profile.window_s ?? null;
  if (of === undefined || windowS === null || profile === null)
    return err(refusal("behavior_agent_unknown", "nothing is expected of this agent"));
  const step = stepVerdict(of.now, { kind: "silent", windowS, atS: moment.nowS });
  if (step.change === null || staleAtS(of.now, windowS) === null)
    return err(refusal("behavior_state_invalid", "its evidence is not old enough yet"));
  const cause = { timer: "behavior_stale", of: of.windows.at(-1)?.ear ?? profile.jti };
  return ok([stateDraft(ids, moment, cause, stated(agent, step, { trust: of.trust, changes: [] }))]);
}

function stated(
  standing: string,
  { state: now, change }: VerdictStep,
  { trust, changes }: ReturnType<typeof trustReleased>,
): StateRecord {
  return { standing, now, trust, change: must(change, "only a change is stated"), trust_changes: changes };
}

const stateDraft = (ids: HostIds, moment: Moment, cause: Parameters<typeof recordDraft>[4], data: StateRecord): Draft =>
  recordDraft(ids, moment, "behavior_state", null, cause, jsonOf(data));
