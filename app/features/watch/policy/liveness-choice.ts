import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import { compilePolicy } from "../../../protocol/acp/compile-policy.ts";
import type { LinkLossPlan, StartTerms } from "../../../protocol/liveness/terms.ts";
import type { ActionFacts } from "./action-facts.ts";

/** What is declared with a start about links and leases (L3, L5). */
export interface LivenessChoice {
  /** One of `PLANS`. */
  readonly plan: string;
  /** Agents, by id, for which another one of `PLANS` holds. */
  readonly others: Readonly<Record<string, string>>;
  /** Seconds; null where no agent runs under a lease. */
  readonly leaseS: number | null;
}

export const PLANS: readonly { readonly id: string; readonly name: string; readonly plan: LinkLossPlan }[] = [
  { id: "stop-300", name: "stop it safely after 5 min", plan: { do: "safe_stop", after_s: 300 } },
  { id: "stop-60", name: "stop it safely after 1 min", plan: { do: "safe_stop", after_s: 60 } },
  { id: "hold-45", name: "hold it after 45 s", plan: { do: "hold", after_s: 45 } },
  { id: "hold-300", name: "hold it after 5 min", plan: { do: "hold", after_s: 300 } },
  { id: "back-300", name: "hold it after 5 min and ask for a rollback", plan: { do: "roll_back", after_s: 300 } },
  { id: "continue", name: "let it go on, without what cannot be undone", plan: { do: "continue", after_s: 300 } },
];

export const LEASES = [
  { id: "1800", name: "30 minutes at a time" },
  { id: "300", name: "5 minutes at a time" },
  { id: "3600", name: "1 hour at a time" },
  { id: "none", name: "without a lease" },
];

/** High-risk work runs under a lease of 30 min, and O4's safe stop is the plan, unless somebody says otherwise. */
export const USUAL_LIVENESS: LivenessChoice = { plan: "stop-300", others: {}, leaseS: 1800 };

/** Agents that may do, by this policy, something that cannot be undone. */
export function highRiskAgents(
  policy: AcpClaims,
  facts: readonly ActionFacts[],
  agents: readonly string[],
): readonly string[] {
  const compiled = compilePolicy(policy);
  return agents.filter((agent, index) =>
    facts.some(
      (fact) =>
        fact.agents.includes(index) && compiled.nodeFor(agent, fact.action)?.node.consequence === "irreversible",
    ),
  );
}

const planOf = (id: string): LinkLossPlan | undefined => PLANS.find((one) => one.id === id)?.plan;

export function startTerms(choice: LivenessChoice, highRisk: readonly string[]): StartTerms {
  const plan = planOf(choice.plan);
  const plans = Object.fromEntries(
    Object.entries(choice.others).flatMap(([agent, id]) => {
      const other = id === choice.plan ? undefined : planOf(id);
      return other === undefined ? [] : [[agent, other] as const];
    }),
  );
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(Object.keys(plans).length === 0 ? {} : { plans }),
    ...(choice.leaseS === null || highRisk.length === 0
      ? {}
      : { lease: { duration_s: choice.leaseS, agents: [...highRisk] } }),
  };
}
