import { strictestOf } from "./regime.ts";
import type { RegProfile } from "./stitch-claims.ts";

/**
 * `retention_until` of a record made at this second: the longest of what the regimes that apply and the domain itself ask for
 * (XA-10, XDA-9). Null where nobody asks for any. Seconds.
 */
export function retentionUntil(madeAt: number, profiles: readonly RegProfile[], ownS = 0): number | null {
  const longest = Math.max(ownS, strictestOf(profiles).retentionMinS);
  return longest > 0 ? madeAt + longest : null;
}

/** An entry as far as its deletion is concerned. */
export interface RetainedEntry {
  readonly jti: string | null;
  /** Earliest deletion by its own word, epoch seconds; null where it says none. */
  readonly until: number | null;
  /** Tokens that it is evidence about, which it keeps as long as itself: what it wraps, and what it refers to. */
  readonly keeps: readonly string[];
}

/** A policy for entries that say nothing, seconds after their receipt; none: they are kept for ever. */
export interface RetentionRule {
  readonly otherwiseUntil: number | null;
  readonly nowS: number;
  /** Sizes of the signed heads: a prefix ends at one, which is kept (XA-9). */
  readonly heads: readonly number[];
}

/**
 * How many entries from the first on may be dropped: a whole prefix that ends under a signed head, every entry of which is
 * past its own time and past that of everything that refers to it (XA-9, XA-10). 0 when none may.
 */
export function droppablePrefix(entries: readonly RetainedEntry[], rule: RetentionRule): number {
  const until = new Map<string, number>();
  const own = ({ until: stated }: RetainedEntry): number => stated ?? rule.otherwiseUntil ?? Number.POSITIVE_INFINITY;
  const kept = (entry: RetainedEntry): number =>
    Math.max(own(entry), (entry.jti === null ? undefined : until.get(entry.jti)) ?? 0);
  // From the last: what an entry refers to comes before it, and is kept as long as the entry is for the sake of others.
  for (const entry of entries.toReversed())
    for (const jti of entry.keeps) until.set(jti, Math.max(until.get(jti) ?? 0, kept(entry)));
  const firstKept = entries.findIndex((entry) => kept(entry) > rule.nowS);
  const past = firstKept < 0 ? entries.length : firstKept;
  return Math.max(0, ...rule.heads.filter((size) => size <= past));
}
