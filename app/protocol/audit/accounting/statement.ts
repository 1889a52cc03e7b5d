import { must } from "../../../base/assert.ts";
import { fromBase64url, toBase64url, toHex } from "../../../base/bytes.ts";
import type { Sha256 } from "../../../base/ports.ts";
import { leafHash, rootOf } from "../../merkle/tree.ts";
import { Exact, type ExactDecimal, sumOf, textOf } from "./decimals.ts";
import { inChargingOrder, type LedgerItem, type LedgerRecord, type Tariffs } from "./ledger.ts";
import { lineAmount, lineFor, splitAmount } from "./rate.ts";
import type { SettlementClaims, Total } from "./settlement.ts";
import type { Period } from "./usage-record.ts";

/** Merkle root (RFC 9162) over the token digests, ascending: whatever order they are given in (`records_root`). */
export function recordsRoot(digests: readonly string[], sha256: Sha256): string {
  const bytes = digests.map((digest) => must(fromBase64url(digest), "a digest is base64url"));
  const leaves = bytes
    .map((digest) => ({ digest, hex: toHex(digest) }))
    .toSorted((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0))
    .map(({ digest }) => leafHash(digest, sha256));
  return toBase64url(rootOf(leaves, sha256));
}

/** The records a statement is about: those charged to the payer, under a tariff in its currency, that begin in the period. */
export function chargeable(
  records: readonly LedgerRecord[],
  tariffs: Tariffs,
  about: { readonly payer: string; readonly period: Period; readonly currency: string },
): LedgerRecord[] {
  return records.filter(
    ({ payer, period, tariff }) =>
      payer === about.payer &&
      period.from >= about.period.from &&
      period.from < about.period.to &&
      tariff !== null &&
      tariffs.get(tariff.hash)?.currency === about.currency,
  );
}

export interface Recomputed {
  readonly root: string;
  readonly count: number;
  readonly totals: readonly Total[];
  readonly amount: string;
  /** Corrections among the records. */
  readonly adjustments: readonly { readonly jti: string; readonly correction_of: string }[];
}

/** Items of the same tariff and resource: they are priced together and rounded once. */
export interface ChargedLine {
  readonly resource: string;
  readonly unit: string;
  readonly hash: string;
  readonly items: { readonly record: LedgerRecord; readonly item: LedgerItem }[];
}

/** Items by what they are priced by, in the order in which they are charged. */
export function linesOf(records: readonly LedgerRecord[]): ChargedLine[] {
  const lines = new Map<string, ChargedLine>();
  for (const record of inChargingOrder(records))
    for (const item of record.items) {
      const hash = record.tariff?.hash ?? "";
      const key = `${item.resource} ${hash}`;
      const line = lines.get(key) ?? { resource: item.resource, unit: item.unit, hash, items: [] };
      lines.set(key, line);
      line.items.push({ record, item });
    }
  return [...lines.values()];
}

/** X7: what the records come to, computed anew from the records alone. */
export function recompute(records: readonly LedgerRecord[], tariffs: Tariffs, sha256: Sha256): Recomputed {
  const sums = new Map<string, { unit: string; quantity: ExactDecimal; amount: ExactDecimal }>();
  for (const line of linesOf(records)) {
    const quantity = sumOf(line.items.map(({ item }) => item.quantity));
    const priced = lineFor(tariffs.get(line.hash), line.resource);
    const amount = priced === undefined ? new Exact(0) : lineAmount(quantity, priced);
    const known = sums.get(line.resource);
    sums.set(line.resource, {
      unit: line.unit,
      quantity: quantity.plus(known?.quantity ?? 0),
      amount: amount.plus(known?.amount ?? 0),
    });
  }
  const totals = [...sums]
    .map(([resource, { unit, quantity, amount }]) => ({
      ...{ resource, unit },
      quantity: textOf(quantity),
      amount: textOf(amount),
    }))
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  return {
    root: recordsRoot(
      records.map(({ digest }) => digest),
      sha256,
    ),
    count: records.length,
    totals,
    amount: textOf(sumOf(totals.map(({ amount }) => amount))),
    adjustments: records.flatMap(({ jti, correctionOf }) =>
      correctionOf === null ? [] : [{ jti, correction_of: correctionOf }],
    ),
  };
}

/** The calendar month, in UTC, that a charge begins in: what is billed together where nothing was settled. */
export function monthOf(epochS: number): Period {
  const at = new Date(epochS * 1000);
  const start = (months: number): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + months, 1) / 1000;
  return { from: start(0), to: start(1) };
}

export interface ChargedItem {
  readonly record: LedgerRecord;
  readonly item: LedgerItem;
  /** Null where nothing prices it. */
  readonly amount: string | null;
}

/** What each item of the records costs; together to the last place what `recompute` says. Null where nothing prices it. */
export function chargedItems(records: readonly LedgerRecord[], tariffs: Tariffs): ChargedItem[] {
  return linesOf(records).flatMap((line): ChargedItem[] => {
    const priced = lineFor(tariffs.get(line.hash), line.resource);
    if (priced === undefined) return line.items.map((one) => ({ ...one, amount: null }));
    const parts = splitAmount(
      line.items.map(({ item }) => new Exact(item.quantity)),
      priced,
    );
    return line.items.map((one, at) => ({ ...one, amount: textOf(must(parts[at], "a part for each item")) }));
  });
}

/** Where a statement says something else than the records do; empty where it says the same. */
export function statementProblems(
  claims: Pick<SettlementClaims, "records_root" | "records_count" | "totals" | "amount_total">,
  own: Recomputed,
): string[] {
  const problems: string[] = [];
  if (claims.records_count !== own.count)
    problems.push(`it counts ${claims.records_count} records, the ledger has ${own.count}`);
  if (claims.records_root !== own.root) problems.push("its root is not that of the ledger's records");
  for (const resource of new Set([...claims.totals, ...own.totals].map((total) => total.resource))) {
    const [stated, actual] = [claims.totals, own.totals].map((totals) =>
      totals.find((total) => total.resource === resource),
    );
    if (stated === undefined || actual === undefined)
      problems.push(`${resource} is in ${stated === undefined ? "the ledger" : "the statement"} only`);
    else if (!new Exact(stated.quantity).eq(actual.quantity))
      problems.push(`${resource}: ${stated.quantity} stated, ${actual.quantity} in the ledger`);
    else if (!new Exact(stated.amount).eq(actual.amount))
      problems.push(`${resource}: an amount of ${stated.amount} stated, ${actual.amount} by the tariff`);
  }
  if (!new Exact(claims.amount_total).eq(own.amount))
    problems.push(`a total of ${claims.amount_total} stated, ${own.amount} by the ledger`);
  return problems;
}
