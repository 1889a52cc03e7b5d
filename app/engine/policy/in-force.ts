import { err, ok, type Result } from "../../base/result.ts";
import { revokedAncestor } from "../../protocol/acp/derive-acp.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { PolicyState, State, WorkflowState } from "../state.ts";

/** The policy a token names, by jti and digest. */
export interface NamedPolicy {
  readonly jti: string;
  readonly hash: string;
}

/**
 * The policy an agent acts under: the workflow's own, or one derived from it that the agent holds (ACP-S1). Neither it nor
 * an ancestor may be revoked (P1 step 10, ACP-19), and each must be valid now.
 */
export function policyInForce(
  state: State,
  workflow: WorkflowState,
  named: NamedPolicy,
  agent: string,
  nowS: number,
): Result<PolicyState, Refusal> {
  const policy = state.policies.get(named.jti);
  if (policy === undefined || policy.hash !== named.hash)
    return err(refusal("acp_parent_mismatch", "the policy named is not one in force here", { claim: "acp" }));
  if (policy.replacedBy !== null)
    return err(refusal("acp_replaced", `the policy ${policy.replacedBy} took its place`, { jti: policy.replacedBy }));
  if (policy.jti !== workflow.acp && policy.claims.sub !== agent)
    return err(refusal("acp_subject_mismatch", "the policy named is another agent's (ACP-S1)", { claim: "acp" }));
  const revoked = revokedAncestor(
    policy.jti,
    (jti) => state.policies.get(jti)?.claims.parent?.jti ?? null,
    (jti) => state.revocations.has(jti),
  );
  if (revoked !== null) return err(refusal("acp_revoked", `the policy ${revoked} was revoked`, { jti: revoked }));
  let at: PolicyState | undefined = policy;
  for (let depth = 0; at !== undefined && depth <= MAX_DERIVATIONS; depth += 1) {
    if (nowS > at.claims.exp) return err(refusal("acp_expired", "the policy has expired"));
    if (at.claims.nbf !== undefined && nowS < at.claims.nbf)
      return err(refusal("acp_expired", "the policy is not valid yet"));
    if (at.jti === workflow.acp) return ok(policy);
    at = at.claims.parent === undefined ? undefined : state.policies.get(at.claims.parent.jti);
  }
  return err(
    refusal("acp_parent_mismatch", "the policy named is not the workflow's, nor derived from it", { claim: "acp" }),
  );
}

/** `dag.max_depth` is at most 16, and every derivation goes one step down. */
const MAX_DERIVATIONS = 17;
