import { createRouterClient } from "@orpc/server";
import { createLocalPool } from "../agents/local-pool.ts";
import { router } from "../api/dispatch/router.ts";
import { must } from "../base/assert.ts";
import { systemClock, systemIds } from "../base/system.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { type HostPorts, openHost } from "./open-host.ts";

/** A whole host over memory, with a client of its contract; any port may be another. */
export async function openedHost(ports: Partial<HostPorts> = {}) {
  const opened = await openHost({
    storage: createMemoryStorage(),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createLocalPool({ clock: systemClock, ids: systemIds }),
    trustDomain: "console.local",
    kind: "mock",
    epoch: 0,
    storageUse: async () => ({ state: "memory", detail: "", usageBytes: null, quotaBytes: null }),
    ...ports,
  });
  const host = must(opened.ok ? opened.value : null, JSON.stringify(opened));
  return { host, client: createRouterClient(router, { context: { host } }) };
}
