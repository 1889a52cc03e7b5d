import type { PolicyNode } from "../../../api/contract/policy.ts";
import type { EffectiveConstraint } from "../../../protocol/acp/compile-policy.ts";
import { type LimitValue, limitUnit, limitWords, word } from "../words.ts";

/** One limit in force at a node, in words, with what is used up of it. */
export interface ShownLimit {
  readonly name: string;
  readonly words: string;
  /** The node that set it, where it is another one. */
  readonly from: string | null;
  readonly usage: { readonly share: number; readonly text: string } | null;
}

/** The limits at a node; the currency is said with the amount. */
export function shownLimits(
  id: string,
  constraints: readonly EffectiveConstraint[],
  used: PolicyNode | undefined,
): ShownLimit[] {
  const priced = constraints.some(({ name }) => name === "max_cost");
  const currency = String(constraints.find(({ name }) => name === "currency")?.value ?? "");
  return constraints
    .filter(({ name }) => name !== "currency" || !priced)
    .map(({ name, value, setBy }) => ({
      name,
      words: limitWords(name, value as LimitValue, currency),
      from: setBy === id ? null : word(setBy),
      usage: usageOf(used, name, value as LimitValue, currency),
    }));
}

function usageOf(node: PolicyNode | undefined, name: string, value: LimitValue, currency: string): ShownLimit["usage"] {
  const found = node?.constraints.find((constraint) => constraint.name === name);
  if (found === undefined || found.share === null || found.used === null) return null;
  return { share: found.share, text: `${word(found.used)} of ${word(String(value))} ${limitUnit(name, currency)}` };
}

/** The share of the limit that is nearest to its end; null where nothing is counted. */
export function worstShare(node: PolicyNode | undefined): number | null {
  const shares = node?.constraints.flatMap(({ share }) => (share === null ? [] : [share])) ?? [];
  return shares.length === 0 ? null : Math.max(...shares);
}
