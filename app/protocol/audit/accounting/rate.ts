import { drained, STEP } from "../../../base/steps.ts";
import { Exact, type ExactDecimal, rounded } from "./decimals.ts";
import type { Tariff, TariffLine } from "./tariff.ts";

/** The exact price of a quantity, tiers applied, nothing rounded yet. A negative quantity costs as the first of it would. */
export function exactAmount(quantity: ExactDecimal, line: TariffLine): ExactDecimal {
  const { tiers = [], price } = line;
  if (quantity.lte(0)) return quantity.times(tiers[0]?.price ?? price);
  let left = quantity;
  let from = new Exact(0);
  let amount = new Exact(0);
  for (const tier of tiers) {
    const size = Exact.min(left, new Exact(tier.upto).minus(from));
    amount = amount.plus(size.times(tier.price));
    left = left.minus(size);
    from = new Exact(tier.upto);
    if (left.isZero()) return amount;
  }
  return amount.plus(left.times(price));
}

/** X7: what a line of a period costs: tiers, the minimum where anything was used, one rounding, half to even. */
export function lineAmount(quantity: ExactDecimal, line: TariffLine): ExactDecimal {
  const amount = exactAmount(quantity, line);
  const least = line.minimum !== undefined && quantity.gt(0) ? Exact.max(amount, line.minimum) : amount;
  return rounded(least, line.scale);
}

/** Splits a line's amount over the quantities that make it up, one after the other. */
export interface AmountSplit {
  /** What the line grows by with this quantity. */
  next(quantity: ExactDecimal): ExactDecimal;
  /** What the minimum adds to the parts so far: it is the last one's. */
  rest(): ExactDecimal;
}

export function createSplit(line: TariffLine): AmountSplit {
  let used = new Exact(0);
  let told = new Exact(0);
  return {
    next: (quantity) => {
      used = used.plus(quantity);
      const upToHere = rounded(exactAmount(used, line), line.scale);
      const part = upToHere.minus(told);
      told = upToHere;
      return part;
    },
    rest: () => lineAmount(used, line).minus(told),
  };
}

/** A line's amount in parts, in the order of their quantities: they add up to the line, to the last place. */
export const splitAmount = (quantities: readonly ExactDecimal[], line: TariffLine): ExactDecimal[] =>
  drained(splitting(quantities, line));

/** `splitAmount` in steps. */
export function* splitting(quantities: readonly ExactDecimal[], line: TariffLine): Generator<void, ExactDecimal[]> {
  const split = createSplit(line);
  const parts: ExactDecimal[] = [];
  for (const [at, quantity] of quantities.entries()) {
    if (at % STEP === 0) yield;
    parts.push(split.next(quantity));
  }
  const last = parts.at(-1);
  if (last !== undefined) parts[parts.length - 1] = last.plus(split.rest());
  return parts;
}

export const lineFor = (tariff: Tariff | undefined, resource: string): TariffLine | undefined =>
  tariff?.lines.find((line) => line.resource === resource);

/** The one price of a resource, where it has no tiers and no minimum: what a record can say of itself. */
export function flatPrice(tariff: Tariff, resource: string): string | null {
  const line = lineFor(tariff, resource);
  return line === undefined || line.tiers !== undefined || line.minimum !== undefined ? null : line.price;
}
