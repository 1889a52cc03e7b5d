import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AcpClaims } from "./claims.ts";
import { type CompiledNode, effectiveNodes } from "./compile-policy.ts";
import { delegationGraph } from "./delegation-graph.ts";
import { consequenceOf, coversPattern, matchesPattern } from "./match.ts";
import { narrower } from "./narrow.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/**
 * P1 steps 2 to 8 for a token that passed common verification, and ACP-15. Step 2's shape is the schema's; derivation
 * (step 9), revocation (10) and proof of possession (11) need more than the token and are the engine's.
 */
export function acceptAcp(claims: AcpClaims): Result<void, Refusal> {
  const problem =
    checkMembers(claims) ??
    checkNodes(claims) ??
    checkGraph(claims) ??
    checkActions(claims) ??
    checkConstraints(claims) ??
    checkSubject(claims) ??
    checkIrreversible(claims);
  return problem === null ? ok(undefined) : err(problem);
}

/** Step 2, what one member says about another. */
function checkMembers(claims: AcpClaims): Refusal | null {
  if (claims.act !== undefined && claims.parent === undefined)
    return refusal("acp_claim_invalid", "only a derived policy names its delegators", { claim: "act" });
  const ids = claims.hitl.rules.map((rule) => rule.id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    return refusal("acp_claim_invalid", `two rules are called "${twice}"`, { claim: "hitl.rules" });
  return checkTimeouts(claims);
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

/** Step 3. */
function checkNodes(claims: AcpClaims): Refusal | null {
  const { nodes, edges, root, self } = claims.dag;
  const ids = new Set(nodes.map((node) => node.id));
  if (ids.size !== nodes.length) return refusal("acp_dag_dangling", "two nodes have the same id");
  const missing = [root, self, ...edges.flatMap((edge) => [edge.from, edge.to])].find((id) => !ids.has(id));
  return missing === undefined ? null : refusal("acp_dag_dangling", `no node is called "${missing}"`, { claim: "dag" });
}

/** Steps 4 and 5: delegation has no circle, starts at the root, and is neither too deep nor too wide. */
function checkGraph(claims: AcpClaims): Refusal | null {
  const { nodes, max_depth, max_fanout } = claims.dag;
  const { order, depths, fanoutOf } = delegationGraph(claims);
  if (order.length < nodes.length)
    return refusal("acp_dag_cycle", "delegation runs in a circle", { claim: "dag.edges" });
  const unreachable = nodes.find((node) => !depths.has(node.id));
  if (unreachable !== undefined)
    return refusal("acp_dag_unreachable", `node "${unreachable.id}" is not reachable from the root`, {
      claim: "dag.nodes",
    });
  const deepest = Math.max(...depths.values());
  if (deepest > max_depth)
    return refusal("acp_dag_too_deep", `delegation is ${deepest} deep; ${max_depth} is allowed`, {
      claim: "dag.max_depth",
    });
  const wide = nodes.find((node) => fanoutOf(node.id) > max_fanout);
  return wide === undefined
    ? null
    : refusal("acp_dag_fanout", `node "${wide.id}" delegates to ${fanoutOf(wide.id)}; ${max_fanout} is allowed`, {
        claim: "dag.max_fanout",
      });
}

/** Step 6: only what may be passed on is passed on (ACP-7). */
function checkActions(claims: AcpClaims): Refusal | null {
  const nodes = new Map(claims.dag.nodes.map((node) => [node.id, node]));
  for (const edge of claims.dag.edges) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (edge.kind !== "delegates" || from === undefined || to === undefined) continue;
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
  }
  return null;
}

const covered = (action: string, by: readonly string[]): boolean => by.some((outer) => coversPattern(outer, action));

/**
 * Step 7: against what is in force above, not only what the node above writes down: a limit that it inherits cannot be
 * widened below it either. And an amount is nothing without its currency.
 */
function checkConstraints(claims: AcpClaims): Refusal | null {
  const nodes = effectiveNodes(claims);
  for (const edge of claims.dag.edges) {
    const [from, to] = [nodes.get(edge.from), nodes.get(edge.to)];
    if (edge.kind !== "delegates" || from === undefined || to === undefined) continue;
    const own = to.node.constraints ?? {};
    const wider = from.constraints.find(({ name, value }) => {
      const set = own[name];
      return set !== undefined && !narrower(name, value, set);
    });
    if (wider !== undefined)
      return refusal(
        "acp_widening",
        `the constraint ${wider.name} of "${to.node.id}" is wider than that set at "${wider.setBy}"`,
        { claim: wider.name },
      );
  }
  const unclear = claims.dag.nodes.find((node) => !hasOneCurrency(nodes.get(node.id)));
  return unclear === undefined
    ? null
    : refusal("acp_claim_invalid", `the cost of node "${unclear.id}" is limited in no currency or in several`, {
        claim: "currency",
      });
}

function hasOneCurrency(compiled: CompiledNode | undefined): boolean {
  const constraints = compiled?.constraints ?? [];
  return (
    !constraints.some(({ name }) => name === "max_cost") ||
    constraints.filter(({ name }) => name === "currency").length === 1
  );
}

/** Step 8; a token whose `self` is another's node is a confused deputy (ACP-S1). */
function checkSubject(claims: AcpClaims): Refusal | null {
  const self = claims.dag.nodes.find((node) => node.id === claims.dag.self);
  return self !== undefined && matchesPattern(self.agent, claims.sub)
    ? null
    : refusal("acp_subject_mismatch", "sub does not match the agent of its own node", { claim: "sub" });
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
    if (rule.action === "notify") return false;
    const { trigger } = rule;
    if (trigger.kind === "always") return true;
    if (trigger.kind === "consequence") return consequenceOf(node) === "irreversible";
    return trigger.kind === "action" && trigger.patterns.some((pattern) => coversPattern(pattern, action));
  });
}
