import type * as z from "zod";
import type { constraintsSchema } from "./claims.ts";

export type Constraints = z.infer<typeof constraintsSchema>;

/** -1, 0, 1 for decimal strings, without floating point. */
export function compareDecimal(a: string, b: string): number {
  const [wholeA = "0", fractionA = ""] = a.split(".");
  const [wholeB = "0", fractionB = ""] = b.split(".");
  const width = Math.max(fractionA.length, fractionB.length);
  const scaledA = BigInt(wholeA + fractionA.padEnd(width, "0"));
  const scaledB = BigInt(wholeB + fractionB.padEnd(width, "0"));
  return scaledA < scaledB ? -1 : scaledA > scaledB ? 1 : 0;
}

const subset = (inner: readonly string[], outer: readonly string[]): boolean =>
  inner.every((item) => outer.includes(item));

/** Per constraint: whether `to` is equal to or narrower than `from` (acp-dag-hitl.md section b, last column). */
const NARROWER: {
  readonly [Name in keyof Constraints]-?: (
    from: NonNullable<Constraints[Name]>,
    to: NonNullable<Constraints[Name]>,
  ) => boolean;
} = {
  not_before: (from, to) => to >= from,
  not_after: (from, to) => to <= from,
  max_calls: (from, to) => to <= from,
  rate_per_min: (from, to) => to <= from,
  max_cost: (from, to) => compareDecimal(to, from) <= 0,
  currency: (from, to) => to === from,
  max_tokens: (from, to) => to <= from,
  max_duration_s: (from, to) => to <= from,
  resources: (from, to) => subset(to, from),
  data_classes: (from, to) => subset(to, from),
  protocols: (from, to) => subset(to, from),
  min_level: (from, to) => to >= from,
  min_trust: (from, to) => to >= from,
  domains: (from, to) => subset(to, from),
  require_checkpoint: (from, to) => to || !from,
};

/** P1 step 7: the first constraint in which `to` is wider than `from`, or null. Absent in `to` means inherited. */
export function widenedConstraint(from: Constraints, to: Constraints): keyof Constraints | null {
  for (const name of Object.keys(NARROWER) as (keyof Constraints)[]) {
    if (from[name] === undefined || to[name] === undefined) continue;
    const narrower = NARROWER[name] as (from: unknown, to: unknown) => boolean;
    if (!narrower(from[name], to[name])) return name;
  }
  return null;
}
