import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { OpenAPIHandler } from "@orpc/openapi/node";
import { createLocalPool } from "../app/agents/local-pool.ts";
import { encodeProblem, openApiDocument } from "../app/api/dispatch/openapi.ts";
import { router } from "../app/api/dispatch/router.ts";
import { ok, type Result } from "../app/base/result.ts";
import { systemClock, systemIds } from "../app/base/system.ts";
import type { Storage, Unavailable } from "../app/engine/ports.ts";
import { openHost } from "../app/host/open-host.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { createMemoryStorage } from "../app/storage/memory/memory-storage.ts";

export interface HttpHost {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpHostOptions {
  readonly trustDomain: string;
  /** 0: a free one. */
  readonly port: number;
  readonly storage?: Storage;
}

/**
 * The Node host: the whole contract as REST under `/api` with server-sent events, its description at `/openapi.json`. Only
 * on this machine's loopback so far; authority never rests on the connection, every change carries a signed token.
 */
export async function openHttpHost(options: HttpHostOptions): Promise<Result<HttpHost, Unavailable>> {
  const opened = await openHost({
    storage: options.storage ?? createMemoryStorage(),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createLocalPool({ clock: systemClock, ids: systemIds }),
    trustDomain: options.trustDomain,
    kind: "server",
    epoch: 0,
    storageUse: async () => ({
      state: options.storage === undefined ? "memory" : "ok",
      detail: options.storage === undefined ? "kept as long as this process runs" : "kept in files",
      usageBytes: null,
      quotaBytes: null,
    }),
  });
  if (!opened.ok) return opened;
  const host = opened.value;
  const handler = new OpenAPIHandler(router, { customErrorResponseBodyEncoder: encodeProblem });
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === "/openapi.json") {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(await openApiDocument("/api")));
        return;
      }
      const handled = await handler.handle(request, response, { prefix: "/api", context: { host } });
      if (handled.matched) return;
      response.writeHead(404, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ type: "about:blank", title: "Not found", status: 404 }));
    })();
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return ok({
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      host.close();
    },
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
