import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AcpClaims } from "./claims.ts";
import { consequenceOf, coversPattern, matchesPattern } from "./match.ts";
import { widenedConstraint } from "./narrow.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/**
 * P1 steps 2 to 8 for a token that passed common verification, and ACP-15. Step 2's shape is the schema's; derivation
 * (step 9), revocation (10) and proof of possession (11) need more than the token and are the engine's.
 */
export function acceptAcp(claims: AcpClaims): Result<void, Refusal> {
  const problem =
    checkNodes(claims) ??
    checkGraph(claims) ??
    checkLimits(claims) ??
    checkDelegation(claims) ??
    checkSubject(claims) ??
    checkTimeouts(claims) ??
    checkIrreversible(claims);
  return problem === null ? ok(undefined) : err(problem);
}

/** Step 3. */
function checkNodes(claims: AcpClaims): Refusal | null {
  const { nodes, edges, root, self } = claims.dag;
  const ids = new Set(nodes.map((node) => node.id));
  if (ids.size !== nodes.length) return refusal("acp_dag_dangling", "two nodes have the same id");
  const missing = [root, self, ...edges.flatMap((edge) => [edge.from, edge.to])].find((id) => !ids.has(id));
  return missing === undefined ? null : refusal("acp_dag_dangling", `no node is called "${missing}"`, { claim: "dag" });
}

const delegations = (claims: AcpClaims) => claims.dag.edges.filter((edge) => edge.kind === "delegates");

/** Step 4: from the root over `delegates` edges, every node is met and none twice on one path. */
function checkGraph(claims: AcpClaims): Refusal | null {
  const edges = delegations(claims);
  const state = new Map<string, "open" | "done">();
  const cyclic = (id: string): boolean => {
    if (state.get(id) === "open") return true;
    if (state.get(id) === "done") return false;
    state.set(id, "open");
    const found = edges.some((edge) => edge.from === id && cyclic(edge.to));
    state.set(id, "done");
    return found;
  };
  if (claims.dag.nodes.some((node) => cyclic(node.id)))
    return refusal("acp_dag_cycle", "delegation runs in a circle", { claim: "dag.edges" });
  const depths = depthsFromRoot(claims);
  const unreachable = claims.dag.nodes.find((node) => !depths.has(node.id));
  return unreachable === undefined
    ? null
    : refusal("acp_dag_unreachable", `node "${unreachable.id}" is not reachable from the root`, { claim: "dag.nodes" });
}

/** Longest path from the root to each node it reaches; only for acyclic delegation. */
function depthsFromRoot(claims: AcpClaims): Map<string, number> {
  const edges = delegations(claims);
  const depths = new Map<string, number>();
  const visit = (id: string, depth: number): void => {
    if ((depths.get(id) ?? -1) >= depth) return;
    depths.set(id, depth);
    for (const edge of edges) if (edge.from === id) visit(edge.to, depth + 1);
  };
  visit(claims.dag.root, 0);
  return depths;
}

/** Step 5. */
function checkLimits(claims: AcpClaims): Refusal | null {
  const deepest = Math.max(...depthsFromRoot(claims).values());
  if (deepest > claims.dag.max_depth)
    return refusal("acp_dag_too_deep", `delegation is ${deepest} deep; ${claims.dag.max_depth} is allowed`, {
      claim: "dag.max_depth",
    });
  for (const node of claims.dag.nodes) {
    const fanout = delegations(claims).filter((edge) => edge.from === node.id).length;
    if (fanout > claims.dag.max_fanout)
      return refusal(
        "acp_dag_fanout",
        `node "${node.id}" delegates to ${fanout}; ${claims.dag.max_fanout} is allowed`,
        { claim: "dag.max_fanout" },
      );
  }
  return null;
}

/** Steps 6 and 7: delegation only narrows (ACP-7). */
function checkDelegation(claims: AcpClaims): Refusal | null {
  const nodes = new Map(claims.dag.nodes.map((node) => [node.id, node]));
  for (const edge of delegations(claims)) {
    const from = nodes.get(edge.from);
    const to = nodes.get(edge.to);
    if (from === undefined || to === undefined) continue;
    if (from.delegable !== true)
      return refusal("acp_not_delegable", `node "${from.id}" may not delegate`, { claim: from.id });
    const passedOn = edge.actions ?? from.actions;
    const widened =
      passedOn.find((action) => !covered(action, from.actions)) ??
      to.actions.find((action) => !covered(action, passedOn));
    if (widened !== undefined)
      return refusal("acp_widening", `"${widened}" at "${to.id}" is more than "${from.id}" may pass on`, {
        claim: to.id,
      });
    const constraint = widenedConstraint(from.constraints ?? {}, to.constraints ?? {});
    if (constraint !== null)
      return refusal("acp_widening", `the constraint ${constraint} of "${to.id}" is wider than that of "${from.id}"`, {
        claim: constraint,
      });
  }
  return null;
}

const covered = (action: string, by: readonly string[]): boolean => by.some((outer) => coversPattern(outer, action));

/** Step 8; a token whose `self` is another's node is a confused deputy (ACP-S1). */
function checkSubject(claims: AcpClaims): Refusal | null {
  const self = claims.dag.nodes.find((node) => node.id === claims.dag.self);
  return self !== undefined && matchesPattern(self.agent, claims.sub)
    ? null
    : refusal("acp_subject_mismatch", "sub does not match the agent of its own node", { claim: "sub" });
}

/** ACP-10: silence is consent only where an action has no consequence. */
function checkTimeouts(claims: AcpClaims): Refusal | null {
  const consequential = claims.dag.nodes.some((node) => consequenceOf(node) !== "none");
  const allows =
    claims.hitl.default_on_timeout === "allow" || claims.hitl.rules.some((rule) => rule.on_timeout === "allow");
  return consequential && allows
    ? refusal("acp_claim_invalid", "a time-out may allow only where no action has a consequence", {
        claim: "hitl.default_on_timeout",
      })
    : null;
}

/** ACP-15, judged rule by rule: every irreversible action must meet a rule that waits for a human. */
function checkIrreversible(claims: AcpClaims): Refusal | null {
  for (const node of claims.dag.nodes) {
    if (consequenceOf(node) !== "irreversible") continue;
    const open = node.actions.find((action) => !gated(claims, node, action));
    if (open !== undefined)
      return refusal(
        "acp_irreversible_ungated",
        `"${open}" of node "${node.id}" is irreversible and no rule holds it for a human`,
        { claim: node.id },
      );
  }
  return null;
}

function gated(claims: AcpClaims, node: AcpNode, action: string): boolean {
  return claims.hitl.rules.some((rule) => {
    if (rule.action === "notify" || rule.action === "escalate") return false;
    const { trigger } = rule;
    if (trigger.kind === "always") return true;
    if (trigger.kind === "consequence") return consequenceOf(node) === "irreversible";
    return trigger.kind === "action" && trigger.patterns.some((pattern) => coversPattern(pattern, action));
  });
}
