import type { AcpClaims, HitlRule } from "./claims.ts";
import { delegationGraph } from "./delegation-graph.ts";
import { matchesAny, matchesPattern } from "./match.ts";
import { both, CONSTRAINT_NAMES, type ConstraintName, type ConstraintValue } from "./narrow.ts";

export type AcpNode = AcpClaims["dag"]["nodes"][number];

/** A limit in force at a node, with the node that set it: its own or an ancestor's (absent is inherited, P1 step 7). */
export interface EffectiveConstraint {
  readonly name: ConstraintName;
  readonly value: ConstraintValue;
  /** Node id; several, in order, where only together they say it. */
  readonly setBy: string;
}

export interface CompiledNode {
  readonly node: AcpNode;
  /**
   * In the fixed order of the constraints, so that the first failure is always the same one (ACP-20). A name is there twice
   * only where no value satisfies both: two currencies.
   */
  readonly constraints: readonly EffectiveConstraint[];
}

/** An accepted policy, prepared for many decisions. */
export interface CompiledPolicy {
  readonly claims: AcpClaims;
  readonly nodes: ReadonlyMap<string, CompiledNode>;
  readonly rules: readonly HitlRule[];
  /** The node that lets this agent do this action: the first in the token's order, or undefined. */
  nodeFor(agent: string, execAct: string): CompiledNode | undefined;
  /** Nodes of this agent, in the token's order. */
  nodesOf(agent: string): readonly CompiledNode[];
}

/** Agents whose nodes are remembered; a pattern fits any number of them. */
const MAX_REMEMBERED = 4096;

const compiled = new WeakMap<AcpClaims, CompiledPolicy>();

/** Prepares a policy that `acceptAcp` accepted; the result is kept with the claims, which must not change. */
export function compilePolicy(claims: AcpClaims): CompiledPolicy {
  const known = compiled.get(claims);
  if (known !== undefined) return known;
  const made = compile(claims);
  compiled.set(claims, made);
  return made;
}

function compile(claims: AcpClaims): CompiledPolicy {
  const nodes = effectiveNodes(claims);
  const inTokenOrder = claims.dag.nodes.flatMap((node) => nodes.get(node.id) ?? []);
  const byAgent = new Map<string, readonly CompiledNode[]>();
  const nodesOf = (agent: string): readonly CompiledNode[] => {
    const known = byAgent.get(agent);
    if (known !== undefined) return known;
    const found = inTokenOrder.filter(({ node }) => matchesPattern(node.agent, agent));
    if (byAgent.size >= MAX_REMEMBERED) byAgent.clear();
    byAgent.set(agent, found);
    return found;
  };
  return {
    claims,
    nodes,
    rules: claims.hitl.rules,
    nodesOf,
    nodeFor: (agent, execAct) => nodesOf(agent).find(({ node }) => matchesAny(node.actions, execAct)),
  };
}

/** Every node with the limits in force there; needs acyclic delegation (P1 step 4), and leaves nodes on a circle out. */
export function effectiveNodes(claims: AcpClaims): ReadonlyMap<string, CompiledNode> {
  const graph = delegationGraph(claims);
  const nodes = new Map<string, CompiledNode>();
  for (const node of graph.order) {
    const parents = graph.parentsOf(node.id).flatMap((id) => nodes.get(id) ?? []);
    nodes.set(node.id, { node, constraints: effective(node, parents) });
  }
  return nodes;
}

/**
 * A node's own limit and those of all it is delegated under, each of which holds: the narrowest, or what they have in common.
 * Where a policy was accepted the own limit is the narrowest already.
 */
function effective(node: AcpNode, parents: readonly CompiledNode[]): readonly EffectiveConstraint[] {
  return CONSTRAINT_NAMES.flatMap((name): EffectiveConstraint[] => {
    const own = node.constraints?.[name];
    const inForce: EffectiveConstraint[] = own === undefined ? [] : [{ name, value: own, setBy: node.id }];
    for (const inherited of parents.flatMap((parent) => parent.constraints)) {
      if (inherited.name !== name) continue;
      const at = inForce.findIndex((held) => both(name, held.value, inherited.value) !== null);
      const held = inForce[at];
      if (held === undefined) inForce.push(inherited);
      else inForce[at] = joined(held, inherited);
    }
    return inForce;
  });
}

function joined(held: EffectiveConstraint, other: EffectiveConstraint): EffectiveConstraint {
  const value = both(held.name, held.value, other.value);
  if (value === null || value === held.value) return held;
  return value === other.value ? other : { name: held.name, value, setBy: `${held.setBy}, ${other.setBy}` };
}
