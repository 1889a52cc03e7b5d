import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { OpenAPIHandler } from "@orpc/openapi/node";
import { createLocalPool } from "../app/agents/local-pool.ts";
import { encodeProblem, openApiDocument } from "../app/api/dispatch/openapi.ts";
import { router } from "../app/api/dispatch/router.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { nextTurn, systemClock, systemIds } from "../app/base/system.ts";
import type { LogFault } from "../app/engine/load.ts";
import type { Storage, Unavailable } from "../app/engine/ports.ts";
import { discoveryOf } from "../app/host/discovery.ts";
import { METERED_EVERY_MS } from "../app/host/metering-late.ts";
import { openHost } from "../app/host/open-host.ts";
import { READY_AFTER_MS } from "../app/host/spare-time.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";
import { createMemoryStorage } from "../app/storage/memory/memory-storage.ts";

export interface HttpHost {
  readonly url: string;
  /** What is wrong with the log it was opened over: then it is read and not written to. */
  readonly fault: LogFault | null;
  close(): Promise<void>;
}

/** Why a host cannot begin: its storage, or its port. */
export type HostProblem = Unavailable | { readonly code: "port_unavailable"; readonly detail: string };

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
export async function openHttpHost(options: HttpHostOptions): Promise<Result<HttpHost, HostProblem>> {
  const opened = await openHost({
    storage: options.storage ?? createMemoryStorage(),
    clock: systemClock,
    ids: systemIds,
    sha256: await createSha256(),
    pool: createLocalPool({ clock: systemClock, ids: systemIds }),
    trustDomain: options.trustDomain,
    links: { turn: nextTurn },
    domains: {},
    audit: {},
    metering: { everyMs: METERED_EVERY_MS },
    spare: { afterMs: READY_AFTER_MS },
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
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader("x-content-type-options", "nosniff");
    if (!isLocal(request)) return refuse(response, 403, "Refused", "asked under another name than this machine's own");
    if (request.url === "/.well-known/agent-override") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(await discoveryOf(host)));
      return;
    }
    if (request.url === "/openapi.json") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(await openApiDocument("/api")));
      return;
    }
    const handled = await handler.handle(request, response, { prefix: "/api", context: { host } });
    if (!handled.matched) refuse(response, 404, "Not found");
  };
  const server = createServer((request, response) => {
    // What goes wrong with one request ends that request, not the host.
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "The request could not be answered");
    });
  });
  try {
    await listen(server, options.port);
  } catch (error) {
    host.close();
    return err({ code: "port_unavailable", detail: whyNot(options.port, error) });
  }
  const { port } = server.address() as AddressInfo;
  return ok({
    url: `http://127.0.0.1:${port}`,
    fault: host.engine.fault(),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      host.close();
    },
  });
}

/**
 * A page of somebody else's that had its own name lead to this machine sends that name along, and a script of another
 * origin sends the origin: neither is answered.
 */
function isLocal({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? "";
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return false;
  return headers.origin === undefined || headers.origin === `http://${host}`;
}

function refuse(response: ServerResponse, status: number, title: string, detail?: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title, status, ...(detail === undefined ? {} : { detail }) }));
}

function whyNot(port: number, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is in use: name another with --port`;
  if (code === "EACCES") return `port ${port} is not for this user: name one above 1023 with --port`;
  return `port ${port} cannot be listened on: ${error instanceof Error ? error.message : "no reason was given"}`;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
