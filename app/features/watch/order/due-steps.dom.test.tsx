import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createConnectionStore } from "../../../api/client/connection.ts";
import type { OverrideSignal } from "../../../api/contract/override.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { DueSteps } from "./due-steps.tsx";

const WID = "0195400c-0000-4000-8000-00000000000a";
const run = { names: ["merge"], agent: [0], agents: [{ name: "Agent 1" }], actions: ["merge"] } as unknown as RunGraph; // What is read of it here.
const takeover = { jti: "t1" } as unknown as OverrideSignal; // See above.

afterEach(() => vi.useRealTimers());

describe("the steps of what was taken over", () => {
  it("[OVR-30] [L2] are read again as playback goes on, without a notice, and are old where that failed", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let [tasks, fails] = [[] as object[], false];
    const due = async () => (fails ? Promise.reject(new Error("gone")) : { tasks });
    const client = { override: { due } } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    render(
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
          <DueSteps wid={WID} run={run} takeovers={[takeover]} />
        </ApiProvider>
      </QueryClientProvider>,
    );
    expect(await screen.findByText("No step of what was taken over is due.")).toBeInTheDocument();
    tasks = [{ task: "k1", index: 0, agent: "a", takeover: "t1" }];
    await act(async () => vi.advanceTimersByTime(1600));
    expect(await screen.findByRole("button", { name: "Carry out merge" })).toBeInTheDocument();
    fails = true;
    await act(async () => vi.advanceTimersByTime(1600));
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Carry out merge" })).toBeInTheDocument();
  });
});
