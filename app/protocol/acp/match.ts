import type { AcpClaims, Consequence } from "./claims.ts";

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

const ORDER: readonly Consequence[] = ["none", "reversible", "irreversible"];

export function consequenceOf(node: AcpNode): Consequence {
  return node.consequence ?? "reversible";
}

/** True when the consequence is at least as grave (none < reversible < irreversible). */
export function atLeast(consequence: Consequence, bound: Consequence): boolean {
  return ORDER.indexOf(consequence) >= ORDER.indexOf(bound);
}
