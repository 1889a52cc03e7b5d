import type { Disclosure } from "./disclosure.ts";
import type { DisclosureClaim } from "./stitch-claims.ts";

/** Who asks: the trust domain they are of, and the role in which they ask. */
export interface Audience {
  readonly domain: string | null;
  readonly role: string;
}

/** What is kept of the disclosures of a token. Of an erased one only the name is known still (XDA-13). */
export interface KeptDisclosures {
  readonly disclosures: readonly Disclosure[];
  readonly erased: readonly string[];
}

/** Why something is not shown. */
export const REDACTION_REASONS = ["audience", "erased", "transfer_forbidden"] as const;
export type RedactionReason = (typeof REDACTION_REASONS)[number];
export type Redactions = Readonly<Record<RedactionReason, number>>;

/**
 * Whether an audience is shown a claim: the rules that fit it say so together; where none fits, `default` does. A token that
 * says nothing of it shows what it hides to nobody [ours].
 */
export function mayReveal(rules: DisclosureClaim | undefined, { domain, role }: Audience, name: string): boolean {
  if (rules === undefined) return false;
  const fitting = rules.audience_rules.filter((rule) =>
    "domain" in rule ? rule.domain === domain : rule.role === role,
  );
  return fitting.length === 0 ? rules.default === "reveal" : fitting.some(({ reveal }) => reveal.includes(name));
}

/** What is released of one token, by all of these rules, to an audience that wants these claims (all without `fields`), and what is kept back. */
export function releaseTo(
  rules: readonly (DisclosureClaim | undefined)[],
  kept: KeptDisclosures,
  audience: Audience,
  fields?: readonly string[],
): { readonly released: readonly Disclosure[]; readonly redacted: Pick<Redactions, "audience" | "erased"> } {
  const wanted = (name: string): boolean => fields === undefined || fields.includes(name);
  const asked = kept.disclosures.filter(({ name }) => wanted(name));
  const released = asked.filter(({ name }) => rules.every((one) => mayReveal(one, audience, name)));
  return {
    released,
    redacted: { audience: asked.length - released.length, erased: kept.erased.filter(wanted).length },
  };
}

/** XDA-13: salts and clear values go, digests stay where they are signed. */
export function eraseAll({ disclosures, erased }: KeptDisclosures): KeptDisclosures {
  return { disclosures: [], erased: [...erased, ...disclosures.map(({ name }) => name)] };
}

/** Disclosure policies that ask for rounded counts: how much is withheld tells of a topology (XDA-S8) [ours]. */
export const ROUNDING_POLICIES: ReadonlySet<string> = new Set(["xd-2"]);

export function asksForRounding(rules: Pick<DisclosureClaim, "policy_id"> | undefined): boolean {
  return rules !== undefined && ROUNDING_POLICIES.has(rules.policy_id);
}

/** The next power of two, of counts within 2^31; nothing stays nothing. */
export function roundedCount(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}
