import type { Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import type { EventLog, ObjectStore, Unavailable } from "../engine/ports.ts";
import type { State } from "../engine/state.ts";
import { domainOf } from "../protocol/audit/accounting/ids.ts";
import {
  type LedgerFile,
  ledgerFileSchema,
  type ReadLedger,
  verifyLedgerFile,
} from "../protocol/audit/accounting/ledger-file.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { counterMeterFor, isCounterMeter, mpIdOf } from "./own-meter.ts";

export interface UsageLedgerPorts {
  readonly engine: Pick<Engine, "read" | "ids">;
  readonly log: EventLog;
  readonly objects: ObjectStore;
  readonly sha256: Sha256;
  nowS(): number;
}

/** Ledgers of other domains that were taken in, by digest; verified once, by their own bytes. */
const read = new WeakMap<ObjectStore, Map<string, ReadLedger>>();

/** Another domain's ledger as it was taken in last; null where there is none. Refusals as of `verifyLedgerFile`. */
export async function peerLedger(
  ports: UsageLedgerPorts,
  domain: string,
): Promise<Result<ReadLedger | null, Refusal | Unavailable>> {
  const digest = await ports.engine.read((state) => state.accounting.peers.get(domain)?.ledger ?? null);
  if (digest === null) return ok(null);
  const known = read.get(ports.objects)?.get(digest);
  if (known !== undefined) return ok(known);
  const stored = await ports.objects.get(digest);
  if (!stored.ok) return stored;
  const file = ledgerFileSchema.safeParse(stored.value);
  if (!file.success) return err(refusal("object_hash_mismatch", "that ledger is not stored here: take it in again"));
  const verified = await verifyLedgerFile(file.data, ports.nowS(), ports.sha256);
  if (!verified.ok) return verified;
  if (verified.value.digest !== digest)
    return err(refusal("object_hash_mismatch", "the stored ledger was changed: take it in again"));
  const cache = read.get(ports.objects) ?? new Map<string, ReadLedger>();
  read.set(ports.objects, cache.set(digest, verified.value));
  return ok(verified.value);
}

/** The entries that make up a file for another domain, by their place in the log. */
function entriesFor(state: State, ids: Engine["ids"], domain: string, own: boolean, counter: string) {
  const { accounting } = state;
  const records = [...accounting.records.values()].filter(
    ({ payer, meter }) =>
      payer === domain || (own && payer === ids.domain && (!isCounterMeter(meter) || mpIdOf(meter) === counter)),
  );
  const hashes = new Set(records.flatMap(({ tariff }) => (tariff === null ? [] : [tariff.hash])));
  const tariffs = [
    ...new Map(
      accounting.tariffs.filter(({ tariff }) => hashes.has(tariff.hash)).map((one) => [one.tariff.hash, one]),
    ).values(),
  ];
  const steps = [...accounting.settlements.values()]
    .filter(({ payee, payer }) => payee === domain || payer === domain)
    .flatMap((settlement) => settlement.steps)
    .filter(({ by }) => domainOf(by) === ids.domain);
  const speakers = new Set([
    ids.logId,
    ...records.map(({ meter }) => meter),
    ...tariffs.map(({ by }) => by),
    ...steps.map(({ by }) => by),
  ]);
  return {
    speakers,
    records: new Set(records.map(({ entry }) => entry)),
    tariffs: new Set(tariffs.map(({ seq }) => seq)),
    settlements: new Set(steps.map(({ seq }) => seq)),
  };
}

/** This domain's usage for another one: its charges, and with `own` what this domain metered for itself, to compare. */
export async function ledgerFor(ports: UsageLedgerPorts, domain: string, own: boolean): Promise<LedgerFile> {
  const { ids } = ports.engine;
  const { wanted, size } = await ports.engine.read((state, head) => ({
    wanted: entriesFor(state, ids, domain, own, counterMeterFor(domain, ports.sha256)),
    size: head.size,
  }));
  const file: LedgerFile = {
    signalbox_usage: 1,
    domain: ids.domain,
    identities: [],
    tariffs: [],
    records: [],
    settlements: [],
  };
  const bound = new Set<string>();
  for await (const chunk of ports.log.read(ids.domain, 0, size))
    for (const { seq, token } of chunk) {
      if (wanted.records.has(seq)) file.records.push(token);
      else if (wanted.tariffs.has(seq)) file.tariffs.push(token);
      else if (wanted.settlements.has(seq)) file.settlements.push(token);
      else if (isIdentityOf(token, wanted.speakers, bound)) file.identities.push(token);
    }
  return file;
}

/** The first identity token of each key of those who speak in the file. */
function isIdentityOf(token: string, speakers: ReadonlySet<string>, bound: Set<string>): boolean {
  const parsed = parseCompact(token);
  if (!parsed.ok || parsed.value.header.typ !== "wit+jwt") return false;
  const { sub, cnf } = parsed.value.payload as { sub?: unknown; cnf?: { jwk?: { kid?: unknown } } }; // Read member by member below.
  const kid = cnf?.jwk?.kid;
  if (typeof sub !== "string" || typeof kid !== "string" || !speakers.has(sub) || bound.has(kid)) return false;
  bound.add(kid);
  return true;
}
