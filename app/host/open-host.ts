import type { AgentPool } from "../agents/messages.ts";
import type { ResourceStore } from "../agents/resources/resource-store.ts";
import { must } from "../base/assert.ts";
import type { Clock, Ids, Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import { createSlices } from "../base/slices.ts";
import { type Engine, openEngine } from "../engine/engine.ts";
import { type FactOf, factOfEntry } from "../engine/fact.ts";
import { patientEngine } from "../engine/patient-engine.ts";
import type { EventLog, Storage, Unavailable } from "../engine/ports.ts";
import { type HostIds, hostIds } from "../engine/records.ts";
import { agentUri } from "../engine/workflow/plan.ts";
import { createGateway, type Gateway } from "../gateway/gateway.ts";
import { createStopMonitor, type StopMonitor } from "../gateway/stop-monitor.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import { generateSigner, importPublicKey } from "../protocol/jose/keys.ts";
import { graceMs, isDrill, isForwarded } from "../protocol/override/params.ts";
import type { PressedStops } from "../protocol/override/stop-line-reader.ts";
import { anchorsOf } from "./anchor-store.ts";
import { type AuditIndex, createAuditIndex } from "./audit-index.ts";
import { type AuditIssuer, type AuditSettings, createAuditIssuer } from "./audit-issuer.ts";
import { type Behavior, createBehavior } from "./behavior/behavior.ts";
import type { ObserverPort } from "./behavior/observers.ts";
import { createPoolObservers } from "./behavior/pool-observers.ts";
import { type Benches, createBenches } from "./bench/benches.ts";
import { type BreakerTimers, createBreakerTimers } from "./breaker-timers.ts";
import { areasOf, type ChangeHub, createChangeHub } from "./change-hub.ts";
import { type Conductor, createConductor } from "./conductor.ts";
import type { DomainProfile } from "./domains/domain-profiles.ts";
import { createDomains, type Domains, NO_DOMAINS } from "./domains/domains.ts";
import { NO_AGENTS } from "./domains/no-agents.ts";
import { createDrillDirector, type DrillDirector } from "./drill-director.ts";
import { createGateTimers, type GateTimers } from "./gate-timers.ts";
import { keyFor, loadKey } from "./host-keys.ts";
import { everyDay, IDENTITY_LIFETIME_S, renewOwn, replacedKey } from "./identity-renewal.ts";
import { createIntegrity, type Integrity } from "./integrity.ts";
import { createLinkWatch, type LinkWatchPorts } from "./link-watch.ts";
import { createLivenessDirector, type LivenessDirector } from "./liveness-director.ts";
import type { CheckPoolPorts } from "./log-check/check-pool.ts";
import type { MeteringPorts } from "./metering.ts";
import type { SetAside } from "./metering-issue.ts";
import { createLateMetering } from "./metering-late.ts";
import { createOrderlyStops, type OrderlyStops } from "./orderly-stops.ts";
import { createOverrideLadder, type OverrideLadder } from "./override-ladder.ts";
import { createOverrideNodes } from "./override-nodes.ts";
import { createOverrideTimers, type OverrideTimers } from "./override-timers.ts";
import { type AsOf, type LateDesk, lateDesk, lateShelf } from "./past/late-desk.ts";
import { createQueryDesk, type QueryDesk } from "./query-index/query-desk.ts";
import { createHostResources } from "./resources.ts";
import { createRollbackDirector } from "./rollback-director.ts";
import { createRunStore, type RunStore } from "./run-store.ts";
import { createSelfTests, type SelfTests } from "./self-test/self-tests.ts";
import { inSpareTime } from "./spare-time.ts";
import { endWorker, type StopAgentsPorts, stopAgents, tellStop } from "./stop-agents.ts";
import { namesOf } from "./task-names.ts";

export interface HostPorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  readonly pool: AgentPool;
  readonly trustDomain: string;
  readonly kind: "embedded" | "server" | "mock";
  /** Hand-overs in this profile so far; 0 where there is one host. */
  readonly epoch: number;
  /** Other domains may be opened beside this one; each has the host's clock and a profile of ours unless it is said to have others. */
  readonly domains?: { clock?(domain: string): Clock; profile?(domain: string): DomainProfile };
  /** Agents are listened for (L1, O4); not where nobody's time is real. */
  readonly links?: Pick<LinkWatchPorts, "turn">;
  /** What agents use is metered (XDA-14). */
  readonly metering?: Pick<MeteringPorts, "everyMs">;
  /** Who observes agents beside the enforcement point (behavior.md); without it, those of the pool and their sidecars do. */
  readonly observers?: ObserverPort;
  /** What the domain says of its records; a host without issues no audit tokens. */
  readonly audit?: AuditSettings;
  /** Stops that were pressed in the page of this tab, seen before their signal is here (OVR-42). */
  readonly stopLine?: PressedStops;
  /**
   * The domain was given another name (XDA-49): opens the host anew, under that. What is asked meanwhile is asked again of
   * the new one. Absent where the name comes from outside.
   */
  renamed?(): Promise<void>;
  /** Workers for the verification of a long log (XA-20); without them it is done in the host's thread. */
  readonly checks?: CheckPoolPorts;
  /** What is asked for sooner or later is got ready after so long (XA-24); not where nobody's time is real. */
  readonly spare?: { readonly afterMs: number };
  /** Where entries are kept and how full it is. */
  storageUse(): Promise<StorageUse>;
}

export interface StorageUse {
  readonly state: "ok" | "memory" | "denied";
  readonly detail: string;
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
}

/** Everything of one domain that a contract operation may need. Built once for every kind of host. */
export interface Host {
  readonly ports: HostPorts;
  readonly engine: Engine;
  readonly gateway: Gateway;
  readonly monitor: StopMonitor;
  readonly conductor: Conductor;
  readonly timers: GateTimers;
  readonly overrideTimers: OverrideTimers;
  readonly orderlyStops: OrderlyStops;
  readonly ladder: OverrideLadder;
  readonly breakerTimers: BreakerTimers;
  readonly drills: DrillDirector;
  readonly selfTests: SelfTests;
  readonly benches: Benches;
  readonly behavior: Behavior;
  /** The other domains of this console, where it has any. */
  readonly domains: Domains;
  /** The host of another domain of this console; null where there is none that is open. */
  beside(domain: string): Promise<Host | null>;
  readonly liveness: LivenessDirector;
  /** How far an agent's clock is ahead of this host's, ms (L7); null where it is not listened to. */
  clockOffsetMs(agent: string): number | null;
  readonly runs: RunStore;
  /** What agents act on, where they act. */
  readonly resources: ResourceStore;
  readonly index: AuditIndex;
  /** Null where no audit tokens are issued. */
  readonly audits: AuditIssuer | null;
  readonly queries: QueryDesk;
  readonly integrity: Integrity;
  readonly changes: ChangeHub;
  /** The states of the past, and which one this is: null for now. */
  readonly past: LateDesk;
  readonly asOf: AsOf | null;
  /** What went wrong with a re-enactment, for the screen. */
  readonly troubles: ReadonlyMap<string, string>;
  /** Why what is used is not metered at the moment; null where it is, or where nothing is metered here. */
  meteringTrouble(): string | null;
  /** What its metering point stated and the log did not take, each with the reason. */
  notMetered(): readonly SetAside[];
  close(): void;
}

const HEAD_EVERY_MS = 60_000;
const INDEXED_AT_ONCE = 5000;
/** Others get the thread after so much of reading a log, ms. */
const SLICE_MS = 2;

/** Opens a domain over its storage: keys, log, enforcement point, timers, and the re-enactments that were under way. */
export async function openHost(ports: HostPorts): Promise<Result<Host, Unavailable>> {
  const opened = await openDomain(ports);
  if (!opened.ok) return opened;
  const engine = opened.value;
  const { pool, clock } = ports;
  const changes = createChangeHub();
  const runs = createRunStore(ports.storage.objects, ports.sha256);
  const resources = createHostResources(engine, {
    ...{ values: ports.storage.values, clock, sha256: ports.sha256 },
    stops: (subject) => gateway?.latches.coveringAll(subject) ?? [],
  });
  const pepKey = await engine.read(
    (state) => [...state.keys.values()].find(({ subject }) => subject === engine.ids.pepId)?.jwk,
  );
  if (pepKey !== undefined) pool.serve(resources.desk, pepKey);
  const breathe = createSlices(clock, SLICE_MS);
  const index = createAuditIndex(ports.storage.log, engine.ids.domain, ports.sha256, breathe);
  const { log, values } = ports.storage;
  const integrity = createIntegrity(
    {
      ...{ engine, log, clock, sha256: ports.sha256, anchors: () => anchorsOf(values) },
      ...(ports.checks === undefined ? {} : { checks: ports.checks }),
    },
    () => changes.touch(["host"]),
  );
  const shelf = lateShelf({ log, domain: engine.ids.domain, values });
  const past = lateDesk({
    ...{ log, domain: engine.ids.domain, clock, sha256: ports.sha256 },
    head: () => engine.read((_state, head) => head),
    snapshots: {
      ...{ shelf, ids: engine.ids },
      logKey: async () => {
        if (engine.fault() !== null) return null;
        return engine.read(
          (state) => [...state.keys.values()].findLast(({ subject }) => subject === engine.ids.logId)?.jwk ?? null,
        );
      },
    },
  });
  const queries = createQueryDesk({
    ...{ log, domain: engine.ids.domain, index, clock, sha256: ports.sha256 },
    names: () => namesOf({ engine, runs }),
  });
  const troubles = new Map<string, string>();
  let meteringTrouble: string | null = null;
  let notMetered: readonly SetAside[] = [];
  let gateway: Gateway | null = null;

  let closed = false;
  const patient = patientEngine(engine, { clock, over: () => closed });

  const conductor = createConductor({
    engine: patient,
    gateway: () => must(gateway, "the gateway exists before anything happens"),
    pool,
    clock,
    values: ports.storage.values,
    runs,
    sha256: ports.sha256,
    admit: async (wid, slugs) => admitAgents(ports, engine, wid, slugs, await drills.faultsOf(wid)),
    trouble: (wid, detail) => {
      troubles.set(wid, detail);
      changes.touch(["workflow"], wid);
    },
    changed: (wid) => {
      links?.changed();
      changes.touch(["workflow", "cascade"], wid);
    },
  });
  const timers = createGateTimers(patient, clock);
  const overrideTimers = createOverrideTimers(patient, clock);
  const breakerTimers = createBreakerTimers(patient, clock);
  const rollbacks = createRollbackDirector({
    engine: patient,
    pool,
    clock,
    resources: resources.store,
    atGateway: (asked) => domains.undo(asked),
    admit: async (wid, slugs) => admitAgents(ports, engine, wid, slugs, await drills.faultsOf(wid), true),
  });
  const liveness = createLivenessDirector(patient, clock, conductor.liveness);
  const links =
    ports.links === undefined
      ? null
      : createLinkWatch({
          ...{ engine: patient, pool, clock, sha256: ports.sha256, ...ports.links },
          present: (wid) => conductor.covered({ kind: "workflow", id: wid }, false),
        });
  const drills = createDrillDirector({
    engine: patient,
    clock,
    pool,
    monitor: () => monitor,
    changed: (wid) => changes.touch(["drill", "workflow"], wid),
  });
  const selfTests = createSelfTests({
    ...{ engine: patient, clock, pool, conductor },
    gateway: () => must(gateway, "the gateway exists before anything happens"),
    changed: (wid) => changes.touch(["drill", "workflow"], wid),
  });
  const benches = createBenches({ engine: patient, clock, changed: (order) => changes.touch(["benchmark"], order) });
  const behavior = createBehavior({
    ...{ engine: patient, clock, ids: ports.ids, sha256: ports.sha256, values: ports.storage.values },
    observers:
      ports.observers ?? createPoolObservers({ pool, engine: patient, clock, ids: ports.ids, sha256: ports.sha256 }),
  });
  const metering =
    ports.metering === undefined
      ? null
      : createLateMetering({
          ...{ engine: patient, clock, ids: ports.ids, values: ports.storage.values, runs, sha256: ports.sha256 },
          ...ports.metering,
          trouble: (detail) => {
            if (detail === meteringTrouble) return;
            meteringTrouble = detail;
            changes.touch(["accounting"]);
          },
          aside: (records) => {
            notMetered = records;
            changes.touch(["accounting"]);
          },
        });
  const monitor = createStopMonitor({
    clock,
    targets: (claims) => conductor.covered(claims.scope, isForwarded(claims)),
    observe: (agent) => pool.observe(agent),
    verdict: (verdict) => {
      void patient.submit({ kind: "verdict", ...verdict });
      if (verdict.verdict === "violated") ladder.violated(verdict.signal, verdict.agent);
    },
    deadline: (signal) => ladder.deadline(signal),
    changed: () => {
      drills.look();
      changes.touch(["override", "drill"]);
    },
  });
  const { domains: beside } = ports;
  const others = new Map<string, Host>();
  const domains =
    beside === undefined
      ? NO_DOMAINS
      : createDomains({
          ...{ engine: patient, storage: ports.storage, runs, clock, ids: ports.ids, sha256: ports.sha256 },
          open: async (domain, storage) => {
            const other = await openHost({
              ...{ storage, ids: ports.ids, sha256: ports.sha256, kind: ports.kind, epoch: ports.epoch },
              ...{ storageUse: ports.storageUse, trustDomain: domain, pool: NO_AGENTS },
              clock: beside.clock?.(domain) ?? clock,
            });
            if (other.ok) others.set(domain, other.value);
            return other;
          },
          profile: beside.profile,
          own: () => ({ engine: patient, ports, index, settings: ports.audit ?? {} }),
          changed: () => changes.touch(["domains"]),
        });
  gateway = createGateway({
    engine,
    clock,
    monitor,
    ...{ border: domains.admit, trails: domains.trails },
    names: async (wid, args) => (await (await import("./value-names.ts")).knownNames(values, wid))?.(args) ?? null,
    ...(ports.stopLine === undefined
      ? {}
      : { pressing: { line: ports.stopLine, reach: (scope) => conductor.covered(scope, true) } }),
    onStop: (claims, digest) => {
      const agents = monitor.targetsOf(claims.jti).map((target) => target.agent);
      stopAgents(stopping, claims, digest, agents);
    },
  });
  /** A stop that has not been released since. */
  const latched = (jti: string): boolean => gateway.latches.all().some((latch) => latch.jti === jti);
  const stopping: StopAgentsPorts = { pool, clock, engine: patient, monitor, conductor, holds: latched };
  const ladder = createOverrideLadder({
    engine: patient,
    clock,
    monitor: () => monitor,
    resend: (claims, digest, agents) => {
      if (latched(claims.jti)) tellStop(pool, claims, digest, agents);
      else conductor.resend(claims, digest, agents);
    },
    endWorker: (signal, agent) => endWorker({ ...stopping, holds: () => true }, signal, agent, clock.monotonicMs()),
    changed: () => changes.touch(["override"]),
  });
  const overrideNodes = createOverrideNodes({
    engine: patient,
    log: ports.storage.log,
    values: ports.storage.values,
    clock,
    sha256: ports.sha256,
  });
  const audits =
    ports.audit === undefined
      ? null
      : createAuditIssuer({
          ...{ engine: patient, engineNow: engine, log: ports.storage.log, values: ports.storage.values },
          ...{ clock, sha256: ports.sha256, settings: ports.audit },
        });
  const orderlyStops = createOrderlyStops({ engine: patient, clock, stopNow: gateway.stopNow, latched });

  gateway.restored(
    await engine.read((state) =>
      [...state.overrides.values()]
        .filter(({ claims, stopping }) => claims.action === "stop" && !stopping)
        .map(({ jti }) => jti),
    ),
  );
  const inForce = await engine.read((state) =>
    structuredClone([...state.overrides.values()].filter((signal) => signal.inForce)),
  );
  for (const signal of inForce) {
    if (signal.latched && !signal.stopping)
      gateway.latches.add({
        jti: signal.jti,
        scope: signal.claims.scope,
        targets: new Set(signal.targets.keys()),
        sinceMs: clock.monotonicMs(),
      });
    else conductor.restore(signal);
    monitor.restored(signal);
    ladder.restore(signal);
  }

  /** What was on its way to the log before a stop may have agents in its scope that nobody knew of when it was latched. */
  const stopJoined = async (claims: FactOf<"override+jwt">["claims"], digest: string): Promise<void> => {
    if (claims.action !== "stop" || isDrill(claims) || (graceMs(claims) !== null && !latched(claims.jti))) return;
    const targets = await patient.read((state) => [...(state.overrides.get(claims.jti)?.targets.keys() ?? [])]);
    const late = monitor.joined(claims.jti, targets);
    if (late.length > 0) stopAgents(stopping, claims, digest, late);
  };
  const forget = engine.onAppend((logged, head, entries) => {
    index.appended(logged, entries);
    shelf.appended(head.size);
    timers.facts(logged);
    overrideTimers.facts(logged);
    orderlyStops.facts(logged);
    overrideNodes.facts(logged, entries);
    breakerTimers.facts(logged);
    rollbacks.appended(logged, entries);
    monitor.facts(logged);
    conductor.facts(logged);
    drills.facts(logged);
    selfTests.facts(logged);
    benches.facts(logged);
    behavior.facts(logged);
    domains.facts(logged);
    liveness.facts(logged);
    audits?.facts(logged);
    links?.facts(logged);
    metering?.facts(logged);
    for (const { fact, digest } of logged) if (fact.typ === "override+jwt") void stopJoined(fact.claims, digest);
    changes.touch(logged.length === 0 ? ["host"] : areasOf(logged));
  });
  let nextHead = (): void => undefined;
  const keepHeads = (): void => {
    nextHead = clock.after(HEAD_EVERY_MS, () => {
      // A head that could not be signed now is due again the next time.
      void engine.issueHead().then(keepHeads, keepHeads);
    });
  };
  keepHeads();
  const endRenewal = everyDay(clock, () => renewOwn(patient, clock));

  // A short log is indexed at once, and then with every append; a long one when it is first looked at.
  if ((await engine.read((_state, head) => head.size)) <= INDEXED_AT_ONCE) await index.catchUp();
  await Promise.all([timers.open(), overrideTimers.open(), orderlyStops.open(), breakerTimers.open(), liveness.open()]);
  if (engine.fault() === null)
    await Promise.all([drills.open(), selfTests.open(), benches.open(), behavior.open(), overrideNodes.open()]);
  const running = await engine.read((state) =>
    [...state.workflows.values()].filter((workflow) => workflow.status === "running").map((workflow) => workflow.wid),
  );
  // Where nothing can be recorded, nothing is done.
  if (engine.fault() === null) {
    for (const wid of running) await conductor.take(wid);
    void import("./value-names.ts").then(({ forgetNames }) => forgetNames(values, engine)).catch(() => undefined);
    await links?.open();
    await rollbacks.open();
    void domains.open();
    await audits?.open();
    await metering?.open();
  }
  const { spare } = ports;
  const endSpare = spare === undefined ? null : inSpareTime(clock, spare.afterMs, () => queries.getReady());
  return ok({
    ports,
    engine,
    gateway,
    monitor,
    conductor,
    timers,
    overrideTimers,
    orderlyStops,
    ladder,
    breakerTimers,
    drills,
    selfTests,
    benches,
    behavior,
    domains,
    beside: async (domain) => {
      await domains.desk();
      return others.get(domain) ?? null;
    },
    liveness,
    clockOffsetMs: (agent) => links?.clockOffsetMs(agent) ?? null,
    runs,
    resources: resources.store,
    index,
    audits,
    queries,
    integrity,
    changes,
    past,
    asOf: null,
    troubles,
    meteringTrouble: () => meteringTrouble,
    notMetered: () => notMetered,
    close: () => {
      closed = true;
      endSpare?.();
      past.close();
      must(gateway, "the gateway exists before anything happens").close();
      forget();
      nextHead();
      endRenewal();
      timers.close();
      overrideTimers.close();
      orderlyStops.close();
      overrideNodes.close();
      ladder.close();
      breakerTimers.close();
      rollbacks.close();
      liveness.close();
      audits?.close();
      links?.close();
      metering?.close();
      drills.close();
      selfTests.close();
      benches.close();
      behavior.close();
      domains.close();
      conductor.close();
      pool.close();
      ports.storage.log.close();
    },
  });
}

/** The engine over its log, with the host's own keys enrolled as the first entries of a new log. */
async function openDomain(ports: HostPorts): Promise<Result<Engine, Unavailable>> {
  const { storage } = ports;
  const ids = hostIds(ports.trustDomain);
  const head = await storage.log.head(ids.domain);
  if (!head.ok) return head;
  const stored = await loadKey(storage.values, "signer/log");
  if (!stored.ok) return stored;
  if (stored.value === null && head.value.size > 0) return openToRead(ports, ids, head.value.size);
  const log = await keyFor(storage.values, "signer/log");
  if (!log.ok) return log;
  const pep = await keyFor(storage.values, "signer/pep");
  if (!pep.ok) return pep;
  const verifier = await keyFor(storage.values, "signer/verifier");
  if (!verifier.ok) return verifier;
  const logKey = await importPublicKey(log.value.jwk);
  const engine = await openEngine({
    log: storage.log,
    ids,
    clock: ports.clock,
    uuid: ports.ids,
    sha256: ports.sha256,
    logSigner: log.value.signer,
    pepSigner: pep.value.signer,
    verifierSigner: verifier.value.signer,
    logPublicKey: must(logKey.ok ? logKey.value.key : null, "the host's own key imports"),
  });
  if (!engine.ok) return engine;
  if (ports.pool === NO_AGENTS && engine.value.fault() === null) {
    const replaced = await replacedKey(engine.value, ports.clock, storage.values, pep.value.signer.kid);
    if (!replaced.ok) return replaced;
    if (replaced.value) return openDomain(ports);
  }
  const enrol = async (subject: string, name: string, key: typeof log.value): Promise<Result<void, Unavailable>> => {
    const kid = key.signer.kid;
    if (await engine.value.read((state) => state.keys.has(kid))) return ok(undefined);
    const done = await engine.value.submit({
      kind: "enrol",
      subject,
      name,
      jwk: key.jwk,
      kid,
      lifetimeS: IDENTITY_LIFETIME_S,
    });
    return done.ok || !("retry" in done.error) ? ok(undefined) : err(done.error);
  };
  if (engine.value.fault() === null) {
    const first = await enrol(ids.logId, "Log of this console", log.value);
    const second = first.ok ? await enrol(ids.pepId, "Enforcement point of this console", pep.value) : first;
    // Where nothing may be kept, no later write gets in before these either: the console opens, empty and readable.
    if (!second.ok && second.error.code !== "storage_denied") return second;
    await renewOwn(engine.value, ports.clock);
  }
  return ok(engine.value);
}

/**
 * The engine over a log whose signing key is gone: everything can be read, verified and exported, nothing is written. What
 * it signs about itself meanwhile, receipts, is by a key that nobody trusts and that is not kept.
 */
async function openToRead(ports: HostPorts, ids: HostIds, size: number): Promise<Result<Engine, Unavailable>> {
  const unknown = await generateSigner();
  const stated = await firstKey(ports.storage.log, ids);
  const imported = stated === null ? null : await importPublicKey(stated);
  const key = imported?.ok === true ? imported : await importPublicKey(unknown.jwk);
  return openEngine(
    {
      log: ports.storage.log,
      ids,
      clock: ports.clock,
      uuid: ports.ids,
      sha256: ports.sha256,
      logSigner: unknown.signer,
      pepSigner: unknown.signer,
      logPublicKey: must(key.ok ? key.value.key : null, "a key made here imports"),
    },
    {
      seq: size,
      code: "log_key_lost",
      detail:
        "the log's signing key is gone while its entries are there: export and verify them, then start a new profile",
    },
  );
}

/** The log's public key as its first entry states it. */
async function firstKey(log: EventLog, ids: HostIds): Promise<PublicJwk | null> {
  for await (const [entry] of log.read(ids.domain, 0, 1)) {
    const fact = entry === undefined ? null : factOfEntry(entry);
    if (fact?.ok === true && fact.value.typ === "wit+jwt") return fact.value.claims.cnf.jwk;
  }
  return null;
}

/** Name under which an agent's key is kept. */
export const agentKeyName = (wid: string, slug: string): string => `agent/${wid}/${slug}`;

async function admitAgents(
  ports: HostPorts,
  engine: Engine,
  wid: string,
  slugs: readonly string[],
  faultsOf: Awaited<ReturnType<DrillDirector["faultsOf"]>>,
  /** Only those that are not in the pool, and only to be there: no stop is lifted by it. */
  halted = false,
): Promise<boolean> {
  const keys = await Promise.all(slugs.map((slug) => loadKey(ports.storage.values, agentKeyName(wid, slug))));
  if (keys.some((key) => !key.ok || key.value === null)) return false;
  slugs.forEach((slug, at) => {
    const key = keys[at];
    const agent = agentUri(engine.ids.domain, wid, slug);
    if (key?.ok !== true || key.value === null || (halted && ports.pool.houses(agent))) return;
    const drill = faultsOf === null ? null : wid;
    ports.pool.admit(agent, key.value.signer, engine.ids.pepId, faultsOf?.(at), drill, halted);
  });
  return true;
}
