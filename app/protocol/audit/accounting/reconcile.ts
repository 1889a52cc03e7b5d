import { Exact, type ExactDecimal, sumOf, textOf } from "./decimals.ts";
import type { LedgerRecord, Tariffs } from "./ledger.ts";
import { lineFor } from "./rate.ts";
import type { Dispute } from "./settlement.ts";

/** Of what is only estimated, so much may two ledgers differ; of what is counted, nothing (X7). */
const ESTIMATED_TOLERANCE = "0.01";

export type ReconciledKind = "matched" | "missing_here" | "missing_there" | "quantity" | "price";

/** One line of two ledgers: what a task used of a resource, by each of them. */
export interface ReconciledLine {
  readonly kind: ReconciledKind;
  readonly wid: string;
  readonly task: string;
  readonly resource: string;
  readonly unit: string;
  readonly ours: string | null;
  readonly theirs: string | null;
  /** Ours less theirs: with a minus where they have more. */
  readonly difference: string;
  readonly ourPrice: string | null;
  readonly theirPrice: string | null;
  readonly estimated: boolean;
  /** It differs, and by no more than what estimates may. */
  readonly within: boolean;
  readonly ourRecords: readonly string[];
  readonly theirRecords: readonly string[];
}

interface Side {
  quantity: ExactDecimal;
  price: string | null;
  estimated: boolean;
  records: string[];
}

interface Pair {
  readonly wid: string;
  readonly task: string;
  readonly resource: string;
  readonly unit: string;
  ours: Side | null;
  theirs: Side | null;
}

/** What is charged for a resource by its tariff, or by the record's own word. */
function priceOf(record: LedgerRecord, resource: string, unitPrice: string | null, tariffs: Tariffs): string | null {
  return lineFor(tariffs.get(record.tariff?.hash ?? ""), resource)?.price ?? unitPrice;
}

function gather(pairs: Map<string, Pair>, side: "ours" | "theirs", records: readonly LedgerRecord[], tariffs: Tariffs) {
  for (const record of records)
    for (const { resource, unit, quantity, unitPrice, estimated } of record.items) {
      const { wid, task } = record;
      const key = `${wid} ${task} ${resource} ${unit}`;
      const pair = pairs.get(key) ?? { wid, task, resource, unit, ours: null, theirs: null };
      pairs.set(key, pair);
      const sum = pair[side] ?? { quantity: new Exact(0), price: null, estimated: false, records: [] };
      pair[side] = sum;
      sum.quantity = sum.quantity.plus(quantity);
      sum.price ??= priceOf(record, resource, unitPrice, tariffs);
      sum.estimated ||= estimated;
      sum.records.push(record.jti);
    }
}

export interface Ledger {
  readonly records: readonly LedgerRecord[];
  readonly tariffs: Tariffs;
}

/** Two ledgers, line by line: a line is what one task used of one resource, corrections included. What differs comes first. */
export function reconcile(ours: Ledger, theirs: Ledger): ReconciledLine[] {
  const pairs = new Map<string, Pair>();
  gather(pairs, "ours", ours.records, ours.tariffs);
  gather(pairs, "theirs", theirs.records, theirs.tariffs);
  return [...pairs.values()].map(lineOf).toSorted((a, b) => RANK[a.kind] - RANK[b.kind]);
}

const RANK: Readonly<Record<ReconciledKind, number>> = {
  quantity: 0,
  price: 1,
  missing_here: 2,
  missing_there: 3,
  matched: 4,
};

function lineOf({ wid, task, resource, unit, ours, theirs }: Pair): ReconciledLine {
  const here = ours?.quantity ?? new Exact(0);
  const there = theirs?.quantity ?? new Exact(0);
  const difference = here.minus(there);
  const estimated = ours?.estimated === true || theirs?.estimated === true;
  const allowed = estimated ? Exact.max(here.abs(), there.abs()).times(ESTIMATED_TOLERANCE) : new Exact(0);
  const isWithin = difference.abs().lte(allowed);
  return {
    kind: kindOf(ours, theirs, isWithin),
    ...{ wid, task, resource, unit },
    ours: ours === null ? null : textOf(here),
    theirs: theirs === null ? null : textOf(there),
    difference: textOf(difference),
    ourPrice: ours?.price ?? null,
    theirPrice: theirs?.price ?? null,
    estimated,
    within: isWithin && !difference.isZero(),
    ourRecords: ours?.records ?? [],
    theirRecords: theirs?.records ?? [],
  };
}

function kindOf(ours: Side | null, theirs: Side | null, isWithin: boolean): ReconciledKind {
  if (ours === null) return "missing_here";
  if (theirs === null) return "missing_there";
  if (!isWithin) return "quantity";
  // A price that only one of them knows is no difference: only one of them charges.
  return ours.price !== null && theirs.price !== null && !new Exact(ours.price).eq(theirs.price) ? "price" : "matched";
}

/** What a payer can dispute of the payee's records, from the lines that do not match: what each would have to say. */
export function disputesOf(lines: readonly ReconciledLine[]): Dispute[] {
  return lines.flatMap((line): Dispute[] => {
    const [jti] = line.theirRecords;
    if (jti === undefined || line.kind === "matched" || line.kind === "missing_there") return [];
    const about = { jti, resource: line.resource, evidence: line.ourRecords.slice(0, 8) };
    if (line.kind === "missing_here") return [{ ...about, kind: "unauthorized", expected: "0" }];
    if (line.kind === "price") return [{ ...about, kind: "price", expected: line.ourPrice ?? "0" }];
    return [{ ...about, kind: "quantity", expected: line.ours ?? "0" }];
  });
}

export const sumOfDifferences = (lines: readonly ReconciledLine[], resource: string): string =>
  textOf(sumOf(lines.filter((line) => line.resource === resource).map((line) => line.difference)));
