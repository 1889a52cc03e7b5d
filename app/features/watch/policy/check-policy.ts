import { err, type Result } from "../../../base/result.ts";
import { checkDraftText, type DraftProblem } from "../../../protocol/acp/check-draft.ts";
import type { AcpClaims } from "../../../protocol/acp/claims.ts";
import {
  type ActionDecision,
  type DecisionContext,
  decideAction,
  type IntendedAction,
  NO_USAGE,
} from "../../../protocol/acp/decide-action.ts";
import { consequenceOf } from "../../../protocol/acp/match.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { at } from "../layout/layout-types.ts";

/** Whether a text is a policy that the enforcement point would take for this workflow; it checks again itself. */
export function checkPolicy(
  text: string,
  context: { readonly wid: string },
): Result<AcpClaims, readonly DraftProblem[]> {
  const checked = checkDraftText(text);
  if (!checked.ok || checked.value.wid === context.wid) return checked;
  const message = `this policy is for another workflow; here it is ${context.wid}`;
  return err([{ code: "acp_claim_invalid", place: "wid", message }]);
}

/** What a policy means for the tasks of a run. */
export interface PolicyEffect {
  /** Tasks that go ahead by themselves. */
  readonly free: number;
  /** Tasks that a human decides on, and their actions. */
  readonly waiting: number;
  readonly waitingActions: readonly string[];
  /** Tasks of agents and actions that no node covers, or that a rule aborts: they are refused. */
  readonly refused: number;
  readonly refusedActions: readonly string[];
  readonly byConsequence: Readonly<Record<"none" | "reversible" | "irreversible", number>>;
}

/** Counts by deciding once per agent and action (P2), as the enforcement point will for each task. */
export function policyEffect(policy: AcpClaims, graph: TaskGraph, agents: readonly string[]): PolicyEffect {
  const pairs = new Map<string, { agent: string; action: string; tasks: number }>();
  graph.run.actions.forEach((action, task) => {
    const index = at(graph.agent, task);
    const key = `${index} ${action}`;
    const pair = pairs.get(key) ?? { agent: agents[index] ?? "", action, tasks: 0 };
    pairs.set(key, { ...pair, tasks: pair.tasks + 1 });
  });
  const effect = { free: 0, waiting: 0, refused: 0 };
  const byConsequence = { none: 0, reversible: 0, irreversible: 0 };
  const waitingActions = new Set<string>();
  const refusedActions = new Set<string>();
  const unlimited = withoutLimits(policy);
  const nodes = new Map(policy.dag.nodes.map((node) => [node.id, node]));
  for (const { agent, action, tasks } of pairs.values()) {
    const decision = decided(unlimited, agent, action);
    const node = nodes.get(decision.node ?? "");
    if (node !== undefined) byConsequence[consequenceOf(node)] += tasks;
    switch (decision.effect) {
      case "refuse":
      case "abort":
        effect.refused += tasks;
        refusedActions.add(action);
        break;
      case "gate":
        effect.waiting += tasks;
        waitingActions.add(action);
        break;
      case "allow":
        effect.free += tasks;
    }
  }
  return {
    ...effect,
    byConsequence,
    waitingActions: [...waitingActions].sort(),
    refusedActions: [...refusedActions].sort(),
  };
}

/** How much the tasks will use up is known when their agents state it, not here: the limits are left out of the count. */
function withoutLimits(policy: AcpClaims): AcpClaims {
  const nodes = policy.dag.nodes.map(({ constraints: _constraints, ...node }) => node);
  return { ...policy, dag: { ...policy.dag, nodes } };
}

const NOTHING_STATED: Omit<IntendedAction, "agent" | "execAct"> = {
  resources: null,
  dataClasses: null,
  protocol: null,
  domains: null,
  cost: null,
  tokens: null,
  durationS: null,
  checkpoint: null,
};
/** As the enforcement point knows it before an agent asks; what is not known counts as a match (ACP-9). */
const NOTHING_KNOWN: Omit<DecisionContext, "nowS"> = {
  risk: null,
  confidence: null,
  trust: null,
  level: 3,
  verdict: null,
  breakers: null,
  consensus: null,
};

function decided(policy: AcpClaims, agent: string, execAct: string): ActionDecision {
  return decideAction(policy, { agent, execAct, ...NOTHING_STATED }, () => NO_USAGE, {
    nowS: policy.iat,
    ...NOTHING_KNOWN,
  });
}
