import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { AcpClaims, Consequence, HitlRule } from "./claims.ts";

type AcpNode = AcpClaims["dag"]["nodes"][number];

/** Exact name, or a prefix ending in `*`; no other wildcard (acp-dag-hitl.md section b). */
export function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, name));
}

/** True when everything `inner` matches is matched by `outer` as well. */
export function coversPattern(outer: string, inner: string): boolean {
  if (outer.endsWith("*")) return inner.replace(/\*$/, "").startsWith(outer.slice(0, -1));
  return outer === inner;
}

/** The pattern for what both match, or null: two prefixes are one within the other, or have nothing in common. */
export function commonPattern(a: string, b: string): string | null {
  if (coversPattern(a, b)) return b;
  return coversPattern(b, a) ? a : null;
}

/** The node that lets this agent do this action: the first in the token's order, or null. */
export function nodeFor(policy: AcpClaims, agent: string, execAct: string): AcpNode | null {
  return (
    policy.dag.nodes.find((node) => matchesPattern(node.agent, agent) && matchesAny(node.actions, execAct)) ?? null
  );
}

const ORDER: readonly Consequence[] = ["none", "reversible", "irreversible"];

export function consequenceOf(node: AcpNode): Consequence {
  return node.consequence ?? "reversible";
}

/** True when the consequence is at least as grave (none < reversible < irreversible). */
export function atLeast(consequence: Consequence, bound: Consequence): boolean {
  return ORDER.indexOf(consequence) >= ORDER.indexOf(bound);
}

/**
 * All rules that match an action of a node, in order (P2 step 3). Triggers whose inputs (risk, behaviour, breakers…) are
 * not at hand make the whole evaluation fail: a rule that cannot be evaluated is never taken as not matching (ACP-9).
 */
export function evaluateRules(policy: AcpClaims, node: AcpNode, execAct: string): Result<readonly HitlRule[], Refusal> {
  const matching: HitlRule[] = [];
  for (const rule of policy.hitl.rules) {
    const { trigger } = rule;
    switch (trigger.kind) {
      case "always":
        matching.push(rule);
        break;
      case "action":
        if (matchesAny(trigger.patterns, execAct)) matching.push(rule);
        break;
      case "consequence":
        if (atLeast(consequenceOf(node), trigger.at_least)) matching.push(rule);
        break;
      default:
        return err(
          refusal(
            "acp_trigger_unsupported",
            `rule ${rule.id}: the trigger "${trigger.kind}" cannot be evaluated here`,
            { claim: rule.id },
          ),
        );
    }
  }
  return ok(matching);
}
