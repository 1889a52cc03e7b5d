import { err, ok, type Result } from "../../base/result.ts";
import { isCanonicalResource } from "../../protocol/acp/canonical-resource.ts";
import type { Consequence } from "../../protocol/acp/claims.ts";
import type { ActionDecision } from "../../protocol/acp/decide-action.ts";
import { coversPattern, matchesAny } from "../../protocol/acp/match.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { decisionRoleProblem, holdsRole, roleProblem } from "../identity/roles.ts";
import { tokenDraft } from "../records.ts";
import type { GrantState, State, WorkflowState } from "../state.ts";
import { gateTerms } from "./terms.ts";
import { intendedAction } from "./usage.ts";

/** Oldest authentication a grant may rest on, seconds: as a decision's (P3). */
const GRANT_AUTH_AGE_S = 900;
/** Taking away rests on less. */
const REVOCATION_AUTH_AGE_S = 3600;
/** Who may end a grant besides those who could have given it. */
const MAY_REVOKE: readonly string[] = ["operator", "duty_manager", "safety_officer"];

/** Why a grant lets nothing through now; null while it does. */
export function grantProblem(
  state: State,
  grant: GrantState,
  workflow: Pick<WorkflowState, "acp">,
  nowS: number,
): Refusal | null {
  if (grant.revoked !== null) return refusal("grant_revoked", "the standing grant was revoked", { jti: grant.jti });
  if (nowS >= grant.claims.exp) return refusal("grant_expired", "the standing grant has expired", { jti: grant.jti });
  if (grant.claims.acp.jti !== workflow.acp)
    return refusal("grant_void", "the standing grant is under a policy that is not in force any more", {
      jti: grant.jti,
    });
  // Whoever gave it could give the approval now; a role taken away takes the grant with it.
  return holdsRole(state, grant.claims.iss, grant.claims.role, nowS)
    ? null
    : refusal("grant_void", "who gave the standing grant does not hold its role any more", { jti: grant.jti });
}

/**
 * The standing grant that answers for a human, or null: this agent and action, under this policy, only rules it names, only
 * what it names is touched, uses left. Never where something irreversible, several people, or more than an approval is due.
 */
export function coveringGrant(
  state: State,
  workflow: WorkflowState,
  claims: Pick<IntentClaims, "iss" | "acp" | "exec_act" | "target" | "needs">,
  decision: ActionDecision,
  consequence: Consequence,
  nowS: number,
): GrantState | null {
  if (decision.strongest !== "approve" || consequence === "irreversible" || decision.roles.length !== 1) return null;
  const [due] = decision.roles;
  if (due === undefined || due.approvals > 1) return null;
  const { resources } = intendedAction(claims);
  for (const grant of state.grants.values()) {
    const given = grant.claims;
    if (given.wid !== workflow.wid || given.agent !== claims.iss || given.exec_act !== claims.exec_act) continue;
    if (given.acp.jti !== claims.acp.jti || grant.uses >= given.max_uses) continue;
    if (grantProblem(state, grant, workflow, nowS) !== null || given.role !== due.role) continue;
    if (!decision.ruleIds.every((id) => given.rule_ids.includes(id))) continue;
    const patterns = given.resources;
    // Prefixes say something of names in normal form only (ACP-25).
    const within = (name: string): boolean => isCanonicalResource(name) && matchesAny(patterns ?? [], name);
    if (patterns !== undefined && (resources === null || !resources.every(within))) continue;
    return grant;
  }
  return null;
}

/** Gives leave in advance: narrower than what one approval by the same person could let through each time. */
export function decideGrant(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"standing-grant+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const problem = givingProblem(state, fact, moment.nowS);
  if (problem !== null) return err(problem);
  return ok([tokenDraft(token, fact)]);
}

function givingProblem(state: State, { claims }: FactOf<"standing-grant+jwt">, nowS: number): Refusal | null {
  const workflow = state.workflows.get(claims.wid);
  const policy = state.policies.get(claims.acp.jti);
  // Somebody else's id would take the place of their grant, and of what was used of it.
  if (state.grants.has(claims.jti)) return refusal("token_replayed", "this grant is known", { jti: claims.jti });
  if (workflow === undefined) return refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" });
  if (policy === undefined || policy.hash !== claims.acp.hash || policy.jti !== workflow.acp)
    return refusal("grant_void", "a grant is under the policy in force", { claim: "acp" });
  if (workflow.status === "finished") return refusal("workflow_finished", "the workflow has finished");
  if (!workflow.agents.includes(claims.agent))
    return refusal("acp_subject_mismatch", "no agent of this workflow", { claim: "agent" });
  const unheld = decisionRoleProblem(state, claims.iss, claims.role, nowS);
  if (unheld !== null) return unheld;
  if (nowS - claims.auth_time > GRANT_AUTH_AGE_S || claims.auth_time > nowS + 30)
    return refusal("hitl_auth_stale", "the authentication is older than 900 s: authenticate again", {
      claim: "auth_time",
    });
  const unknown = claims.rule_ids.find((id) => !policy.claims.hitl.rules.some((rule) => rule.id === id));
  if (unknown !== undefined) return refusal("grant_rule", `the policy has no rule "${unknown}"`, { claim: "rule_ids" });
  const terms = gateTerms(policy.claims, claims.rule_ids, claims.agent, claims.exec_act);
  if (terms.consequence === "irreversible")
    return refusal("grant_irreversible", "what cannot be undone is approved each time");
  const [due, ...others] = terms.roles;
  if (due === undefined || others.length > 0 || due.approvals > 1 || due.role !== claims.role)
    return refusal("grant_rule", "a grant stands in for one approval of its own role, never for several people", {
      claim: "rule_ids",
    });
  const other = terms.rules.find((rule) => rule.action !== "approve");
  if (other !== undefined)
    return refusal("grant_rule", `rule "${other.id}" asks for more than an approval`, { claim: "rule_ids" });
  const committing = terms.rules.find((rule) => rule.commit_first);
  if (committing !== undefined)
    return refusal("grant_rule", `rule "${committing.id}" asks for a verdict each time (F6)`, { claim: "rule_ids" });
  const twin = [...state.grants.values()].find(
    (grant) =>
      grant.claims.wid === claims.wid &&
      grant.claims.agent === claims.agent &&
      grant.claims.exec_act === claims.exec_act &&
      grant.uses < grant.claims.max_uses &&
      grantProblem(state, grant, workflow, nowS) === null &&
      (grant.claims.resources ?? ["*"]).some((one) =>
        (claims.resources ?? ["*"]).some((two) => coversPattern(one, two) || coversPattern(two, one)),
      ),
  );
  return twin === undefined
    ? null
    : refusal("grant_exists", "a standing grant for this is in force: end it first", { jti: twin.jti });
}

/** Ends a grant before its next use; what it let through and has not happened is refused. */
export function decideGrantRevocation(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"grant-revocation+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const grant = state.grants.get(claims.grant.jti);
  if (grant === undefined || grant.hash !== claims.grant.hash)
    return err(refusal("grant_unknown", "no such standing grant in this log", { claim: "grant" }));
  if (grant.revoked !== null) return err(refusal("grant_revoked", "it is revoked already", { jti: grant.jti }));
  const may = [...new Set([grant.claims.role, ...MAY_REVOKE])];
  if (!may.includes(claims.role))
    return err(refusal("hitl_role_denied", `a grant is ended as ${may.join(" or ")}`, { claim: "role" }));
  const denied = roleProblem(state, claims.iss, [claims.role], moment.nowS, {
    code: "hitl_role_denied",
    what: "ending a grant",
    claim: "role",
  });
  if (denied !== null) return err(denied);
  if (moment.nowS - claims.auth_time > REVOCATION_AUTH_AGE_S || claims.auth_time > moment.nowS + 30)
    return err(refusal("hitl_auth_stale", "the authentication is too old: authenticate again", { claim: "auth_time" }));
  return ok([tokenDraft(token, fact)]);
}
