import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { DrillBanner } from "./drill-banner.tsx";

const WID = "0195400c-0000-4000-8000-00000000000a";
const DAY_S = 86_400;
const nowS = Math.floor(Date.now() / 1000);
const running = { wid: WID, script: "one-lies", size: 4, startedAt: nowS - 5, score: null };

const NO_TESTS = { failed: 0, overdue: 0, nextDueAt: null };

/** The stop was proven so many days ago, for a week; null: never. */
function show(
  drills: readonly object[],
  provenDaysAgo: number | null,
  fails = { drills: false, proven: false },
  selfTests: object = NO_TESTS,
) {
  const at = nowS - (provenDaysAgo ?? 0) * DAY_S;
  const last = provenDaysAgo === null ? null : { at, seq: 7, how: "drill", wid: WID };
  const dueAt = last === null ? null : at + 7 * DAY_S;
  const stop = { control: "stop", last, againDays: 7, dueAt, overdue: dueAt === null };
  const client = {
    drill: {
      history: async () => (fails.drills ? Promise.reject(new Error("gone")) : { drills }),
      proven: async () => (fails.proven ? Promise.reject(new Error("gone")) : { controls: [stop], selfTests }),
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <DrillBanner />
        <p>below</p>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return queries;
}

afterEach(cleanup);

describe("the banner of drills", () => {
  it("[OVR-25] says in every view that a drill runs, and leads to it", async () => {
    show([running], 1);
    expect(await screen.findByRole("alert")).toHaveTextContent("Drill running: An agent lies. Its 4 agents misbehave");
    expect(screen.getByRole("link", { name: "Open the drill" })).toHaveAttribute(
      "href",
      `/control?view=drills&drill=${WID}`,
    );
  });

  it("[F8] [N21] [S12] says how many agents failed their self-test, and whose proof is over, also since it was read", async () => {
    show([], 1, undefined, { failed: 2, overdue: 1, nextDueAt: null });
    expect(await screen.findByRole("alert")).toHaveTextContent("Self-test: failed by 2 agents; overdue of 1 agent.");
    expect(screen.getByRole("link", { name: "Open the self-tests" })).toHaveAttribute("href", "/control?view=drills");
    cleanup();
    show([], 1, undefined, { failed: 0, overdue: 0, nextDueAt: nowS - 120 });
    expect(await screen.findByRole("alert")).toHaveTextContent("Self-test: overdue of 1 agent.");
  });

  it("[S12] says that what was proven is overdue when its days are over, and nothing before", async () => {
    show([], 8);
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "Drill overdue: the stop was to be proven again within 7 days.",
    );
    cleanup();
    const queries = show([], 6);
    await expect.poll(() => queries.isFetching()).toBe(0);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("[L2] says that it is not known whether one runs or whether the stop is proven, instead of nothing", async () => {
    const fails = { drills: true, proven: true };
    const queries = show([], 1, fails);
    expect(await screen.findByText(/^Whether a drill runs is not known/)).toBeVisible();
    expect(await screen.findByText(/^Whether the stop is proven is not known/)).toBeVisible();
    Object.assign(fails, { drills: false, proven: false });
    await act(() => queries.invalidateQueries());
    await expect.poll(() => screen.queryByRole("alert")).toBeNull();
    fails.drills = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByRole("alert")).toHaveTextContent("Whether a drill runs is not known");
    expect(screen.getByText(/^last read/)).toBeVisible();
  });
});
