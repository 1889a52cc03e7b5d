import type { AcpClaims, Consequence } from "../../../protocol/acp/claims.ts";
import { type CompiledPolicy, compilePolicy, type EffectiveConstraint } from "../../../protocol/acp/compile-policy.ts";
import { delegationGraph } from "../../../protocol/acp/delegation-graph.ts";
import { consequenceOf } from "../../../protocol/acp/match.ts";

/** One node of the policy as it is drawn and listed. */
export interface DelegationNode {
  readonly id: string;
  readonly agent: string;
  readonly actions: readonly string[];
  readonly consequence: Consequence;
  readonly delegable: boolean;
  /** Whose token this is. */
  readonly isSelf: boolean;
  readonly depth: number;
  /** Nodes it has its rights from, and nodes it gives some to. */
  readonly parents: readonly string[];
  readonly children: readonly string[];
  /** In force here, own or inherited. */
  readonly constraints: readonly EffectiveConstraint[];
  /** What is less here than where it came from: `actions` or names of limits. */
  readonly narrowed: readonly string[];
}

export interface DelegationEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "delegates" | "precedes";
  readonly actions: readonly string[] | null;
}

export interface Delegation {
  /** By depth, within a depth in the order of the token. */
  readonly nodes: readonly DelegationNode[];
  readonly edges: readonly DelegationEdge[];
}

/** Who may do what by whose leave, and where it was narrowed (ACP-1, ACP-7). */
export function delegationOf(claims: AcpClaims): Delegation {
  const graph = delegationGraph(claims);
  const compiled = compilePolicy(claims);
  const edges = claims.dag.edges.map(({ from, to, kind, actions }) => ({ from, to, kind, actions: actions ?? null }));
  const given = edges.filter((edge) => edge.kind === "delegates");
  const nodes = claims.dag.nodes.map((node): DelegationNode => {
    const parents = graph.parentsOf(node.id);
    return {
      id: node.id,
      agent: node.agent,
      actions: node.actions,
      consequence: consequenceOf(node),
      delegable: node.delegable === true,
      isSelf: node.id === claims.dag.self,
      depth: graph.depths.get(node.id) ?? 0,
      parents,
      children: given.filter((edge) => edge.from === node.id).map((edge) => edge.to),
      constraints: compiled.nodes.get(node.id)?.constraints ?? [],
      narrowed: narrowedAt(compiled, node.id, parents),
    };
  });
  return { nodes: nodes.toSorted((a, b) => a.depth - b.depth), edges };
}

/** Against each node above: fewer actions, or a limit that is not the one in force there. */
function narrowedAt(compiled: CompiledPolicy, id: string, parents: readonly string[]): readonly string[] {
  const own = compiled.nodes.get(id);
  if (own === undefined || parents.length === 0) return [];
  const names = new Set<string>();
  for (const parent of parents) {
    const above = compiled.nodes.get(parent);
    if (above === undefined) continue;
    if (!above.node.actions.every((action) => own.node.actions.includes(action))) names.add("actions");
  }
  for (const { name, setBy } of own.constraints) if (setBy.split(", ").includes(id)) names.add(name);
  return [...names];
}

export const NODE_WIDTH = 232;
export const NODE_HEIGHT = 76;
const GAP_X = 72;
const GAP_Y = 14;
/** Nodes of one depth stand below one another; of many, in several columns. */
const MAX_ROWS = 10;

export interface Placed {
  readonly x: number;
  readonly y: number;
}

export interface Placement {
  readonly at: ReadonlyMap<string, Placed>;
  readonly width: number;
  readonly height: number;
}

/** Places the nodes from left to right by depth, each below the ones it came from where that is free. */
export function placeNodes(nodes: readonly DelegationNode[]): Placement {
  const at = new Map<string, Placed>();
  const tallest = Math.min(MAX_ROWS, Math.max(1, ...layersOf(nodes).map((layer) => layer.length)));
  let x = 0;
  for (const layer of layersOf(nodes)) {
    const order = layer.toSorted((a, b) => meanY(a, at) - meanY(b, at));
    const rows = Math.min(MAX_ROWS, order.length);
    const columns = Math.ceil(order.length / rows);
    const top = ((tallest - rows) * (NODE_HEIGHT + GAP_Y)) / 2;
    order.forEach((node, index) => {
      const column = Math.floor(index / rows);
      at.set(node.id, {
        x: x + column * (NODE_WIDTH + GAP_Y),
        y: top + (index % rows) * (NODE_HEIGHT + GAP_Y),
      });
    });
    x += columns * (NODE_WIDTH + GAP_Y) - GAP_Y + GAP_X;
  }
  return { at, width: Math.max(0, x - GAP_X), height: tallest * (NODE_HEIGHT + GAP_Y) - GAP_Y };
}

function layersOf(nodes: readonly DelegationNode[]): DelegationNode[][] {
  const layers: DelegationNode[][] = [];
  for (const node of nodes) {
    const layer = layers[node.depth] ?? [];
    layers[node.depth] = layer;
    layer.push(node);
  }
  return layers.filter((layer) => layer !== undefined);
}

function meanY(node: DelegationNode, at: ReadonlyMap<string, Placed>): number {
  const above = node.parents.flatMap((parent) => at.get(parent)?.y ?? []);
  return above.length === 0 ? 0 : above.reduce((sum, y) => sum + y, 0) / above.length;
}
