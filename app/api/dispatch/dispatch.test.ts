import { createRouterClient } from "@orpc/server";
import { createLocalPool } from "../../agents/local-pool.ts";
import { must } from "../../base/assert.ts";
import { systemClock, systemIds } from "../../base/system.ts";
import { openHost } from "../../host/open-host.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { contractSuite } from "./contract.suite.ts";
import { router } from "./router.ts";

contractSuite("called directly over memory", async () => {
  const opened = await openHost({
    storage: createMemoryStorage(),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createLocalPool({ clock: systemClock, ids: systemIds }),
    trustDomain: "console.local",
    domains: {},
    kind: "mock",
    epoch: 0,
    storageUse: async () => ({ state: "memory", detail: "kept in memory", usageBytes: null, quotaBytes: null }),
  });
  const host = must(opened.ok ? opened.value : null, JSON.stringify(opened));
  return { client: createRouterClient(router, { context: { host } }), close: () => host.close() };
});
