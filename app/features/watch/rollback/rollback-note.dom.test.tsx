import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ApiProvider } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createConnectionStore } from "../../../api/client/connection.ts";
import { RollbackNote } from "./rollbacks.tsx";

describe("the line of rollbacks that are not over", () => {
  it("[L2] is not known, instead of none, when they could not be read, with the age of what was", async () => {
    let fails = true;
    const list = async () => (fails ? Promise.reject(new Error("gone")) : { rollbacks: [] });
    const client = { rollback: { list } } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    render(
      <QueryClientProvider client={queries}>
        <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
          <RollbackNote wid="0195400c-0000-4000-8000-00000000000a" onOpen={() => undefined} />
        </ApiProvider>
      </QueryClientProvider>,
    );
    expect(await screen.findByRole("status")).toHaveTextContent(
      "Rollbacks not knownWhether one is under way could not be read.",
    );
    fails = false;
    await act(async () => screen.getByRole("button", { name: "Try again" }).click());
    await waitFor(() => expect(screen.queryByRole("status")).toBeNull());
    fails = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByRole("status")).toHaveTextContent(/none was, read just now/);
  });
});
