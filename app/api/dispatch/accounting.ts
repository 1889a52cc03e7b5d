import { must } from "../../base/assert.ts";
import { accountOf, type MeteredRecord, tariffFor } from "../../engine/accounting/accounting-state.ts";
import { isOver, stillOpen, tooMany } from "../../engine/accounting/decide.ts";
import type { FactOf } from "../../engine/fact.ts";
import type { State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { DISPUTE_WINDOW_S, MAX_STATED_RECORDS } from "../../protocol/audit/accounting/settlement.ts";
import type { Settlement } from "../../protocol/audit/accounting/settlement-state.ts";
import { chargeable, statementProblems } from "../../protocol/audit/accounting/statement.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { TariffView } from "../contract/accounting.ts";
import type { SettlementView } from "../contract/accounting-settling.ts";
import { chargedOf } from "./accounting-charged.ts";
import {
  importLedger,
  ledgerText,
  type NamedLedger,
  openLedger,
  ownLedger,
  recomputedFor,
  reconciliation,
  type Seat,
} from "./accounting-ledger.ts";
import { limitViews } from "./accounting-limits.ts";
import { recordViews, taskName, usageSeries } from "./accounting-views.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { ofAccount } from "./of-account.ts";

const nowS = (host: Host): number => Math.floor(host.ports.clock.nowMs() / 1000);
const MAX_ASIDE = 100;

/** Names of runs are told from their recordings, which are read once. */
async function readRuns(host: Host, wids: readonly string[] | null): Promise<void> {
  const runs = await host.engine.read((state) =>
    [...state.workflows.values()].filter(({ wid }) => wids === null || wids.includes(wid)).map(({ run }) => run),
  );
  await Promise.all([...new Set(runs)].map((run) => host.runs.plan(run)));
}

/** What a person signed, as the log that it is for takes it: that of another domain hears the console's people (XDA-82). */
async function received({ host, console }: Seat, token: string) {
  if (host === console) return host.engine.receive(token);
  const { receivedFromFinance } = await import("../../host/domains/finance-across.ts");
  return receivedFromFinance(console.engine, host, token);
}

/** Takes a token of one type, as a person of this domain signed it. */
async function taken<Typ extends "tariff+jwt" | "usage-correction+jwt" | "settlement+jwt">(
  { host, console }: Seat,
  token: string,
  typ: Typ,
  errors: Parameters<typeof errorFor>[1],
): Promise<{ seq: number }> {
  const { fact, verified } = valueOr(await received({ host, console }, token), errors);
  if (fact.typ !== typ) throw errorFor(refusal("token_wrong_type", `a ${typ} is expected here`), errors);
  const recomputed = fact.typ === "settlement+jwt" ? await copiesOf(host, fact) : null;
  const accounting = recomputed === null ? {} : { accounting: { recomputed } };
  const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact, ...accounting }), errors);
  return { seq: must(logged[0], "what is accepted is logged").seq };
}

/**
 * For a statement of this domain what its records come to, for an acceptance what the statement's do by the copies here. What
 * a decision refuses anyway is not computed.
 */
async function copiesOf(host: Host, { claims }: FactOf<"settlement+jwt">) {
  if (claims.phase === "accept") return recomputedFor(host, claims);
  if (claims.phase !== "statement" || claims.payee !== host.engine.ids.domain) return null;
  const own = await ownLedger(host);
  const count = chargeable(own.records, own.tariffs, claims).length;
  return count > MAX_STATED_RECORDS ? null : recomputedFor(host, claims, own);
}

export const accountingOperations = {
  accounts: api.accounting.accounts.handler(async ({ context: { host } }) => {
    const others = (await host.domains.desk())?.hosts.all() ?? [];
    return {
      accounts: [host.engine.ids, ...others.map((other) => other.host.engine.ids)].map(({ domain, pepId, logId }) => ({
        ...{ domain, pepId, logId },
      })),
    };
  }),

  usage: api.accounting.usage
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host, console }, input }) => {
      await readRuns(console, null);
      const series = await usageSeries(host, input, namesFrom(host, console));
      const meters = await host.engine.read((state) => metersOf(state, host.engine.ids.domain));
      const { trouble, notMetered } = await meteringOf({ host, console });
      const names = namesFrom(host, console);
      const aside = await names.engine.read((state) =>
        notMetered.slice(-MAX_ASIDE).map((one) => ({ ...one, taskName: taskName(names, state, one.wid, one.task) })),
      );
      return { position: await positionOf(host), ...series, meters, trouble, aside };
    }),

  records: api.accounting.records
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host, console }, input }) => {
      await readRuns(console, null);
      const priced = await chargedOf(host);
      const found = await host.engine.read((state) => recordViews(host, state, priced, input));
      const names = namesFrom(host, console);
      const records =
        names === host
          ? found.records
          : await names.engine.read((state) =>
              found.records.map((one) => ({ ...one, taskName: taskName(names, state, one.wid, one.task) })),
            );
      return { position: await positionOf(host), total: found.total, records };
    }),

  limits: api.accounting.limits
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host } }) => {
      await readRuns(host, null);
      const limits = await host.engine.read((state) => limitViews(host, state, nowS(host)));
      return { position: await positionOf(host), limits };
    }),

  tariffs: api.accounting.tariffs
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host, console } }) => {
      const tariffs = await host.engine.read((state) =>
        tariffViews(state, host.engine.ids.domain, nowS(host), host.engine.ids.domain !== console.engine.ids.domain),
      );
      return { position: await positionOf(host), tariffs };
    }),

  setTariff: api.accounting.setTariff
    .use(ofAccount)
    .handler(({ context, input, errors }) => taken(context, input.token, "tariff+jwt", errors)),

  correct: api.accounting.correct.use(ofAccount).handler(async ({ context, input, errors }) => {
    const done = await taken(context, input.token, "usage-correction+jwt", errors);
    (await context.console.domains.desk())?.metering.look([]);
    return done;
  }),

  settlements: api.accounting.settlements
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host } }) => {
      const { found, peers } = await host.engine.read(({ accounting }) => ({
        found: [...accounting.settlements.values()].toSorted((a, b) => b.statedAt - a.statedAt),
        peers: [...accounting.peers.values()].map(({ domain, logKid, records, at, by, seq }) => ({
          ...{ domain, logKid, records, at, by, seq },
        })),
      }));
      const own = await ownLedger(host);
      const settlements: SettlementView[] = [];
      // One after the other: each takes its time where its records were not added up before.
      for (const settlement of found) settlements.push(await settlementView(host, settlement, own));
      return { position: await positionOf(host), settlements, peers };
    }),

  draft: api.accounting.draft.use(ofAccount).handler(async ({ context: { host }, input, errors }) => {
    const { payer, currency, from, to } = input;
    if (from >= to)
      throw errorFor({ ...refusal("period_malformed", "the period ends after it begins"), status: 400 }, errors);
    if (!isOver({ to }, nowS(host))) throw errorFor(stillOpen({ to }), errors);
    const payee = host.engine.ids.domain;
    const about = { payee, payer, currency, period: { from, to } };
    const own = await ownLedger(host);
    const count = chargeable(own.records, own.tariffs, about).length;
    if (count > MAX_STATED_RECORDS) throw errorFor(tooMany(count), errors);
    const figures = must(await recomputedFor(host, about, own), "its own records are always here");
    return {
      position: await positionOf(host),
      payee,
      figures: { ...figures, totals: [...figures.totals], adjustments: [...figures.adjustments] },
    };
  }),

  settle: api.accounting.settle.use(ofAccount).handler(async ({ context, input, errors }) => {
    const say = () => taken(context, input.token, "settlement+jwt", errors);
    const desk = context.host === context.console ? null : await context.console.domains.desk();
    if (desk === null) return { ...(await say()), undelivered: null };
    const { said, left } = valueOr(await desk.metering.say(context.host.engine.ids.domain, say), errors);
    const jti = parsedJti(input.token);
    const undelivered = left.find((one) => one.jti === jti);
    return {
      seq: said.seq,
      undelivered: undelivered === undefined ? null : { code: undelivered.code, detail: undelivered.detail },
    };
  }),

  ledger: api.accounting.ledger
    .use(ofAccount)
    .handler(({ context: { host }, input }) => ledgerText(host, input.domain, input.own)),

  inspectLedger: api.accounting.inspectLedger
    .use(ofAccount)
    .handler(async ({ context, input, errors }) => valueOr(await openLedger(context, input.text), errors).report),

  importLedger: api.accounting.importLedger
    .use(ofAccount)
    .handler(async ({ context, input, errors }) =>
      valueOr(await importLedger(context, input.text, () => received(context, input.token)), errors),
    ),

  reconcile: api.accounting.reconcile.use(ofAccount).handler(async ({ context: { host, console }, input, errors }) => {
    await readRuns(console, null);
    const { lines, disputes, differences, counts, ledgerAt } = valueOr(await reconciliation(host, input), errors);
    const found = lines.filter(({ kind }) => input.kind === undefined || kind === input.kind);
    const page = await console.engine.read((state) =>
      found.slice(input.offset, input.offset + input.limit).map((line) => ({
        ...line,
        ourRecords: [...line.ourRecords],
        theirRecords: [...line.theirRecords],
        taskName: taskName(console, state, line.wid, line.task),
      })),
    );
    return {
      position: await positionOf(host),
      domain: input.domain,
      ledgerAt,
      counts: { ...counts },
      differences: [...differences],
      total: found.length,
      lines: page,
      disputes,
    };
  }),

  focus: api.accounting.focus
    .use(ofAccount)
    .use(asOf)
    .handler(async ({ context: { host }, input }) => {
      const { focusFile } = await import("./accounting-focus.ts");
      const file = await focusFile(
        host,
        input.format,
        ({ payer, period, wid, doneBy }) =>
          doneBy === null &&
          (input.payer === undefined || payer === input.payer) &&
          (input.wid === undefined || wid === input.wid) &&
          (input.from === undefined || period.from >= input.from) &&
          (input.to === undefined || period.from < input.to),
      );
      return { position: await positionOf(host), ...file, problems: [...file.problems] };
    }),
};

/** Where tasks have their names from: recordings are the console's. Of the past, it is the host of then. */
const namesFrom = (host: Host, console: Host): Host =>
  host.engine.ids.domain === console.engine.ids.domain ? host : console;

/** What is wrong with metering now, and what was left out; of a moment of the past nobody knows. */
async function meteringOf({ host, console }: Seat) {
  if (host.asOf !== null) return { trouble: null, notMetered: [] };
  const { domain } = host.engine.ids;
  if (domain === console.engine.ids.domain) return { trouble: host.meteringTrouble(), notMetered: host.notMetered() };
  const metering = (await console.domains.desk())?.metering;
  return { trouble: metering?.trouble(domain) ?? null, notMetered: metering?.aside(domain) ?? [] };
}

function parsedJti(token: string): string {
  const parsed = parseCompact(token);
  return parsed.ok ? String(parsed.value.payload.jti) : "";
}

/** Declared metering points, with what each has stated (XDA-14). */
function metersOf(state: State, domain: string) {
  const all = new Map<string, MeteredRecord[]>();
  for (const record of state.accounting.records.values()) {
    const known = all.get(record.meter);
    if (known === undefined) all.set(record.meter, [record]);
    else known.push(record);
  }
  return [...state.keys.values()]
    .filter(({ subject }) => subject.startsWith(`spiffe://${domain}/meter/`))
    .map(({ subject, kid }) => {
      const records = all.get(subject) ?? [];
      return {
        mpId: subject.slice(subject.lastIndexOf("/") + 1),
        id: subject,
        domain,
        kind: "gateway" as const,
        resources: [...new Set(records.flatMap(({ items }) => items.map(({ resource }) => resource)))],
        clockSource: "the host's clock, by the log's time",
        keyKid: kid,
        records: records.length,
      };
    });
}

/** A domain beside the console's own charges each that asked by a tariff of its own; the console a workflow to one account. */
function tariffViews(state: State, domain: string, at: number, isBeside: boolean): TariffView[] {
  const { accounting } = state;
  const inForce = new Set(
    [...state.workflows.keys(), ""].map((wid) => accountOf(accounting, domain, wid, at).tariff?.hash ?? ""),
  );
  const counts = new Map<string, number>();
  for (const { tariff } of accounting.records.values())
    if (tariff !== null) counts.set(tariff.hash, (counts.get(tariff.hash) ?? 0) + 1);
  return accounting.tariffs
    .map((one) => ({
      ...structuredClone(one),
      inForce: isBeside
        ? (one.account.wids ?? [""]).some(
            (wid) => tariffFor(accounting, one.account.payer, wid, at)?.hash === one.tariff.hash,
          )
        : inForce.has(one.tariff.hash),
      records: counts.get(one.tariff.hash) ?? 0,
    }))
    .toReversed();
}

async function settlementView(host: Host, settlement: Settlement, ledger: NamedLedger): Promise<SettlementView> {
  const { id, payee, payer, period, status, round, statement, statedAt, disputes, steps } = settlement;
  const own = await recomputedFor(host, statement, ledger);
  return {
    ...{ id, payee, payer, status, round, statedAt },
    side: payee === host.engine.ids.domain ? "payee" : "payer",
    ...{ from: period.from, to: period.to },
    arbitration: statement.arbitration ?? null,
    currency: statement.currency,
    amount: statement.amount_total,
    count: statement.records_count,
    root: statement.records_root,
    totals: statement.totals,
    disputableUntil: statedAt + DISPUTE_WINDOW_S,
    disputes: structuredClone([...disputes]),
    steps: steps.map((step) => ({ ...step })),
    check: own === null ? null : { amount: own.amount, count: own.count, problems: statementProblems(statement, own) },
  };
}
