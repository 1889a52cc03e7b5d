import type { AcpClaims } from "./claims.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/** The `delegates` edges of a policy, walked once. Edges whose ends do not exist are left out (P1 step 3 refuses them). */
export interface DelegationGraph {
  /** Every node after all that delegate to it; nodes on a circle and below one are missing. */
  readonly order: readonly AcpNode[];
  /** Ids of the nodes that delegate to a node, in the token's order, each once. */
  parentsOf(id: string): readonly string[];
  /** To how many nodes a node delegates, an edge written twice counted twice. */
  fanoutOf(id: string): number;
  /** Longest path from the root, for every node in `order` that the root reaches. */
  readonly depths: ReadonlyMap<string, number>;
}

/** Linear in nodes and edges: a token cannot make its verifier walk every path, of which there may be 2^n. */
export function delegationGraph({ dag }: AcpClaims): DelegationGraph {
  const byId = new Map(dag.nodes.map((node) => [node.id, node]));
  const children = new Map<string, string[]>(dag.nodes.map((node) => [node.id, []]));
  const parents = new Map<string, Set<string>>(dag.nodes.map((node) => [node.id, new Set<string>()]));
  const waitingFor = new Map<string, number>();
  for (const { kind, from, to } of dag.edges) {
    const [below, above] = [children.get(from), parents.get(to)];
    if (kind !== "delegates" || below === undefined || above === undefined) continue;
    below.push(to);
    above.add(from);
    waitingFor.set(to, (waitingFor.get(to) ?? 0) + 1);
  }
  const order = [...byId.values()].filter((node) => !waitingFor.has(node.id));
  const depths = new Map<string, number>();
  // The list grows while it is walked: a node joins when the last that delegates to it has been met.
  for (const { id } of order) {
    if (id === dag.root) depths.set(id, 0);
    const depth = depths.get(id);
    for (const child of children.get(id) ?? []) {
      if (depth !== undefined) depths.set(child, Math.max(depths.get(child) ?? 0, depth + 1));
      const left = (waitingFor.get(child) ?? 0) - 1;
      waitingFor.set(child, left);
      const ready = left === 0 ? byId.get(child) : undefined;
      if (ready !== undefined) order.push(ready);
    }
  }
  return {
    order,
    parentsOf: (id) => [...(parents.get(id) ?? [])],
    fanoutOf: (id) => children.get(id)?.length ?? 0,
    depths,
  };
}
