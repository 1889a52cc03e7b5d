import type { State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import type { LimitView } from "../contract/accounting.ts";
import { runName } from "./accounting-views.ts";
import { policyNodes } from "./policy-views.ts";

const LIMITS: readonly LimitView["name"][] = ["max_cost", "max_tokens", "max_calls", "rate_per_min", "max_duration_s"];

/** Limits of the policies of workflows, running ones first, the fullest first in each. */
export function limitViews(host: Host, state: State, nowS: number): LimitView[] {
  const limits = [...state.workflows.values()].flatMap((workflow): LimitView[] => {
    const policy = state.policies.get(workflow.acp);
    if (policy === undefined) return [];
    return policyNodes(policy.claims, workflow, nowS).flatMap(({ id, constraints }) => {
      const agent = policy.claims.dag.nodes.find((node) => node.id === id)?.agent ?? id;
      const currency = constraints.find(({ name }) => name === "currency")?.value;
      return constraints.flatMap(({ name, value, used, share }): LimitView[] => {
        const limit = LIMITS.find((known) => known === name);
        if (limit === undefined || used === null || share === null) return [];
        return [
          {
            wid: workflow.wid,
            runName: runName(host, state, workflow.wid),
            ...{ node: id, agent, name: limit, value: String(value), used, share },
            currency: limit === "max_cost" && typeof currency === "string" ? currency : null,
            status: workflow.status,
          },
        ];
      });
    });
  });
  const rank = ({ status }: LimitView): number => (status === "finished" ? 1 : 0);
  return limits.toSorted((a, b) => rank(a) - rank(b) || b.share - a.share);
}
