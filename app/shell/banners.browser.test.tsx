import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { StaleNote } from "../ui/states.tsx";
import { Banners } from "./banners.tsx";
import { HeadWatchContext } from "./host-status.ts";
import { createHeadWatch } from "./pinned-head.ts";

const STOP = {
  jti: "0195400c-0000-7000-8000-0000000000a1",
  seq: 4,
  action: "stop",
  level: "emergency",
  scope: { kind: "domain", id: "console.local" },
  reason: "r",
  by: "spiffe://console.local/human/ada",
  latched: true,
  released: null,
  targets: [],
  stopping: false,
  ladder: { rungs: [], next: null },
  effectsRefused: 0,
};

function show(list: () => Promise<unknown>, alarms: () => Promise<unknown> = async () => ({ agents: [] })) {
  const client = {
    override: { list },
    behavior: { alarms },
    attention: { now: () => new Promise(() => undefined) },
    gate: { queue: async () => ({ rows: [] }) },
    liveness: { agents: async () => ({ agents: [] }) },
    drill: {
      history: async () => ({ drills: [] }),
      proven: async () => ({ controls: [], selfTests: { failed: 0, overdue: 0, nextDueAt: null } }),
    },
    host: { status: () => new Promise(() => undefined) },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={connection}>
        <HeadWatchContext value={createHeadWatch(() => window.sessionStorage)}>
          <Banners />
        </HeadWatchContext>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return { connection, queries };
}

const listOf = (...signals: readonly object[]) => ({
  position: { domain: "console.local", size: 9, root: "r", atMs: Date.now() },
  signals,
  latched: signals.length,
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the banners", () => {
  it("read out what happened, not an age that ticks every second", async () => {
    const { connection } = show(async () => listOf({ ...STOP, at: Math.floor(Date.now() / 1000) - 90 }));
    const banner = await screen.findByRole("alert");
    expect(banner).toHaveTextContent("Stop in force: everything in console.local by ada");
    expect(banner.querySelector("time")).toBeNull();
    expect(banner.parentElement).toHaveTextContent(/commanded 1 min ago/);
    act(() => connection.setState({ state: "lost", sinceMs: Date.now() - 65_000 }));
    const lost = screen.getByText("The engine does not answer.").closest("[role=alert]");
    expect(lost?.querySelector("time")).toBeNull();
    expect(lost?.parentElement).toHaveTextContent(/For 1 min/);
    cleanup();
    render(<StaleNote ageMs={8_000} />);
    expect(screen.getByRole("status")).not.toHaveTextContent("8 s");
    expect(screen.getByText("This was read 8 s ago.")).toBeVisible();
  });

  it("[J5] [BEH-9] [BEH-10] tell of the agent that behaves worst, lead to its page, and never take silence for good", async () => {
    const agent = (name: string, state: string) => ({
      ...{ agent: `spiffe://console.local/agent/${name}`, name, state, seq: 7 },
      since: Math.floor(Date.now() / 1000) - 90,
    });
    const alarms = vi.fn(async () => ({
      agents: [agent("shut", "quarantined"), agent("builder\u202e", "nonconformant"), agent("silent", "stale")],
    }));
    const { queries } = show(async () => listOf(), alarms);
    const banner = await screen.findByRole("alert");
    expect(banner).toHaveTextContent("Agent builder‹U+202E› is nonconformant. 2 more are not as expected.");
    expect(screen.getByRole("link", { name: "Open its page" })).toHaveAttribute(
      "href",
      `/behavior?agent=${encodeURIComponent("spiffe://console.local/agent/builder\u202e")}`,
    );
    // What is contained says that it is, so that its lease need not be told beside it.
    alarms.mockResolvedValue({ agents: [agent("shut", "quarantined")] });
    act(() => void queries.invalidateQueries());
    await waitFor(() =>
      expect(screen.getByRole("alert")).toHaveTextContent("Agent shut is quarantined: it begins nothing new."),
    );
    alarms.mockResolvedValue({ agents: [agent("fine", "conformant")] });
    act(() => void queries.invalidateQueries());
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    alarms.mockRejectedValue(new Error("gone"));
    act(() => void queries.invalidateQueries());
    expect(await screen.findByRole("alert")).toHaveTextContent(/Whether every agent behaves is not known/);
  });

  it("[S10] say of an orderly stop that something may still end", async () => {
    show(async () => listOf({ ...STOP, stopping: true, at: Math.floor(Date.now() / 1000) }));
    expect(await screen.findByRole("alert")).toHaveTextContent(/Stop in force.*what is under way may still end/);
  });

  it("say that nothing is known of stops, instead of nothing, when they cannot be read", async () => {
    let fails = true;
    const { queries } = show(async () => {
      if (fails) throw new Error("gone");
      return listOf();
    });
    expect(await screen.findByRole("alert")).toHaveTextContent("Whether a stop holds is not known:");
    fails = false;
    await act(async () => screen.getByRole("button", { name: "Try again" }).click());
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    fails = true;
    await act(() => queries.invalidateQueries({ queryKey: [["override"]] }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Whether a stop holds is not known:");
    expect(screen.getByText(/None was, read/)).toBeVisible();
  });

  it("say that stops are still being read, after a moment", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    show(() => new Promise(() => undefined));
    expect(screen.queryByRole("alert")).toBeNull();
    await act(async () => vi.advanceTimersByTime(1100));
    expect(screen.getByRole("alert")).toHaveTextContent("Whether a stop holds is not known yet");
  });
});
