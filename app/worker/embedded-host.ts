import { createLocalPool } from "../agents/local-pool.ts";
import type { AgentPool } from "../agents/messages.ts";
import { createWorkerPool } from "../agents/worker-pool.ts";
import type { Result } from "../base/result.ts";
import { systemClock, systemIds } from "../base/system.ts";
import type { Storage, Unavailable } from "../engine/ports.ts";
import { type Host, type HostPorts, openHost } from "../host/open-host.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { openIndexedDbStorage } from "../storage/indexeddb/indexeddb-storage.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";

export const TRUST_DOMAIN = "console.local";

/** Opens the domain of this browser profile: IndexedDB, agents in workers of this worker. */
export async function openEmbeddedHost(epoch: number, profile: string): Promise<Result<Host, Unavailable>> {
  const durable = await openIndexedDbStorage(profile);
  // A profile that keeps nothing still shows what the console does; the status says that nothing is kept.
  if (!durable.ok && durable.error.code !== "storage_denied") return durable;
  const storage: Storage = durable.ok ? durable.value : createMemoryStorage();
  return openHost({
    storage,
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createPool(`${profile}/agents-${epoch}-${systemIds.uuid()}`),
    trustDomain: TRUST_DOMAIN,
    kind: "embedded",
    epoch,
    storageUse: durable.ok
      ? useOfOrigin
      : async () => ({
          state: "denied",
          detail: `nothing is kept: ${durable.error.detail}`,
          usageBytes: null,
          quotaBytes: null,
        }),
  });
}

function createPool(name: string): AgentPool {
  // Nested workers are missing in some older browsers; agents then share the engine's thread and stops are slower.
  if (typeof Worker === "undefined") return createLocalPool({ clock: systemClock, ids: systemIds });
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
