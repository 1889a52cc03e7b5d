import type { AcpClaims, Consequence, HitlRule } from "../../protocol/acp/claims.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";

/** What a gate asks for, computed from the policy alone: union of roles, most approvals, shortest time (P2 step 3). */
export interface GateTerms {
  readonly rules: readonly HitlRule[];
  readonly role: string;
  readonly approvals: number;
  readonly timeoutS: number;
  readonly onTimeout: "deny" | "abort" | "escalate" | "allow";
  readonly consequence: Consequence;
}

/** The terms for an action whose matching rules are known. Deterministic (ACP-20). */
export function gateTerms(policy: AcpClaims, ruleIds: readonly string[], agent: string, execAct: string): GateTerms {
  const rules = policy.hitl.rules.filter((rule) => ruleIds.includes(rule.id) && rule.action !== "notify");
  const node = compilePolicy(policy).nodeFor(agent, execAct)?.node;
  const strictest = rules.some((rule) => (rule.on_timeout ?? policy.hitl.default_on_timeout) === "abort")
    ? "abort"
    : "deny";
  return {
    rules,
    role: rules[0]?.role ?? "operator",
    approvals: Math.max(1, ...rules.map((rule) => rule.approvals)),
    timeoutS: rules.length === 0 ? 900 : Math.min(...rules.map((rule) => rule.timeout_s)),
    onTimeout: strictest,
    consequence: node?.consequence ?? "reversible",
  };
}
