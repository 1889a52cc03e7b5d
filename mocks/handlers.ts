import { OpenAPIHandler } from "@orpc/openapi/fetch";
import { type HttpHandler, http } from "msw";
import { createLocalPool } from "../app/agents/local-pool.ts";
import { encodeProblem } from "../app/api/dispatch/openapi.ts";
import { router } from "../app/api/dispatch/router.ts";
import { must } from "../app/base/assert.ts";
import { systemClock, systemIds } from "../app/base/system.ts";
import { METERED_EVERY_MS } from "../app/host/metering-late.ts";
import { openHost } from "../app/host/open-host.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { createMemoryStorage } from "../app/storage/memory/memory-storage.ts";

/** Mock handlers that answer with the real dispatch over memory: a mock that decides by itself would prove nothing. */
export async function createHandlers(): Promise<{ readonly handlers: HttpHandler[]; close(): void }> {
  const opened = await openHost({
    storage: createMemoryStorage(),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createLocalPool({ clock: systemClock, ids: systemIds }),
    trustDomain: "console.local",
    metering: { everyMs: METERED_EVERY_MS },
    domains: {},
    kind: "mock",
    epoch: 0,
    storageUse: async () => ({
      state: "memory",
      detail: "kept as long as the mocks run",
      usageBytes: null,
      quotaBytes: null,
    }),
  });
  const host = must(opened.ok ? opened.value : null, "memory storage opens");
  const handler = new OpenAPIHandler(router, { customErrorResponseBodyEncoder: encodeProblem });
  const answer = http.all("*/api/*", async ({ request }) => {
    const { response } = await handler.handle(request, { prefix: "/api", context: { host } });
    return response ?? new Response(null, { status: 404 });
  });
  return { handlers: [answer], close: () => host.close() };
}
