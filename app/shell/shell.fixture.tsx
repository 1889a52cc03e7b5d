import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { CONTRACT_VERSION } from "../api/contract/version.ts";
import type { StoredOperator } from "../operator/key-store.ts";
import { OperatorProvider } from "../operator/operator-context.tsx";
import { createOperatorSession } from "../operator/session.ts";
import { Toasts } from "../ui/toast.tsx";
import { HeadWatchContext, type HostStatus } from "./host-status.ts";
import { PANES } from "./panes.ts";
import { createHeadWatch } from "./pinned-head.ts";

const POSITION = { domain: "console.local", size: 120, root: "R".repeat(43), atMs: Date.now() };

const STATUS: HostStatus = {
  position: POSITION,
  kind: "embedded",
  contractVersion: CONTRACT_VERSION,
  epoch: 0,
  storage: { state: "ok", detail: "IndexedDB", usageBytes: 12_400_000, quotaBytes: 1e9 },
  integrity: { state: "intact", checkedSize: 120, checkedAtMs: Date.now() - 240_000, report: null },
  sth: { size: 100, iat: Math.floor(Date.now() / 1000) - 40 },
  isolated: true,
  pool: { workers: 1, agents: 4 },
  pendingGates: 0,
  latched: 0,
  running: 1,
};

export interface FakeHost {
  workflows(): Promise<readonly object[]>;
  runs(): Promise<readonly object[]>;
  requests(): Promise<readonly object[]>;
  signals(): Promise<readonly object[]>;
  people(): Promise<readonly object[]>;
  leases(): Promise<readonly object[]>;
  /** Agents that do not behave as expected. */
  alarms(): Promise<readonly object[]>;
  /** Names of domains beside the console's own. */
  domains(): Promise<readonly string[]>;
  /** Entries after this one. */
  entries(after: number): Promise<readonly object[]>;
  status(): Promise<Partial<HostStatus>>;
  /** Whose key lies in the profile. */
  readonly operator: StoredOperator | null;
  played: unknown[];
}

export function fakeHost(change: Partial<FakeHost> = {}): FakeHost {
  const none = async (): Promise<readonly object[]> => [];
  return {
    workflows: none,
    runs: none,
    requests: none,
    signals: none,
    people: none,
    leases: none,
    alarms: none,
    domains: async () => [],
    entries: none,
    status: async () => ({}),
    operator: null,
    played: [],
    ...change,
  };
}

function clientOf(host: FakeHost): SignalboxClient {
  const client = {
    host: { status: async () => ({ ...STATUS, ...(await host.status()) }) },
    workflow: {
      list: async () => ({ position: POSITION, workflows: await host.workflows() }),
      listRuns: async () => ({ position: POSITION, runs: await host.runs() }),
      playback: async (input: unknown) => host.played.push(input),
    },
    gate: {
      queue: async () => {
        const rows = await host.requests();
        return { position: POSITION, rows, pending: rows.length };
      },
    },
    liveness: {
      discovery: async () => ({
        ...{ ver: 1, endpoint: null, stream: null, levels: ["emergency"], actions: ["stop", "roll_back"] },
        ...{ deadline_ms: { emergency: 1000 }, heartbeat_s: 10, keys: { keys: [] } },
        ...{ degraded_modes: ["degraded", "safe_stop"], domains: ["console.local"] },
      }),
      agents: async () => ({
        position: POSITION,
        agents: await host.leases(),
        heartbeatS: 10,
        degradedAfterS: 30,
        restrictedAfterS: 60,
      }),
    },
    behavior: { alarms: async () => ({ position: POSITION, counts: {}, agents: await host.alarms() }) },
    domains: {
      list: async () => ({
        position: POSITION,
        domains: ["console.local", ...(await host.domains())].map((domain, at) => ({
          domain,
          kind: at === 0 ? "console" : "beside",
          state: "open",
          size: 120 + at,
        })),
        offsets: [],
      }),
    },
    override: { list: async () => ({ position: POSITION, signals: await host.signals(), latched: 0 }) },
    identity: {
      describe: async () => ({
        position: POSITION,
        logId: "spiffe://console.local/log",
        operators: host.operator === null ? [] : [{ kid: host.operator.signer.kid }],
      }),
      people: async () => ({ position: POSITION, stated: true, people: await host.people() }),
    },
    audit: {
      entries: async ({ cursor = -1, limit = 200 }: { cursor?: number; limit?: number }) => {
        const all = await host.entries(cursor);
        const next = all.length > limit ? cursor + limit : null;
        return { position: POSITION, rows: all.slice(0, limit), total: all.length, next };
      },
      export: async () =>
        (async function* chunks() {
          yield { text: '{"entries":[]}', done: 120, total: 120 };
        })(),
    },
  };
  return client as unknown as SignalboxClient; // a proxy's type, which no plain object has
}

/** A part of the shell over a host, in a router that has every pane's address and shows none of them. */
export function showShell(host: FakeHost, part: ReactNode, at = "/watch") {
  const client = clientOf(host);
  const root = createRootRoute({
    component: () => (
      <>
        {part}
        <Outlet />
      </>
    ),
  });
  const routes = PANES.map(({ path }) => createRoute({ getParentRoute: () => root, path, component: () => null }));
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader", sinceMs: Date.now() - 60_000 });
  const session = createOperatorSession({
    client,
    openKeyStore: async () => ({
      load: async () => host.operator,
      save: async () => undefined,
      close: () => undefined,
    }),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={connection}>
        <OperatorProvider session={session}>
          <HeadWatchContext value={createHeadWatch(() => window.sessionStorage)}>
            {/* The types know the console's own router only. */}
            <RouterProvider router={router as never} />
            <Toasts />
          </HeadWatchContext>
        </OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { router, queries, connection, here: () => router.state.location };
}
