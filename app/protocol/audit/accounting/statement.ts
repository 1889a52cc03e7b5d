import { must } from "../../../base/assert.ts";
import { fromBase64url, toBase64url, toHex } from "../../../base/bytes.ts";
import type { Sha256 } from "../../../base/ports.ts";
import { drained } from "../../../base/steps.ts";
import { appendLeaves, frontierRoot, leafHash } from "../../merkle/tree.ts";
import { Exact, type ExactDecimal, sumOf, textOf } from "./decimals.ts";
import { inChargingOrder, type LedgerItem, type LedgerRecord, type Tariffs } from "./ledger.ts";
import { lineAmount, lineFor, splitting } from "./rate.ts";
import { MAX_ADJUSTMENTS, type SettlementClaims, type Total } from "./settlement.ts";
import type { Period } from "./usage-record.ts";

/** Merkle root (RFC 9162) over the token digests, ascending: whatever order they are given in (`records_root`). */
export const recordsRoot = (digests: readonly string[], sha256: Sha256): string => drained(rooting(digests, sha256));

function* rooting(digests: readonly string[], sha256: Sha256): Generator<void, string> {
  const read: { readonly digest: Uint8Array; readonly hex: string }[] = [];
  for (const [at, text] of digests.entries()) {
    if (at % RECORDS_A_STEP === 0) yield;
    const digest = must(fromBase64url(text), "a digest is base64url");
    read.push({ digest, hex: toHex(digest) });
  }
  yield;
  const sorted = read.toSorted((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0));
  let frontier: Uint8Array[] = [];
  for (let from = 0; from < sorted.length; from += RECORDS_A_STEP) {
    yield;
    const leaves = sorted.slice(from, from + RECORDS_A_STEP).map(({ digest }) => leafHash(digest, sha256));
    frontier = appendLeaves(frontier, from, leaves, sha256);
  }
  return toBase64url(frontierRoot(frontier, sorted.length, sha256));
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
  /** Corrections among the records; none where there are more than a message lists. */
  readonly adjustments: readonly Adjustment[];
  /** How many those are, and the root over their digests (XDA-83); null where they are listed. */
  readonly adjustmentsRoot: { readonly count: number; readonly root: string } | null;
}

interface Adjustment {
  readonly jti: string;
  readonly correction_of: string;
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

/** Records that are looked at between two steps of a computation. */
export const RECORDS_A_STEP = 500;

/** X7: what the records come to, computed anew from the records alone. */
export const recompute = (records: readonly LedgerRecord[], tariffs: Tariffs, sha256: Sha256): Recomputed =>
  drained(recomputing(records, tariffs, sha256));

/** `recompute` in steps, for whoever lets others run in between: twenty thousand records take their time. */
export function* recomputing(
  records: readonly LedgerRecord[],
  tariffs: Tariffs,
  sha256: Sha256,
): Generator<void, Recomputed> {
  const sums = new Map<string, { resource: string; unit: string; hash: string; quantity: ExactDecimal }>();
  for (let from = 0; from < records.length; from += RECORDS_A_STEP) {
    addUp(sums, records.slice(from, from + RECORDS_A_STEP));
    yield;
  }
  const totals = totalsOf([...sums.values()], tariffs);
  const root = yield* rooting(
    records.map(({ digest }) => digest),
    sha256,
  );
  return {
    root,
    count: records.length,
    totals,
    amount: textOf(sumOf(totals.map(({ amount }) => amount))),
    ...(yield* adjusting(records, sha256)),
  };
}

function* adjusting(
  records: readonly LedgerRecord[],
  sha256: Sha256,
): Generator<void, Pick<Recomputed, "adjustments" | "adjustmentsRoot">> {
  const corrections = records.filter(({ correctionOf }) => correctionOf !== null);
  if (corrections.length <= MAX_ADJUSTMENTS)
    return {
      adjustments: corrections.map(({ jti, correctionOf }) => ({ jti, correction_of: correctionOf ?? "" })),
      adjustmentsRoot: null,
    };
  const root = yield* rooting(
    corrections.map(({ digest }) => digest),
    sha256,
  );
  return { adjustments: [], adjustmentsRoot: { count: corrections.length, root } };
}

type LineSum = { readonly resource: string; readonly unit: string; readonly hash: string; quantity: ExactDecimal };

/** Adds what the records used to the sums, by what it is priced by. */
function addUp(sums: Map<string, LineSum>, records: readonly LedgerRecord[]): void {
  const quantities = new Map<LineSum, string[]>();
  for (const { items, tariff } of records)
    for (const { resource, unit, quantity } of items) {
      const hash = tariff?.hash ?? "";
      const key = `${resource} ${hash}`;
      const sum = sums.get(key) ?? { resource, unit, hash, quantity: new Exact(0) };
      sums.set(key, sum);
      const of = quantities.get(sum);
      if (of === undefined) quantities.set(sum, [quantity]);
      else of.push(quantity);
    }
  for (const [sum, of] of quantities) sum.quantity = sum.quantity.plus(sumOf(of));
}

/** What each resource comes to: rounded once for each tariff it is priced by. */
function totalsOf(sums: readonly LineSum[], tariffs: Tariffs): Total[] {
  const totals = new Map<string, { unit: string; quantity: ExactDecimal; amount: ExactDecimal }>();
  for (const { resource, unit, hash, quantity } of sums) {
    const priced = lineFor(tariffs.get(hash), resource);
    const amount = priced === undefined ? new Exact(0) : lineAmount(quantity, priced);
    const known = totals.get(resource);
    totals.set(resource, {
      unit,
      quantity: quantity.plus(known?.quantity ?? 0),
      amount: amount.plus(known?.amount ?? 0),
    });
  }
  return [...totals]
    .map(([resource, { unit, quantity, amount }]) => ({
      ...{ resource, unit },
      quantity: textOf(quantity),
      amount: textOf(amount),
    }))
    .toSorted((x, y) => (x.resource < y.resource ? -1 : 1));
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

/**
 * What each item of the records costs, in steps; together to the last place what `recompute` says. Null where nothing prices
 * it.
 */
export function* chargingItems(records: readonly LedgerRecord[], tariffs: Tariffs): Generator<void, ChargedItem[]> {
  const charged: ChargedItem[] = [];
  for (const line of linesOf(records)) {
    const priced = lineFor(tariffs.get(line.hash), line.resource);
    const quantities = line.items.map(({ item }) => new Exact(item.quantity));
    const parts = priced === undefined ? null : yield* splitting(quantities, priced);
    for (const [at, one] of line.items.entries())
      charged.push({ ...one, amount: parts === null ? null : textOf(must(parts[at], "a part for each item")) });
  }
  return charged;
}

/** Where a statement says something else than the records do; empty where it says the same. */
export function statementProblems(
  claims: Pick<
    SettlementClaims,
    "records_root" | "records_count" | "totals" | "amount_total" | "adjustments" | "adjustments_root"
  >,
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
  if (!sameAdjustments(claims, own)) problems.push("its corrections are not those of the ledger");
  if (!new Exact(claims.amount_total).eq(own.amount))
    problems.push(`a total of ${claims.amount_total} stated, ${own.amount} by the ledger`);
  return problems;
}

function sameAdjustments(
  { adjustments, adjustments_root: beyond }: Pick<SettlementClaims, "adjustments" | "adjustments_root">,
  own: Recomputed,
): boolean {
  if (beyond?.count !== own.adjustmentsRoot?.count || beyond?.root !== own.adjustmentsRoot?.root) return false;
  const listed = new Set(adjustments.map(({ jti, correction_of: of }) => `${jti} ${of}`));
  return (
    adjustments.length === own.adjustments.length &&
    own.adjustments.every(({ jti, correction_of: of }) => listed.has(`${jti} ${of}`))
  );
}
