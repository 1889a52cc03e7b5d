import type { AcpClaims, HitlDecisionClaims } from "../../protocol/acp/claims.ts";
import { compilePolicy, type EffectiveConstraint } from "../../protocol/acp/compile-policy.ts";
import { type ActionDecision, decideAction, NO_USAGE } from "../../protocol/acp/decide-action.ts";
import { CONSTRAINT_NAMES, type Constraints, narrower } from "../../protocol/acp/narrow.ts";
import { narrowsArguments, wideningPath } from "../../protocol/acp/narrow-arguments.ts";
import type { IntentClaims } from "../../protocol/ect/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { GateState, State } from "../state.ts";
import { approvalsDue } from "./terms.ts";
import { decisionContext, intendedAction } from "./usage.ts";

/**
 * P3, `modify`: an approval of less than was asked for, where the request offers it. Where several people approve, all sign
 * the same (D4), so that only a single approval may change anything [ours]. That a digest is that of its
 * arguments is checked when the token is received.
 */
export function modificationProblem(
  state: State,
  gate: GateState,
  claims: Pick<HitlDecisionClaims, "outcome" | "modified">,
): Refusal | null {
  const { modified } = claims;
  if (claims.outcome !== "modify")
    return modified === undefined
      ? null
      : refusal("hitl_bind_mismatch", "only the outcome modify changes anything", { claim: "modified" });
  if (!gate.claims.options.includes("modify"))
    return refusal("hitl_outcome_not_offered", "the request does not offer to be modified", { claim: "outcome" });
  if (modified === undefined) return refusal("acp_widening", "what is changed is not there", { claim: "modified" });
  if (approvalsDue(gate.roles) > 1)
    return refusal("hitl_outcome_not_offered", "several people approve the same action or none (D4)", {
      claim: "outcome",
    });
  const { args } = gate.claims.task;
  if (args === undefined)
    return refusal("hitl_outcome_not_offered", "the request does not say what there is to change", {
      claim: "outcome",
    });
  if (modified.args_hash !== gate.claims.task.args_hash && !narrowsArguments(args, modified.args))
    return refusal(
      "acp_widening",
      `the changed arguments ask for something else at "${wideningPath(args, modified.args) ?? ""}"`,
      {
        claim: "modified.args",
      },
    );
  const inForce = constraintsInForce(state, gate);
  const limits = modified.constraints ?? {};
  if (modified.args_hash === gate.claims.task.args_hash && !limitsAnything(inForce, limits))
    return refusal("acp_widening", "nothing is changed: approve it as it is", { claim: "modified" });
  return constraintProblem(inForce, limits);
}

/** What the limits of a changed approval say of the action; null where it sets none. */
export function limitsDecision(
  policy: AcpClaims,
  claims: Pick<IntentClaims, "iss" | "exec_act" | "target" | "needs">,
  constraints: Constraints | undefined,
  nowS: number,
): ActionDecision | null {
  if (constraints === undefined) return null;
  const inForce = compilePolicy(policy).nodeFor(claims.iss, claims.exec_act)?.constraints ?? [];
  const currency = constraints.currency ?? inForce.find(({ name }) => name === "currency")?.value;
  // A limit on cost that names no currency is in the one in force (ACP-22).
  const limits = typeof currency === "string" ? { ...constraints, currency } : constraints;
  const narrowed: AcpClaims = {
    ...policy,
    dag: {
      root: "approval",
      self: "approval",
      nodes: [{ id: "approval", agent: claims.iss, actions: [claims.exec_act], constraints: limits }],
      edges: [],
      max_depth: 0,
      max_fanout: 1,
    },
    hitl: { rules: [], default_on_timeout: "deny" },
  };
  return decideAction(narrowed, intendedAction(claims), () => NO_USAGE, decisionContext(claims, nowS));
}

function constraintsInForce(state: State, gate: GateState): readonly EffectiveConstraint[] {
  const policy = state.policies.get(gate.claims.acp.jti);
  if (policy === undefined) return [];
  return compilePolicy(policy.claims).nodeFor(gate.agent, gate.claims.task.exec_act)?.constraints ?? [];
}

/** Whether one of these limits is not as narrow in force already. */
function limitsAnything(inForce: readonly EffectiveConstraint[], constraints: Constraints): boolean {
  return CONSTRAINT_NAMES.some((name) => {
    const to = constraints[name];
    return to !== undefined && !inForce.some((held) => held.name === name && narrower(name, to, held.value));
  });
}

/** Limits for this one action are those in force or narrower. */
function constraintProblem(inForce: readonly EffectiveConstraint[], constraints: Constraints): Refusal | null {
  for (const name of CONSTRAINT_NAMES) {
    const to = constraints[name];
    if (to === undefined) continue;
    const wider = inForce.find((constraint) => constraint.name === name && !narrower(name, constraint.value, to));
    if (wider !== undefined)
      return refusal("acp_widening", `${name} is wider than what the policy sets at "${wider.setBy}"`, {
        claim: `modified.constraints.${name}`,
      });
  }
  return null;
}
