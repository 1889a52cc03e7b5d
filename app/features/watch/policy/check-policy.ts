import { err, ok, type Result } from "../../../base/result.ts";
import { acceptAcp } from "../../../protocol/acp/accept-acp.ts";
import { type AcpClaims, acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { consequenceOf, evaluateRules, nodeFor } from "../../../protocol/acp/match.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { at } from "../layout/layout-types.ts";
import { MAX_POLICY_BYTES, policyBytes } from "./make-policy.ts";

export interface PolicyProblem {
  /** Where in the token, e.g. `dag.nodes.2.actions`. */
  readonly place: string;
  readonly message: string;
}

/** Whether a text is a policy that the enforcement point would take, by the same rules (P1); it checks again itself. */
export function checkPolicy(
  text: string,
  context: { readonly wid: string },
): Result<AcpClaims, readonly PolicyProblem[]> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return err([{ place: "text", message: error instanceof Error ? error.message : "not JSON" }]);
  }
  const parsed = acpClaimsSchema.safeParse(document);
  if (!parsed.success)
    return err(parsed.error.issues.map((issue) => ({ place: issue.path.join("."), message: issue.message })));
  if (parsed.data.wid !== context.wid)
    return err([{ place: "wid", message: `this policy is for another workflow; here it is ${context.wid}` }]);
  const bytes = policyBytes(parsed.data);
  if (bytes > MAX_POLICY_BYTES)
    return err([
      { place: "dag", message: `the policy has ${bytes} bytes; a token holds ${MAX_POLICY_BYTES}: use patterns` },
    ]);
  const accepted = acceptAcp(parsed.data);
  if (accepted.ok) return ok(parsed.data);
  const { detail, claim, code } = accepted.error;
  return err([{ place: claim ?? code, message: detail }]);
}

/** What a policy means for the tasks of a run. */
export interface PolicyEffect {
  /** Tasks that go ahead by themselves. */
  readonly free: number;
  /** Tasks that a human decides on, and their actions. */
  readonly waiting: number;
  readonly waitingActions: readonly string[];
  /** Tasks of agents and actions that no node covers: they are refused. */
  readonly refused: number;
  readonly refusedActions: readonly string[];
  readonly byConsequence: Readonly<Record<"none" | "reversible" | "irreversible", number>>;
}

/** Counts by evaluating the rules once per agent and action (P2), as the enforcement point will for each task. */
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
  for (const { agent, action, tasks } of pairs.values()) {
    const node = nodeFor(policy, agent, action);
    const rules = node === null ? null : evaluateRules(policy, node, action);
    if (node === null || rules === null || !rules.ok) {
      effect.refused += tasks;
      refusedActions.add(action);
      continue;
    }
    byConsequence[consequenceOf(node)] += tasks;
    if (rules.value.some((rule) => rule.action === "abort")) {
      effect.refused += tasks;
      refusedActions.add(action);
    } else if (rules.value.some((rule) => rule.action === "approve")) {
      effect.waiting += tasks;
      waitingActions.add(action);
    } else effect.free += tasks;
  }
  return {
    ...effect,
    byConsequence,
    waitingActions: [...waitingActions].sort(),
    refusedActions: [...refusedActions].sort(),
  };
}
