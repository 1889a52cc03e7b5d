import type { AccountingState } from "./accounting-state.ts";

interface Owed {
  readonly payee: string;
  readonly payer: string;
  readonly currency: string | undefined;
}

/**
 * From when on what was used at a time can still be stated. What was stated stays as it is: what comes later is of the time after
 * it (X7). Only a dispute makes it be stated again, with what has come meanwhile.
 */
export function unsettledFrom(accounting: AccountingState, { payee, payer, currency }: Owed, atS: number): number {
  let from = atS;
  const closed = [...accounting.settlements.values()]
    .filter(
      (one) =>
        one.status !== "disputed" &&
        one.status !== "arbitration" &&
        one.payee === payee &&
        one.payer === payer &&
        one.statement.currency === currency,
    )
    .toSorted((a, b) => a.period.from - b.period.from);
  for (const { period } of closed) if (period.from <= from && from < period.to) from = period.to;
  return from;
}
