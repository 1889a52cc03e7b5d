import { err, ok, type Result } from "../../base/result.ts";
import { acceptAcp } from "../../protocol/acp/accept-acp.ts";
import { checkDerivation } from "../../protocol/acp/derive-acp.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { haltProblem } from "../gate/decide-intent.ts";
import { holdsRole, MAY_START, roleProblem } from "../identity/roles.ts";
import { holdProblem } from "../override/hold.ts";
import { tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { policyInForce } from "./in-force.ts";

/** Oldest authentication a revocation may rest on, seconds; as for an emergency stop, because it only takes away. */
const REVOCATION_AUTH_AGE_S = 3600;
const REVOKING_ROLES = ["operator", "duty_manager", "safety_officer"] as const;

/**
 * P1 for a policy that an agent derives for another by delegation: taken only narrower than the one it holds, checked
 * against that by digest. A root policy comes with a start and never alone.
 */
export function decideDerived(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"acp+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  if (claims.parent === undefined)
    return err(
      refusal("acp_parent_missing", "a policy of its own comes with the start of a workflow", { claim: "parent" }),
    );
  if (state.policies.has(claims.jti))
    return err(refusal("token_replayed", "this policy is known", { jti: claims.jti }));
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  if (!workflow.agents.includes(claims.iss) || !workflow.agents.includes(claims.sub))
    return err(refusal("acp_subject_mismatch", "a delegation is from one agent of the workflow to another"));
  // Who is stopped or held has nobody else act in its place either (OVR-43).
  const subject = { agent: claims.iss, wid: claims.wid };
  const barred = haltProblem(state, workflow, claims.iss) ?? holdProblem(state, subject);
  if (barred !== null) return err(barred);
  const parent = state.policies.get(claims.parent.jti);
  const accepted = acceptAcp(claims);
  if (!accepted.ok) return accepted;
  const derived = checkDerivation(claims, parent && { claims: parent.claims, digest: parent.hash });
  if (!derived.ok) return derived;
  const holds = policyInForce(state, workflow, claims.parent, claims.iss, moment.nowS);
  if (!holds.ok) return holds;
  return ok([tokenDraft(token, fact)]);
}

/**
 * Another policy of its own takes the place of the one a running workflow is under. What was decided under the earlier one
 * and has not happened is asked for anew: an approval is for one version of the policy (D4).
 */
export function decideReplacement(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"acp+jwt">,
  replaces: NonNullable<FactOf<"acp+jwt">["claims"]["replaces"]>,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  if (state.policies.has(claims.jti))
    return err(refusal("token_replayed", "this policy is known", { jti: claims.jti }));
  if (claims.parent !== undefined)
    return err(refusal("acp_parent_mismatch", "a derived policy replaces nothing", { claim: "replaces" }));
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  if (workflow.status === "finished") return err(refusal("workflow_finished", "the workflow has finished"));
  const earlier = state.policies.get(replaces.jti);
  if (earlier === undefined || earlier.hash !== replaces.hash || earlier.jti !== workflow.acp)
    return err(refusal("acp_replaced", "the policy it replaces is not the one in force", { claim: "replaces" }));
  const denied = roleProblem(state, claims.iss, MAY_START, moment.nowS, {
    code: "start_unauthorized",
    what: "putting a policy in force",
  });
  if (denied !== null) return err(denied);
  const accepted = acceptAcp(claims);
  if (!accepted.ok) return accepted;
  return ok([tokenDraft(token, fact)]);
}

/** Takes a policy out of force (ACP-19): it and all derived from it end before the next action under any of them. */
export function decideRevocation(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"acp-revocation+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const policy = state.policies.get(claims.acp.jti);
  if (policy === undefined || policy.hash !== claims.acp.hash)
    return err(refusal("acp_parent_missing", "no such policy in this log", { claim: "acp" }));
  if (state.revocations.has(policy.jti))
    return err(refusal("acp_revoked", "it is revoked already", { jti: policy.jti }));
  const role = REVOKING_ROLES.find((candidate) => candidate === claims.role);
  if (role === undefined || !holdsRole(state, claims.iss, role, moment.nowS))
    return err(
      refusal("acp_revocation_unauthorized", `revoking needs one of the roles ${REVOKING_ROLES.join(", ")}`, {
        claim: "role",
      }),
    );
  if (moment.nowS - claims.auth_time > REVOCATION_AUTH_AGE_S || claims.auth_time > moment.nowS + 30)
    return err(refusal("hitl_auth_stale", "the authentication is too old: authenticate again", { claim: "auth_time" }));
  return ok([tokenDraft(token, fact)]);
}
