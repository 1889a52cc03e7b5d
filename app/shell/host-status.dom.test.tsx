import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, it } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { HeadWatchContext, useHostStatus } from "./host-status.ts";
import { createHeadWatch } from "./pinned-head.ts";

afterEach(cleanup);

it("[XDA-49] [C2] holds a log against what was seen of it, not of the one under the name before", async () => {
  const kept = new Map<string, string>();
  const heads = createHeadWatch(() => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }));
  let position = { domain: "console.local", size: 2, root: "a", atMs: 1 };
  const host = { status: async () => ({ position }) };
  const client = { host } as unknown as SignalboxClient; // Only what is asked for.
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { result } = renderHook(() => useHostStatus(), {
    wrapper: ({ children }: { readonly children: ReactNode }) => (
      <QueryClientProvider client={queries}>
        <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
          <HeadWatchContext value={heads}>{children}</HeadWatchContext>
        </ApiProvider>
      </QueryClientProvider>
    ),
  });
  await waitFor(() => expect(heads.before("console.local")).toMatchObject({ root: "a" }));
  const told = async (next: typeof position) => {
    position = next;
    await result.current.refetch();
    return heads.store.getState().conflict;
  };
  expect(await told({ ...position, domain: "ops.example", root: "b" })).toBeNull();
  expect(heads.before("ops.example")).toMatchObject({ size: 2, root: "b" });
  expect(await told({ ...position, size: 3, root: "c" })).toBeNull();
  expect(await told({ ...position, root: "other" })).toMatchObject({ kind: "different", seen: { size: 3, root: "c" } });
});
