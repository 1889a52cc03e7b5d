import { Decimal } from "decimal.js";

/** Exact for every sum and product that tokens can lead to; rounding happens once, where a line says so (XDA-17, X7). */
export const Exact = Decimal.clone({ precision: 120, defaults: true, rounding: Decimal.ROUND_HALF_EVEN });
export type ExactDecimal = InstanceType<typeof Exact>;

/** Text of an exact value as tokens write it: no exponent, no zeros behind, and never a minus before zero. */
export function textOf(value: ExactDecimal): string {
  return value.isZero() ? "0" : value.toFixed();
}

/** One rounding, half to even, with all decimal places of the scale written. */
export function rounded(value: ExactDecimal, scale: number): ExactDecimal {
  return value.toDecimalPlaces(scale, Exact.ROUND_HALF_EVEN);
}

/** Places after the point that are added up as whole numbers of their smallest part: exact, and quick for a long ledger. */
const PLACES = 12;
const UNIT = 10n ** BigInt(PLACES);

export function sumOf(values: Iterable<string>): ExactDecimal {
  let parts = 0n;
  let rest = new Exact(0);
  for (const value of values) {
    const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
    if (whole === undefined || part.length > PLACES) {
      rest = rest.plus(value);
      continue;
    }
    const one = BigInt(whole) * UNIT + (part === "" ? 0n : BigInt(part.padEnd(PLACES, "0")));
    parts += sign === "-" ? -one : one;
  }
  return new Exact(parts.toString()).div(UNIT.toString()).plus(rest);
}
