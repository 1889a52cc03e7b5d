import { err, ok, type Result } from "../../base/result.ts";
import { inSlices } from "../../base/steps.ts";
import { tariffsOf } from "../../engine/accounting/accounting-state.ts";
import type { Received, SubmitError } from "../../engine/engine.ts";
import type { Host } from "../../host/open-host.ts";
import { counterMeterFor, isCounterMeter, mpIdOf } from "../../host/own-meter.ts";
import { ledgerFor, peerLedger, type UsageLedgerPorts } from "../../host/usage-ledgers.ts";
import type { LedgerRecord, Tariffs } from "../../protocol/audit/accounting/ledger.ts";
import {
  type LedgerFile,
  parseLedgerFile,
  type ReadLedger,
  verifyLedgerFile,
} from "../../protocol/audit/accounting/ledger-file.ts";
import {
  disputesOf,
  type ReconciledLine,
  reconcile,
  sumOfDifferences,
} from "../../protocol/audit/accounting/reconcile.ts";
import type { SettlementClaims } from "../../protocol/audit/accounting/settlement.ts";
import { chargeable, type Recomputed, recomputing } from "../../protocol/audit/accounting/statement.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { LedgerReport } from "../contract/accounting-settling.ts";
import { slicesOf } from "./accounting-charged.ts";

/** Disputes a message holds. */
const MAX_DISPUTES = 48;

export const ledgerPorts = (host: Host): UsageLedgerPorts => ({
  engine: host.engine,
  log: host.ports.storage.log,
  objects: host.ports.storage.objects,
  sha256: host.ports.sha256,
  nowS: () => Math.floor(host.ports.clock.nowMs() / 1000),
});

export async function ledgerText(host: Host, domain: string, own: boolean): Promise<{ text: string; records: number }> {
  const file = await ledgerFor(ledgerPorts(host), domain, own);
  return { text: JSON.stringify(file), records: file.records.length };
}

export interface OpenedLedger {
  readonly file: LedgerFile;
  readonly read: ReadLedger;
  readonly report: LedgerReport;
}

/** Whose accounts they are, and the console that they are of: the same one for its own domain. */
export interface Seat {
  readonly host: Host;
  readonly console: Host;
}

/** A ledger file with everything in it verified, and what it means for this log. */
export async function openLedger({ host, console }: Seat, text: string): Promise<Result<OpenedLedger, Refusal>> {
  const file = parseLedgerFile(text);
  if (!file.ok) return file;
  const { sha256, nowS } = ledgerPorts(host);
  const verified = await verifyLedgerFile(file.value, nowS(), sha256);
  if (!verified.ok) return verified;
  const read = verified.value;
  if (read.domain === host.engine.ids.domain)
    return err(refusal("ledger_own", "this is the ledger of this domain itself: take in that of the other one"));
  // What a domain of this console signs with is known here, whoever hands a file over.
  const neighbour = read.domain === console.engine.ids.domain ? console : await console.beside(read.domain);
  if (neighbour !== null && (await neighbour.engine.keyOf(read.logKid))?.subject !== neighbour.engine.ids.logId)
    return err(
      refusal("ledger_key_changed", `the log of ${read.domain}, which is here, signs with another key`, {
        claim: "log_kid",
      }),
    );
  const { pinned, known } = await host.engine.read(({ accounting }) => ({
    pinned: accounting.peers.get(read.domain)?.logKid ?? null,
    known: new Set([...accounting.settlements.values()].flatMap(({ steps }) => steps.map(({ jti }) => jti))),
  }));
  const report: LedgerReport = {
    domain: read.domain,
    digest: read.digest,
    logKid: read.logKid,
    pinned: pinned === null ? null : pinned === read.logKid,
    records: read.records.length,
    root: read.root,
    tariffs: read.tariffs.size,
    settlements: read.settlements.filter(({ claims }) => !known.has(claims.jti)).length,
    keys: read.people.map(({ sub, name, jwk }) => ({ sub, name, jwk: { ...jwk } })),
  };
  return ok({ file: file.value, read, report });
}

export interface ImportedLedger {
  readonly seq: number;
  readonly taken: number;
  readonly refused: { jti: string; code: string; detail: string }[];
}

/**
 * Takes a ledger in: the file is durable before the log names it; then the messages that this log does not have, in the order
 * they were said. One that is not taken is told, and leaves the others as they are.
 */
export async function importLedger(
  seat: Seat,
  text: string,
  receive: () => Promise<Result<Received, SubmitError | Refusal>>,
): Promise<Result<ImportedLedger, SubmitError | Refusal>> {
  const { host } = seat;
  const opened = await openLedger(seat, text);
  if (!opened.ok) return opened;
  const { file, read } = opened.value;
  const received = await receive();
  if (!received.ok) return received;
  const { fact, verified } = received.value;
  if (fact.typ !== "ledger-import+jwt") return err(refusal("token_wrong_type", "a ledger-import+jwt is expected here"));
  const { claims } = fact;
  if (
    claims.ledger !== read.digest ||
    claims.domain !== read.domain ||
    claims.log_kid !== read.logKid ||
    claims.records_root !== read.root ||
    claims.records_count !== read.records.length
  )
    return err(refusal("object_hash_mismatch", "what was signed is about another file", { claim: "ledger" }));
  const put = await host.ports.storage.objects.put(read.digest, file);
  if (!put.ok) return put;
  const logged = await host.engine.submit({ kind: "token", verified, fact });
  if (!logged.ok) return logged;
  const seq = logged.value.logged[0]?.seq ?? 0;
  return ok({ seq, ...(await takeMessages(host, read)) });
}

async function takeMessages(host: Host, read: ReadLedger): Promise<Omit<ImportedLedger, "seq">> {
  const known = await host.engine.read(
    ({ accounting }) =>
      new Set([...accounting.settlements.values()].flatMap(({ steps }) => steps.map((step) => step.jti))),
  );
  const refused: ImportedLedger["refused"] = [];
  let taken = 0;
  for (const { compact, claims } of read.settlements) {
    if (known.has(claims.jti)) continue;
    const received = await host.engine.receive(compact);
    const answer = received.ok ? await host.engine.submit({ kind: "token", ...received.value }) : received;
    if (answer.ok) taken += 1;
    else refused.push({ jti: claims.jti, code: answer.error.code, detail: answer.error.detail });
  }
  return { taken, refused };
}

type About = Pick<SettlementClaims, "payee" | "payer" | "period" | "currency">;

/** What records come to, with how many of its ledger's were looked at for it. */
interface Computed {
  looked: number;
  readonly figures: Recomputed;
}

/** What was computed of which ledger, by what it is about: hashing its records all anew for every look would take its time. */
const computed = new WeakMap<object, Map<string, Computed>>();
const MAX_COMPUTED = 200;

/** A ledger with a name for it that lives as long as it does. */
export interface NamedLedger {
  readonly of: object;
  readonly records: readonly LedgerRecord[];
  readonly tariffs: Tariffs;
}

/** This domain's own records. They are only ever added to, so that they may be looked at while others write. */
export const ownLedger = (host: Host): Promise<NamedLedger> =>
  host.engine.read(({ accounting }) => ({
    of: accounting,
    records: [...accounting.records.values()],
    tariffs: tariffsOf(accounting),
  }));

/** What a domain's records come to; computed in steps, and only anew where a record came that is about the same. */
async function figuresOf(host: Host, { of, records, tariffs }: NamedLedger, about: About): Promise<Recomputed> {
  const { payer, period, currency } = about;
  const name = `${payer} ${period.from} ${period.to} ${currency}`;
  const known = computed.get(of) ?? new Map<string, Computed>();
  computed.set(of, known);
  const before = known.get(name);
  if (before !== undefined && chargeable(records.slice(before.looked), tariffs, about).length === 0) {
    before.looked = Math.max(before.looked, records.length);
    return before.figures;
  }
  const steps = recomputing(chargeable(records, tariffs, about), tariffs, host.ports.sha256);
  const slices = slicesOf(host, 1);
  const figures = await inSlices(steps, async () => {
    await slices.one();
  });
  if (known.size >= MAX_COMPUTED) known.clear();
  known.set(name, { looked: records.length, figures });
  return figures;
}

/** What this domain's own copies of the payee's records come to, for a statement; null where it has none. */
export async function recomputedFor(host: Host, about: About, own?: NamedLedger): Promise<Recomputed | null> {
  if (about.payee === host.engine.ids.domain) return figuresOf(host, own ?? (await ownLedger(host)), about);
  const ledger = await peerLedger(ledgerPorts(host), about.payee);
  if (!ledger.ok || ledger.value === null) return null;
  return figuresOf(host, { of: ledger.value, ...ledger.value }, about);
}

export interface Reconciliation {
  readonly ledgerAt: number;
  readonly lines: readonly ReconciledLine[];
  readonly counts: Readonly<Record<string, number>>;
  readonly differences: readonly { readonly resource: string; readonly unit: string; readonly difference: string }[];
  readonly disputes: ReturnType<typeof disputesOf>;
}

/** Both ledgers about the workflows for which either domain charges the other one. */
export async function reconciliation(
  host: Host,
  input: {
    readonly domain: string;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly wid?: string | undefined;
  },
): Promise<Result<Reconciliation, SubmitError | Refusal>> {
  const ledger = await peerLedger(ledgerPorts(host), input.domain);
  if (!ledger.ok) return ledger;
  if (ledger.value === null)
    return err({ ...refusal("ledger_unknown", "no ledger of that domain was taken in"), status: 404 });
  const theirs = ledger.value;
  const own = host.engine.ids.domain;
  const { mine, tariffs, ledgerAt } = await host.engine.read(({ accounting }) => ({
    mine: [...accounting.records.values()],
    tariffs: tariffsOf(accounting),
    ledgerAt: accounting.peers.get(input.domain)?.at ?? 0,
  }));
  const shared = new Set([
    ...mine.filter(({ payer }) => payer === input.domain).map(({ wid }) => wid),
    ...theirs.records.filter(({ payer }) => payer === own).map(({ wid }) => wid),
  ]);
  // What a third domain did, or is charged for, is no line between these two.
  const theirTasks = new Set(theirs.records.map(({ task }) => task));
  const counter = counterMeterFor(input.domain, host.ports.sha256);
  const isOurs = ({ meter, payer, task }: LedgerRecord): boolean =>
    isCounterMeter(meter) ? mpIdOf(meter) === counter : payer === own || payer === input.domain || theirTasks.has(task);
  const isAbout = ({ wid, period }: LedgerRecord): boolean =>
    shared.has(wid) &&
    (input.wid === undefined || wid === input.wid) &&
    (input.from === undefined || period.from >= input.from) &&
    (input.to === undefined || period.from < input.to);
  const lines = reconcile(
    { records: mine.filter((record) => isOurs(record) && isAbout(record)), tariffs },
    { records: theirs.records.filter(isAbout), tariffs: theirs.tariffs },
  );
  const counts: Record<string, number> = { matched: 0, missing_here: 0, missing_there: 0, quantity: 0, price: 0 };
  for (const { kind } of lines) counts[kind] = (counts[kind] ?? 0) + 1;
  const units = new Map(lines.map(({ resource, unit }) => [resource, unit]));
  const differences = [...units].map(([resource, unit]) => ({
    ...{ resource, unit },
    difference: sumOfDifferences(lines, resource),
  }));
  return ok({ ledgerAt, lines, counts, differences, disputes: disputesOf(lines).slice(0, MAX_DISPUTES) });
}
