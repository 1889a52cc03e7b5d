import type { Tariff } from "./tariff.ts";
import type { Period, TariffRef, UsageRecordClaims } from "./usage-record.ts";

export interface LedgerItem {
  readonly resource: string;
  readonly quantity: string;
  readonly unit: string;
  readonly unitPrice: string | null;
  readonly estimated: boolean;
  readonly model: string | null;
}

/** A usage record as ledgers are compared and charged: what its verified token says. */
export interface LedgerRecord {
  readonly jti: string;
  /** Token digest. */
  readonly digest: string;
  /** The metering point's id, and the record's place in its chain. */
  readonly meter: string;
  readonly seq: number;
  readonly wid: string;
  readonly task: string;
  readonly consumer: string;
  readonly payer: string;
  readonly period: Period;
  readonly items: readonly LedgerItem[];
  readonly tariff: TariffRef | null;
  readonly correctionOf: string | null;
}

/** The tariffs a ledger's records name, by hash. */
export type Tariffs = ReadonlyMap<string, Tariff>;

export function ledgerRecord(claims: UsageRecordClaims, digest: string): LedgerRecord {
  return {
    jti: claims.jti,
    digest,
    meter: claims.iss,
    seq: claims.seq,
    wid: claims.wid,
    task: claims.task,
    consumer: claims.consumer,
    payer: claims.payer,
    period: { from: claims.period.from, to: claims.period.to },
    items: claims.items.map(({ resource, quantity, unit, unit_price: unitPrice, estimated, attrs }) => ({
      resource,
      quantity,
      unit,
      unitPrice: unitPrice ?? null,
      estimated,
      model: attrs?.model ?? null,
    })),
    tariff: claims.tariff ?? null,
    correctionOf: claims.correction_of ?? null,
  };
}

/** The order in which records are charged: by time, then by the metering point's own. */
export function inChargingOrder(records: readonly LedgerRecord[]): LedgerRecord[] {
  return records.toSorted(
    (a, b) =>
      a.period.from - b.period.from ||
      (a.meter < b.meter ? -1 : a.meter > b.meter ? 1 : 0) ||
      a.seq - b.seq ||
      (a.digest < b.digest ? -1 : 1),
  );
}
