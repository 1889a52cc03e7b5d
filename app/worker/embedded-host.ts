import type { AgentPool } from "../agents/messages.ts";
import { createWorkerPool } from "../agents/worker-pool.ts";
import { ok, type Result } from "../base/result.ts";
import { nextTurn, systemClock, systemIds } from "../base/system.ts";
import type { Unavailable } from "../engine/ports.ts";
import { METERED_EVERY_MS } from "../host/metering-late.ts";
import { type Host, type HostPorts, openHost } from "../host/open-host.ts";
import { READY_AFTER_MS } from "../host/spare-time.ts";
import { keptTrustDomain } from "../host/trust-domain.ts";
import { DEFAULT_TRUST_DOMAIN } from "../protocol/identity/trust-domain-name.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import type { PressedStops } from "../protocol/override/stop-line-reader.ts";
import { openIndexedDbStorage } from "../storage/indexeddb/indexeddb-storage.ts";
import { createRefusingStorage } from "../storage/memory/memory-storage.ts";

/** Opens the domain of this browser profile: IndexedDB, agents in workers of this worker. */
export async function openEmbeddedHost(
  epoch: number,
  profile: string,
  stopLine: PressedStops | null = null,
  renamed?: () => Promise<void>,
): Promise<Result<Host, Unavailable>> {
  const durable = await openIndexedDbStorage(profile);
  if (!durable.ok && durable.error.code !== "storage_denied") return durable;
  const named: Result<string, Unavailable> = durable.ok
    ? await keptTrustDomain(durable.value)
    : ok(DEFAULT_TRUST_DOMAIN);
  if (!named.ok) return named;
  return openHost({
    ...(durable.ok ? { storage: durable.value, storageUse: useOfOrigin } : keepNothing(durable.error)),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: await createPool(`${profile}/agents-${epoch}-${systemIds.uuid()}`),
    trustDomain: named.value,
    ...(renamed === undefined ? {} : { renamed }),
    links: { turn: nextTurn },
    domains: {},
    audit: {},
    ...(stopLine === null ? {} : { stopLine }),
    metering: { everyMs: METERED_EVERY_MS },
    spare: { afterMs: READY_AFTER_MS },
    ...checksOf(`${profile}/checks-${epoch}`),
    kind: "embedded",
    epoch,
  });
}

/** Where nothing may be kept the console opens to read: a log in memory would call recorded what ends with the tab. */
function keepNothing(problem: Unavailable): Pick<HostPorts, "storage" | "storageUse"> {
  const detail = `this browser keeps no data for this page (${problem.detail}): allow it to, or leave the private window, and reload`;
  return {
    storage: createRefusingStorage({ ...problem, detail }),
    storageUse: async () => ({ state: "denied", detail, usageBytes: null, quotaBytes: null }),
  };
}

async function createPool(name: string): Promise<AgentPool> {
  // Nested workers are missing in some older browsers; agents then share the engine's thread and stops are slower.
  if (typeof Worker === "undefined") {
    const { createLocalPool } = await import("../agents/local-pool.ts");
    return createLocalPool({ clock: systemClock, ids: systemIds });
  }
  return createWorkerPool({
    spawn: () => new Worker(new URL("../agents/pool-worker.ts", import.meta.url), { type: "module" }),
    workers: Math.max(1, navigator.hardwareConcurrency - 1),
    name,
    locks: navigator.locks,
    isolated: crossOriginIsolated,
  });
}

/** Workers that check at most: one thread hands everything out to them and puts it together. */
const MOST_CHECKING = 8;
/** Entries from which on they are made: for fewer, making one takes longer than it saves. */
const CHECKED_BY_WORKERS = 4000;

/** Workers that check the entries of a long log, one core less than there are: the engine keeps one for a stop. */
function checksOf(name: string): Pick<HostPorts, "checks"> {
  if (typeof Worker === "undefined") return {};
  return {
    checks: {
      spawn: () => new Worker(new URL("./check-worker.ts", import.meta.url), { type: "module" }),
      workers: Math.max(1, Math.min(MOST_CHECKING, navigator.hardwareConcurrency - 1)),
      from: CHECKED_BY_WORKERS,
      name: () => `${name}-${systemIds.uuid()}`,
      free: (lock, signal) => navigator.locks.request(lock, { signal }, () => undefined),
    },
  };
}

const useOfOrigin: HostPorts["storageUse"] = async () => {
  const [estimate, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return {
    state: "ok",
    detail: persisted ? "kept until you clear it" : "the browser may clear it when space runs short",
    usageBytes: estimate.usage ?? null,
    quotaBytes: estimate.quota ?? null,
  };
};
