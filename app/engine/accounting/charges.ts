import { type FocusExport, focusRows } from "../../protocol/audit/accounting/focus-export.ts";
import { domainOf } from "../../protocol/audit/accounting/ids.ts";
import type { Settlement } from "../../protocol/audit/accounting/settlement-state.ts";
import { type AccountingState, type MeteredRecord, tariffsOf } from "./accounting-state.ts";

/** The settlement a record of this domain is in: it was here before the newest statement was. */
export function settlementOf(accounting: AccountingState, record: MeteredRecord): Settlement | null {
  const currency = accounting.tariffs.find(({ tariff }) => tariff.hash === record.tariff?.hash)?.tariff.currency;
  for (const settlement of accounting.settlements.values()) {
    const { payee, payer, period, statement, steps } = settlement;
    // What a domain charges itself is in no settlement in which it owes another one.
    if (statement.currency !== currency || payee !== domainOf(record.meter)) continue;
    const stated = steps.findLast(({ jti }) => jti === statement.jti);
    if (
      payer === record.payer &&
      period.from <= record.period.from &&
      record.period.from < period.to &&
      stated !== undefined &&
      record.entry < stated.seq
    )
      return settlement;
  }
  return null;
}

/** What a domain charges for the records that are kept, as FOCUS 1.2. */
export function chargesOf(
  accounting: AccountingState,
  domain: string,
  keep: (record: MeteredRecord) => boolean,
): FocusExport {
  return focusRows({
    records: [...accounting.records.values()].filter(keep),
    tariffs: tariffsOf(accounting),
    payee: domain,
    settlementOf: ({ jti }) => {
      const metered = accounting.records.get(jti);
      return metered === undefined ? null : settlementOf(accounting, metered);
    },
  });
}
