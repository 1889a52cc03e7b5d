import { type AccountingState, type MeteredRecord, tariffsOf } from "../../engine/accounting/accounting-state.ts";
import type { Host } from "../../host/open-host.ts";
import { Exact, textOf } from "../../protocol/audit/accounting/decimals.ts";
import type { LedgerItem, Tariffs } from "../../protocol/audit/accounting/ledger.ts";
import { type AmountSplit, createSplit, lineFor } from "../../protocol/audit/accounting/rate.ts";
import { monthOf } from "../../protocol/audit/accounting/statement.ts";

/** An item with what it costs; `amount` is null where nothing prices it. */
export interface Charged {
  readonly record: MeteredRecord;
  readonly item: LedgerItem;
  amount: string | null;
  readonly currency: string | null;
}

export interface Priced {
  readonly charged: readonly Charged[];
  /** What actions of a kind used, by action and resource. */
  readonly uses: ReadonlyMap<string, readonly number[]>;
}

/** Records that are priced before anybody else of this thread is heard: a stop must never wait for a bill. */
const PRICED_AT_ONCE = 250;
/** Priced items that are added up in one go. */
export const SUMMED_AT_ONCE = 10_000;

export interface Slices {
  /** Counts one more: what to wait for where it is time to let others run, else null. */
  one(): Promise<void> | null;
}

export function slicesOf(host: Host, slice: number): Slices {
  let left = slice;
  return {
    one: () => {
      left -= 1;
      if (left > 0) return null;
      left = slice;
      return new Promise((resolve) => {
        host.ports.clock.after(0, () => resolve());
      });
    },
  };
}

/** What of a state's records is priced so far: more is added when there is more. */
interface Pricing {
  readonly charged: Charged[];
  readonly uses: Map<string, number[]>;
  readonly lines: Map<string, { readonly split: AmountSplit; last: Charged; lastPart: InstanceType<typeof Exact> }>;
  done: number;
}

const pricings = new WeakMap<AccountingState, Pricing>();

/**
 * Every metered item of the log with what it costs, in the order of the log. Tiers count over the calendar month of the payer.
 * What was priced once stays so: only what has come since is looked at.
 */
export async function chargedOf(host: Host): Promise<Priced> {
  const { accounting, records, tariffs } = await host.engine.read((state) => ({
    // Only as the name of what is read: records and tariffs are never changed once they are there.
    accounting: state.accounting,
    records: [...state.accounting.records.values()],
    tariffs: tariffsOf(state.accounting),
  }));
  const known = pricings.get(accounting);
  const pricing = known ?? { charged: [], uses: new Map(), lines: new Map(), done: 0 };
  pricings.set(accounting, pricing);
  const slices = slicesOf(host, PRICED_AT_ONCE);
  // Somebody else may price the same meanwhile: whoever comes to a record first does it.
  while (pricing.done < records.length) {
    const record = records[pricing.done];
    pricing.done += 1;
    if (record === undefined) continue;
    for (const item of record.items) price(pricing, record, item, tariffs);
    const turn = slices.one();
    if (turn !== null) await turn;
  }
  return pricing;
}

function price({ charged, uses, lines }: Pricing, record: MeteredRecord, item: LedgerItem, tariffs: Tariffs): void {
  if (record.correctionOf === null) noteUse(uses, `${record.execAct} ${item.resource}`, Number(item.quantity));
  const hash = record.tariff?.hash ?? "";
  const tariff = tariffs.get(hash);
  const line = lineFor(tariff, item.resource);
  const one: Charged = { record, item, amount: null, currency: line === undefined ? null : (tariff?.currency ?? null) };
  charged.push(one);
  if (line === undefined) return;
  const key = `${record.payer} ${monthOf(record.period.from).from} ${hash} ${item.resource}`;
  const before = lines.get(key);
  const split = before?.split ?? createSplit(line);
  const part = split.next(new Exact(item.quantity));
  // What the minimum adds is the newest one's: the one before gives it back.
  if (before !== undefined) before.last.amount = textOf(before.lastPart);
  one.amount = textOf(part.plus(split.rest()));
  lines.set(key, { split, last: one, lastPart: part });
}

function noteUse(uses: Map<string, number[]>, key: string, quantity: number): void {
  const of = uses.get(key);
  if (of === undefined) uses.set(key, [quantity]);
  else of.push(quantity);
}

/** Decimal places that amounts have at most. */
const PLACES = 12;
const UNIT = 10n ** BigInt(PLACES);

/** An amount as a whole number of its smallest part: exact, and quick to add up. */
export function partsOf(amount: string): bigint {
  const [whole = "0", part = ""] = amount.replace("-", "").split(".");
  const parts = BigInt(whole) * UNIT + BigInt(part.padEnd(PLACES, "0"));
  return amount.startsWith("-") ? -parts : parts;
}

export function amountOf(parts: bigint): string {
  const digits = (parts < 0n ? -parts : parts).toString().padStart(PLACES + 1, "0");
  const text = `${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`.replace(/\.?0+$/, "");
  return parts < 0n ? `-${text}` : text;
}
