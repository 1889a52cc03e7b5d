import type * as z from "zod";
import type { PolicyState } from "../../engine/state.ts";
import { compilePolicy } from "../../protocol/acp/compile-policy.ts";
import { delegationGraph } from "../../protocol/acp/delegation-graph.ts";
import { CONSTRAINT_NAMES } from "../../protocol/acp/narrow.ts";
import type { lineageSchema } from "../contract/gate-context.ts";

type Lineage = z.infer<typeof lineageSchema>;

/**
 * Who delegated what (ACP-1, ACP-13): the nodes that lead to the one that allows the action, each after all that delegate to
 * it, with the limits each sets and what held before.
 */
export function lineageOf(policy: PolicyState, agent: string, action: string): Lineage {
  const { claims } = policy;
  const compiled = compilePolicy(claims);
  const allowing = compiled.nodeFor(agent, action)?.node.id;
  const graph = delegationGraph(claims);
  const above = new Set<string>();
  const open = allowing === undefined ? [] : [allowing];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (above.has(id)) continue;
    above.add(id);
    open.push(...graph.parentsOf(id));
  }
  return {
    policy: {
      jti: policy.jti,
      seq: policy.seq,
      issuer: claims.iss,
      holder: claims.sub,
      parent: claims.parent?.jti ?? null,
    },
    steps: graph.order
      .filter(({ id }) => above.has(id))
      .map((node) => {
        const from = graph.parentsOf(node.id);
        return {
          node: node.id,
          agent: node.agent,
          from: [...from],
          actions: [...node.actions],
          consequence: node.consequence ?? "reversible",
          narrowed: CONSTRAINT_NAMES.flatMap((name) => {
            const own = node.constraints?.[name];
            if (own === undefined) return [];
            const before = from
              .flatMap((id) => compiled.nodes.get(id)?.constraints ?? [])
              .filter((held) => held.name === name);
            const was = [...new Set(before.map(({ value }) => inWords(value)))].join(" and ");
            return [{ name, value: inWords(own), was: was === "" ? null : was }];
          }),
        };
      }),
  };
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  return String(value);
}
