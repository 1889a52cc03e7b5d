import type { AgentPool } from "../agents/messages.ts";
import { createWorkerPool } from "../agents/worker-pool.ts";
import type { Result } from "../base/result.ts";
import { nextTurn, systemClock, systemIds } from "../base/system.ts";
import type { Unavailable } from "../engine/ports.ts";
import { METERED_EVERY_MS } from "../host/metering-late.ts";
import { type Host, type HostPorts, openHost } from "../host/open-host.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { openIndexedDbStorage } from "../storage/indexeddb/indexeddb-storage.ts";
import { createRefusingStorage } from "../storage/memory/memory-storage.ts";

export const TRUST_DOMAIN = "console.local";

/** Opens the domain of this browser profile: IndexedDB, agents in workers of this worker. */
export async function openEmbeddedHost(epoch: number, profile: string): Promise<Result<Host, Unavailable>> {
  const durable = await openIndexedDbStorage(profile);
  if (!durable.ok && durable.error.code !== "storage_denied") return durable;
  return openHost({
    ...(durable.ok ? { storage: durable.value, storageUse: useOfOrigin } : keepNothing(durable.error)),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: await createPool(`${profile}/agents-${epoch}-${systemIds.uuid()}`),
    trustDomain: TRUST_DOMAIN,
    links: { turn: nextTurn },
    domains: {},
    audit: {},
    metering: { everyMs: METERED_EVERY_MS },
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

const useOfOrigin: HostPorts["storageUse"] = async () => {
  const [estimate, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
  return {
    state: "ok",
    detail: persisted ? "kept until you clear it" : "the browser may clear it when space runs short",
    usageBytes: estimate.usage ?? null,
    quotaBytes: estimate.quota ?? null,
  };
};
