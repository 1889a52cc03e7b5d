import type { Clock, Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Storage, Unavailable } from "../../engine/ports.ts";
import { type OffsetBounds, offsetBounds } from "../../protocol/audit/clock-bounds.ts";
import { domainNameSchema } from "../../protocol/audit/stitch-claims.ts";
import type { AuditIndex } from "../audit-index.ts";
import type { ChangeHub } from "../change-hub.ts";
import { everyDay } from "../identity-renewal.ts";
import type { Integrity } from "../integrity.ts";
import { type BorderBook, createBorderBook } from "./border-book.ts";
import { type DomainLedger, openLedger } from "./domain-ledger.ts";
import type { DomainProfile } from "./domain-profiles.ts";
import { domainStorage } from "./domain-storage.ts";
import { introduce } from "./introductions.ts";
import { createKeptStore, type KeptStore } from "./kept-disclosures.ts";
import { createPairKeys, type PairKeys } from "./pair-keys.ts";

/** What is needed here of the host of another domain. */
export interface SeatHost {
  readonly engine: Engine;
  readonly ports: { readonly clock: Clock; readonly sha256: Sha256; readonly storage: Storage };
  readonly index: AuditIndex;
  readonly integrity: Integrity;
  readonly changes: ChangeHub;
  close(): void;
}

/** One more domain of this console: a host of its own, with its own log, keys and clock, and what its log says of crossings. */
export interface DomainHost {
  readonly domain: string;
  readonly host: SeatHost;
  readonly ledger: DomainLedger;
  /** As its border policy is now. */
  readonly profile: DomainProfile;
  readonly border: BorderBook;
  /** What its log has only digests of. */
  readonly kept: KeptStore;
}

export interface DomainHostsPorts {
  readonly storage: Storage;
  readonly sha256: Sha256;
  readonly clock: Clock;
  /** Opens a host over its part of the storage. */
  open(domain: string, storage: Storage): Promise<Result<SeatHost, Unavailable>>;
  profile(domain: string): DomainProfile;
  changed(): void;
}

/** The domains this console has beside its own. One is there from the first workflow that names it, and for good. */
export interface DomainHosts {
  /** Those that were opened before; which they are must be known, each by itself may be in trouble. */
  open(): Promise<Result<void, Unavailable>>;
  /** Opens what is not open yet, and has all of them know each other's gateways; one that cannot be opened keeps out no other. */
  ensure(names: readonly string[]): Promise<Result<void, Unavailable>>;
  get(domain: string): DomainHost | undefined;
  all(): readonly DomainHost[];
  /** Domains that are known and cannot be opened now, with why. */
  troubles(): ReadonlyMap<string, Unavailable>;
  /** What two gateways share for what they hand each other. */
  readonly pairKeys: PairKeys;
  /** How far the clock of `b` is ahead of that of `a`. */
  offset(a: string, b: string): OffsetBounds;
  close(): void;
}

const KNOWN = "domains/known";

export function createDomainHosts(ports: DomainHostsPorts): DomainHosts {
  const { values } = ports.storage;
  const hosts = new Map<string, DomainHost>();
  const troubles = new Map<string, Unavailable>();

  const openOne = async (domain: string): Promise<Result<void, Unavailable>> => {
    if (hosts.has(domain)) return ok(undefined);
    const opened = await ports.open(domain, domainStorage(ports.storage, domain));
    if (!opened.ok) {
      troubles.set(domain, opened.error);
      return opened;
    }
    const host = opened.value;
    const ledger = await openLedger(host.engine, ports.storage.log, ports.sha256);
    host.changes.listen(() => ports.changed());
    // Loading trusted the head it had signed: the entries themselves are checked beside everything else (X3 step 1).
    host.integrity.verify().catch(() => undefined);
    troubles.delete(domain);
    const kept = createKeptStore(host.ports.storage.values, ports.sha256);
    const nowS = (): number => Math.floor(host.ports.clock.nowMs() / 1000);
    const border = createBorderBook(ports.profile(domain), ledger, nowS, ports.sha256);
    hosts.set(domain, {
      ...{ domain, host, ledger, border, kept },
      get profile() {
        return border.now().profile;
      },
    });
    return ok(undefined);
  };

  const known = async (): Promise<Result<readonly string[], Unavailable>> => {
    const stored = await values.get(KNOWN);
    if (!stored.ok) return stored;
    const names: readonly unknown[] = Array.isArray(stored.value) ? stored.value : [];
    return ok(names.flatMap((name) => domainNameSchema.safeParse(name).data ?? []));
  };

  const ensure = async (names: readonly string[]): Promise<Result<void, Unavailable>> => {
    if (names.every((name) => hosts.has(name))) return ok(undefined);
    const stored = await known();
    // What is known is never written over with less: it is all that leads back to the other logs.
    if (!stored.ok) return stored;
    const before = stored.value;
    const all = [...new Set([...before, ...names])].toSorted();
    // Durable before the first of them: what has a log is found again.
    if (all.length > before.length) {
      const put = await values.put(KNOWN, all);
      if (!put.ok) return put;
    }
    let failed: Result<void, Unavailable> = ok(undefined);
    for (const name of all) {
      const opened = await openOne(name);
      if (!opened.ok && names.includes(name) && failed.ok) failed = opened;
    }
    const met = await introduce([...hosts.values()]);
    return failed.ok ? met : failed;
  };

  const endRenewal = everyDay(ports.clock, async () => {
    await introduce([...hosts.values()]);
  });

  return {
    open: async () => {
      const names = await known();
      if (!names.ok) return names;
      await ensure(names.value);
      return ok(undefined);
    },
    ensure,
    get: (domain) => hosts.get(domain),
    all: () => [...hosts.values()].toSorted((a, b) => (a.domain < b.domain ? -1 : 1)),
    troubles: () => troubles,
    pairKeys: createPairKeys(values),
    offset: (a, b) =>
      offsetBounds([
        ...(hosts.get(a)?.ledger.times(b) ?? []),
        ...(hosts.get(b)?.ledger.times(a) ?? []).map((times) => ({ ...times, way: "there" as const })),
      ]),
    close: () => {
      endRenewal();
      for (const { host, ledger } of hosts.values()) {
        ledger.close();
        host.close();
      }
    },
  };
}

/** A clock that is `offsetMs` ahead of another: for a domain on a machine of its own. */
export function aheadOf(clock: Clock, offsetMs: number): Clock {
  return { ...clock, nowMs: () => clock.nowMs() + offsetMs };
}
