import { Decimal } from "decimal.js";

/** Exact for every amount a token can hold: the default of 20 digits would round a sum just above a limit down to it. */
const Exact = Decimal.clone({ precision: 100, defaults: true });

export type Amount = InstanceType<typeof Exact>;

/** An amount as tokens write it; sums may have more digits before the point. No sign, no exponent, no other base. */
const AMOUNT = /^\d{1,40}(\.\d{1,12})?$/;

/** Null for what is no amount: a negative one would give back what was used. */
export function parseAmount(text: string): Amount | null {
  return AMOUNT.test(text) ? new Exact(text) : null;
}
