import type { AccountingState, MeteredRecord } from "../../engine/accounting/accounting-state.ts";
import { settlementOf } from "../../engine/accounting/charges.ts";
import type { State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { correctionLines } from "../../protocol/audit/accounting/correction.ts";
import { isTokenCount } from "../../protocol/audit/accounting/resources.ts";
import {
  type Amounts,
  type GROUPINGS,
  MAX_GROUPS,
  type UsageGroup,
  type UsageRecordView,
} from "../contract/accounting.ts";

import {
  amountOf,
  type Charged,
  chargedOf,
  type Priced,
  partsOf,
  SUMMED_AT_ONCE,
  slicesOf,
} from "./accounting-charged.ts";

/** Characters of a name in a list. */
const MAX_NAME = 256;
const DAY_S = 86_400;
/** XDA-S5: so many times what is usual is worth a notice. */
const UNUSUAL = 3;
/** So many uses of a kind tell what is usual. */
const ENOUGH_TO_COMPARE = 5;

export interface Span {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly wid?: string | undefined;
}

const inSpan = (record: MeteredRecord, { from, to, wid }: Span): boolean =>
  (from === undefined || record.period.from >= from) &&
  (to === undefined || record.period.from < to) &&
  (wid === undefined || record.wid === wid);

class Sum {
  tokens = 0;
  calls = 0;
  timeS = 0;
  estimated = false;
  readonly cost = new Map<string, bigint>();
  readonly records = new Set<string>();

  add({ record, item, amount, currency }: Charged): void {
    const quantity = Number(item.quantity);
    if (isTokenCount(item.resource)) this.tokens += quantity;
    if (item.resource === "api_call") this.calls += quantity;
    if (item.resource === "agent_time") this.timeS += quantity;
    this.estimated ||= item.estimated;
    this.records.add(record.jti);
    if (amount !== null && currency !== null)
      this.cost.set(currency, (this.cost.get(currency) ?? 0n) + partsOf(amount));
  }

  amounts(): Amounts {
    const cost = Object.fromEntries([...this.cost].map(([currency, amount]) => [currency, amountOf(amount)]));
    return { tokens: this.tokens, calls: this.calls, timeS: this.timeS, cost, estimated: this.estimated };
  }
}

type Grouping = (typeof GROUPINGS)[number];

const keyOf = ({ record, item }: Charged, by: Grouping): string => {
  switch (by) {
    case "agent":
      return record.consumer;
    case "run":
      return record.wid;
    case "task":
      return record.task;
    case "domain":
      return record.payer;
    case "resource":
      return item.resource;
  }
};

export interface SeriesInput extends Span {
  readonly by: Grouping;
  readonly buckets: number;
  readonly currency?: string | undefined;
}

/** Groups with what they used, largest first, and their bars over time. */
export async function usageSeries(host: Host, input: SeriesInput, names = host) {
  const slices = slicesOf(host, SUMMED_AT_ONCE);
  const charged: Charged[] = [];
  const counted = new Set<string>();
  for (const one of (await chargedOf(host)).charged) {
    // What others did is in their own accounts.
    if (inSpan(one.record, input) && one.record.doneBy !== null) counted.add(one.record.jti);
    else if (inSpan(one.record, input)) charged.push(one);
    const turn = slices.one();
    if (turn !== null) await turn;
  }
  const [first, last] = extent(charged);
  const from = input.from ?? first;
  const to = Math.max(input.to ?? last, from + 1);
  const bucketS = Math.max(1, Math.ceil((to - from) / input.buckets));
  const count = Math.max(1, Math.ceil((to - from) / bucketS));
  const total = new Sum();
  const sums = new Map<string, Sum>();
  for (const one of charged) {
    total.add(one);
    sumIn(sums, keyOf(one, input.by)).add(one);
    const turn = slices.one();
    if (turn !== null) await turn;
  }
  const currency = input.currency ?? [...total.cost.keys()].toSorted()[0] ?? null;
  const costIn = (sum: Sum): bigint => sum.cost.get(currency ?? "") ?? 0n;
  const ordered = [...sums].toSorted(
    ([, a], [, b]) => Number(costIn(b) - costIn(a)) || b.tokens - a.tokens || b.timeS - a.timeS,
  );
  const shown = ordered.slice(0, MAX_GROUPS);
  const rest = ordered.length - shown.length;
  const place = new Map(shown.map(([key], at) => [key, at]));
  const bars = Array.from({ length: shown.length + (rest > 0 ? 1 : 0) }, () =>
    Array.from({ length: count }, () => new Sum()),
  );
  const others = new Sum();
  for (const one of charged) {
    const at = place.get(keyOf(one, input.by));
    const bar = Math.min(count - 1, Math.max(0, Math.floor((one.record.period.from - from) / bucketS)));
    bars[at ?? shown.length]?.[bar]?.add(one);
    if (at === undefined) others.add(one);
    const turn = slices.one();
    if (turn !== null) await turn;
  }
  const workflowOf = new Map(input.by === "task" ? charged.map(({ record }) => [record.task, record.wid]) : []);
  const groups = await names.engine.read((state) =>
    shown.map(
      ([key, sum]): UsageGroup => ({
        ...sum.amounts(),
        key,
        name: nameOf(names, state, input.by, key, workflowOf),
        records: sum.records.size,
      }),
    ),
  );
  if (rest > 0) groups.push({ ...others.amounts(), key: "", name: `${rest} others`, records: others.records.size });
  return {
    ...{ by: input.by, from, to, bucketS, total: total.amounts(), groups, currency },
    series: bars.map((of) => ({
      tokens: of.map((sum) => sum.tokens),
      cost: of.map((sum) => amountOf(costIn(sum))),
      timeS: of.map((sum) => sum.timeS),
    })),
    counted: counted.size,
    unpriced: charged.reduce((sum, { amount }) => sum + (amount === null ? 1 : 0), 0),
  };
}

function sumIn(sums: Map<string, Sum>, key: string): Sum {
  const known = sums.get(key);
  if (known !== undefined) return known;
  const made = new Sum();
  sums.set(key, made);
  return made;
}

function extent(charged: readonly Charged[]): [number, number] {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { record } of charged) {
    first = Math.min(first, record.period.from);
    last = Math.max(last, record.period.to);
  }
  return Number.isFinite(first) ? [first, last] : [0, DAY_S];
}

function nameOf(
  host: Host,
  state: State,
  by: Grouping,
  key: string,
  workflowOf: ReadonlyMap<string, string>,
): string | null {
  if (by === "run") return runName(host, state, key);
  return by === "task" ? taskName(host, state, workflowOf.get(key) ?? "", key) : null;
}

export function runName(host: Host, state: State, wid: string): string | null {
  const run = state.workflows.get(wid)?.run;
  return run === undefined ? null : (host.runs.known(run)?.run.name.slice(0, MAX_NAME) ?? null);
}

export function taskName(host: Host, state: State, wid: string, task: string): string | null {
  const run = state.workflows.get(wid)?.run;
  const plan = run === undefined ? undefined : host.runs.known(run);
  const at = plan === undefined ? undefined : host.runs.jtis(wid, plan).indexOf.get(task);
  return at === undefined ? null : (plan?.tasks[at]?.name.slice(0, MAX_NAME) ?? null);
}

/** Records in the span, newest first. */
export function recordViews(
  host: Host,
  state: State,
  { charged, uses }: Priced,
  input: Span & {
    readonly agent?: string | undefined;
    readonly task?: string | undefined;
    offset: number;
    limit: number;
  },
): { readonly total: number; readonly records: UsageRecordView[] } {
  const { accounting } = state;
  const found = [...accounting.records.values()]
    .filter(
      (record) =>
        inSpan(record, input) &&
        (input.agent === undefined || record.consumer === input.agent) &&
        (input.task === undefined || record.task === input.task),
    )
    .toReversed();
  const page = found.slice(input.offset, input.offset + input.limit);
  const wanted = new Set(page.map(({ jti }) => jti));
  const amounts = new Map<string, Map<string, string | null>>();
  for (const { record, item, amount } of charged) {
    if (!wanted.has(record.jti)) continue;
    const of = amounts.get(record.jti) ?? new Map<string, string | null>();
    amounts.set(record.jti, of.set(item.resource, amount));
  }
  const usual = mediansOf(uses, page);
  const records = page.map((record): UsageRecordView => {
    const { jti, entry, at, meter, seq, wid, task, execAct, doneBy, consumer, payer, period, correctionOf, overLimit } =
      record;
    const currency = accounting.tariffs.find(({ tariff }) => tariff.hash === record.tariff?.hash)?.tariff.currency;
    return {
      ...{ jti, entry, at, meter, seq, wid, task, execAct, doneBy, consumer, payer, correctionOf, overLimit },
      taskName: taskName(host, state, wid, task),
      ...{ from: period.from, to: period.to },
      items: record.items.map(({ resource, quantity, unit, estimated, model }) => ({
        ...{ resource, quantity, unit, estimated, model },
        amount: amounts.get(jti)?.get(resource) ?? null,
      })),
      currency: currency ?? null,
      correction: correctionOf === null ? null : correctionView(accounting, record),
      unusual: isUnusual(record, usual),
      state: stateOf(accounting, record),
    };
  });
  return { total: found.length, records };
}

/** A correction beside the order that it follows; null where that order is not here. */
function correctionView(accounting: AccountingState, { jti, items }: MeteredRecord): UsageRecordView["correction"] {
  const order = [...accounting.corrections.values()].find(({ done }) => done === jti)?.claims;
  return order === undefined ? null : { order: order.jti, by: order.iss, lines: correctionLines(order.items, items) };
}

/** What the actions of a page use in the middle, by action and resource, where there is something to compare with. */
function mediansOf(uses: Priced["uses"], page: readonly MeteredRecord[]): Map<string, number> {
  const keys = new Set(page.flatMap(({ execAct, items }) => items.map(({ resource }) => `${execAct} ${resource}`)));
  return new Map(
    [...keys].flatMap((key): [string, number][] => {
      const of = uses.get(key) ?? [];
      const middle = of.toSorted((a, b) => a - b)[Math.floor((of.length - 1) / 2)];
      return of.length < ENOUGH_TO_COMPARE || middle === undefined ? [] : [[key, middle]];
    }),
  );
}

const isUnusual = ({ execAct, items, correctionOf }: MeteredRecord, usual: ReadonlyMap<string, number>): boolean =>
  correctionOf === null &&
  execAct !== "" &&
  items.some(({ resource, quantity }) => {
    const median = usual.get(`${execAct} ${resource}`);
    return median !== undefined && Number(quantity) > median * UNUSUAL;
  });

/** Where a record stands on its way (cross-domain-audit.md section c). */
export function stateOf(accounting: AccountingState, record: MeteredRecord): UsageRecordView["state"] {
  const settlement = settlementOf(accounting, record);
  const isCorrected = [...accounting.corrections.values()].some(
    ({ claims, done }) => claims.record === record.jti && done !== null,
  );
  if (settlement === null) return isCorrected ? "corrected" : record.tariff === null ? "metered" : "rated";
  if (settlement.status === "confirmed") return "settled";
  if (settlement.status === "accepted") return "accepted";
  if (isCorrected) return "corrected";
  return settlement.disputes.some(({ jti }) => jti === record.jti) ? "disputed" : "stated";
}
