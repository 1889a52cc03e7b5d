import type * as z from "zod";
import { parseAmount } from "./amounts.ts";
import type { constraintsSchema } from "./claims.ts";
import { commonPattern, coversPattern } from "./match.ts";

export type Constraints = z.infer<typeof constraintsSchema>;
export type ConstraintName = keyof Constraints;

const subset = (inner: readonly string[], outer: readonly string[]): boolean =>
  inner.every((item) => outer.includes(item));

const lower = (items: readonly string[]): readonly string[] => items.map((item) => item.toLowerCase());

const atMost = (inner: string, outer: string): boolean => {
  const [less, more] = [parseAmount(inner), parseAmount(outer)];
  return less !== null && more !== null && less.lte(more);
};

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
  max_cost: (from, to) => atMost(to, from),
  currency: (from, to) => to === from,
  max_tokens: (from, to) => to <= from,
  max_duration_s: (from, to) => to <= from,
  resources: (from, to) => to.every((inner) => from.some((outer) => coversPattern(outer, inner))),
  data_classes: (from, to) => subset(to, from),
  protocols: (from, to) => subset(to, from),
  min_level: (from, to) => to >= from,
  min_trust: (from, to) => to >= from,
  domains: (from, to) => subset(lower(to), lower(from)),
  require_checkpoint: (from, to) => to || !from,
};

/** In the order of the specification's table: the order in which they are evaluated and reported. */
export const CONSTRAINT_NAMES = Object.keys(NARROWER) as readonly ConstraintName[];

export type ConstraintValue = NonNullable<Constraints[ConstraintName]>;

/** Whether `to` is equal to or narrower than `from`; both are values of the constraint `name`. */
export function narrower(name: ConstraintName, from: ConstraintValue, to: ConstraintValue): boolean {
  const compare = NARROWER[name] as (from: ConstraintValue, to: ConstraintValue) => boolean;
  return compare(from, to);
}

/** What holds where both hold: the narrower, or what two lists have in common. Null where no one value says it. */
export function both(name: ConstraintName, a: ConstraintValue, b: ConstraintValue): ConstraintValue | null {
  if (narrower(name, b, a)) return a;
  if (narrower(name, a, b)) return b;
  if (!isList(a) || !isList(b)) return null;
  if (name === "resources")
    return [...new Set(a.flatMap((one) => b.flatMap((other) => commonPattern(one, other) ?? [])))];
  const same = name === "domains" ? lower(b) : b;
  return a.filter((item) => same.includes(name === "domains" ? item.toLowerCase() : item));
}

const isList = (value: ConstraintValue): value is readonly string[] & string[] => Array.isArray(value);
