import type { AcpClaims, Consequence, HitlRule } from "../../protocol/acp/claims.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import type { RoleApprovals } from "../../protocol/acp/decide-action.ts";

/** What a gate asks for, computed from the policy alone: union of roles, most approvals, shortest time (P2 step 3). */
export interface GateTerms {
  readonly rules: readonly HitlRule[];
  /** Each role needs its own approvals; in the order of the rules. */
  readonly roles: readonly RoleApprovals[];
  /** The first of the roles and the most approvals of one: what the request names beside `roles`. */
  readonly role: string;
  readonly approvals: number;
  readonly timeoutS: number;
  readonly onTimeout: OnTimeout;
  readonly consequence: Consequence;
  /** Who is asked besides when nobody has answered for so long. */
  readonly escalation: readonly { readonly role: string; readonly afterS: number }[];
  /** A rule pauses: the agent does nothing else while this is pending. */
  readonly suspends: boolean;
}

export type OnTimeout = "deny" | "abort" | "escalate" | "allow";

/** The strictest first: what holds where several rules say what silence means. */
const SILENCE: readonly OnTimeout[] = ["abort", "deny", "escalate", "allow"];

/** The terms for an action whose matching rules are known. Deterministic (ACP-20). */
export function gateTerms(policy: AcpClaims, ruleIds: readonly string[], agent: string, execAct: string): GateTerms {
  const rules = policy.hitl.rules.filter((rule) => ruleIds.includes(rule.id) && rule.action !== "notify");
  const node = compilePolicy(policy).nodeFor(agent, execAct)?.node;
  const roles = new Map<string, number>();
  for (const rule of rules) roles.set(rule.role, Math.max(roles.get(rule.role) ?? 0, rule.approvals));
  const silences = rules.map((rule) => rule.on_timeout ?? policy.hitl.default_on_timeout);
  const consequence = node?.consequence ?? "reversible";
  const onTimeout = SILENCE.find((effect) => silences.includes(effect)) ?? "deny";
  return {
    rules,
    roles: [...roles].map(([role, approvals]) => ({ role, approvals })),
    role: rules[0]?.role ?? "operator",
    approvals: Math.max(1, ...rules.map((rule) => rule.approvals)),
    timeoutS: rules.length === 0 ? 900 : Math.min(...rules.map((rule) => rule.timeout_s)),
    // ACP-10: silence is consent only where the action itself has no consequence.
    onTimeout: onTimeout === "allow" && consequence !== "none" ? "deny" : onTimeout,
    consequence,
    escalation: (policy.hitl.escalation ?? [])
      .map(({ role, after_s }) => ({ role, afterS: after_s }))
      .sort((a, b) => a.afterS - b.afterS),
    suspends: rules.some((rule) => rule.action === "pause"),
  };
}

/** Whether a decision lets something go on: as requested, or narrower. */
export function isApproval({ outcome }: { readonly outcome: string }): boolean {
  return outcome === "approve" || outcome === "modify";
}

/** How many approvals it takes in all. */
export function approvalsDue(roles: readonly RoleApprovals[]): number {
  return roles.reduce((sum, { approvals }) => sum + approvals, 0);
}

/**
 * Approvals still missing, given those there are: each counts for the role it was given in; one by a role that was
 * escalated to stands in for whichever is missing.
 */
export function approvalsMissing(
  roles: readonly RoleApprovals[],
  given: readonly { readonly role: string }[],
): { readonly missing: number; readonly roles: readonly RoleApprovals[] } {
  const open = roles.map(({ role, approvals }) => ({
    role,
    approvals: Math.max(0, approvals - given.filter((decision) => decision.role === role).length),
  }));
  const standIns = given.filter((decision) => !roles.some(({ role }) => role === decision.role)).length;
  return { missing: Math.max(0, approvalsDue(open) - standIns), roles: open.filter(({ approvals }) => approvals > 0) };
}
