import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { ApiProvider } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createConnectionStore } from "../../../api/client/connection.ts";
import type { RollbackResidue, RollbackSummary } from "../../../api/contract/rollback.ts";
import { RollbackStatus } from "./rollback-status.tsx";
import { RollbacksView } from "./rollbacks-view.tsx";

afterEach(cleanup);

const idOf = (last: string): string => `0195400c-0000-4000-8000-${last.padStart(12, "0")}`;
const WID = idOf("a1");
const POSITION = { domain: "console.local", size: 9, root: "r", atMs: 0 };

const rollback = (last: string, runName: string, change: Partial<RollbackSummary> = {}): RollbackSummary => ({
  rbId: idOf(last),
  wid: WID,
  runName,
  target: { kind: "task", id: idOf("101") },
  keepTarget: false,
  bestEffort: true,
  phase: "confirmed",
  planHash: "A".repeat(43),
  reason: "wrong device",
  by: "spiffe://console.local/human/ada",
  cosigners: ["spiffe://console.local/human/bea"],
  requestedAt: Math.floor(Date.now() / 1000) - 60,
  deadline: 0,
  endedAt: 1,
  steps: { total: 4, over: 4, open: 0, failed: 0, residual: 0 },
  asked: [],
  needsPerson: false,
  lapsed: false,
  stopped: null,
  confirmedBy: null,
  ...change,
});
const left: RollbackResidue = {
  task: idOf("101"),
  index: 1,
  name: "send \u202ereport",
  agent: "spiffe://console.local/agent/mailer",
  action: "send",
  n: 4,
  why: "impossible",
  code: null,
  residue: ["<b>the mail</b> is out"],
  writes: [],
  tell: ["mailto:owner@example.com"],
};

function show(rollbacks: readonly RollbackSummary[]) {
  const host = { down: false, shown: [] as string[] };
  const answer = <T,>(made: T): Promise<T> =>
    host.down ? Promise.reject(new TypeError("the host does not answer")) : Promise.resolve(made);
  const client = {
    rollback: {
      list: () => answer({ position: POSITION, rollbacks }),
      show: ({ rbId }: { rbId: string }) => {
        host.shown.push(rbId);
        return answer({ position: POSITION, residues: [left] });
      },
    },
    // The client's type is a proxy's, which a plain object never is.
  } as unknown as SignalboxClient;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <RollbackStatus />
        <RollbacksView />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return Object.assign(host, { refetch: () => act(() => queries.invalidateQueries()) });
}

describe("rollbacks in Control", () => {
  it("[J6] [N13] [CAS-16] lists what waits for a person first, with what is left and who must be told", async () => {
    const host = show([
      rollback("f1", "clean run"),
      rollback("f2", "waiting run", { phase: "partial", needsPerson: true }),
      rollback("f3", "confirmed run", {
        confirmedBy: { operator: "spiffe://console.local/human/bea", reason: "the owner knows" },
      }),
    ]);
    const list = await screen.findByRole("list", { name: "Rollbacks" });
    expect(screen.getByText("1 rollback waits for a person")).toBeVisible();
    const names = [...list.children].map((row) => row.textContent ?? "");
    expect(names.map((text) => /(clean|waiting|confirmed) run/.exec(text)?.[1])).toEqual([
      "waiting",
      "confirmed",
      "clean",
    ]);
    const open = await within(list).findByRole("region", { name: "What is left" });
    expect(host.shown).toEqual([idOf("f2")]);
    expect(open).toHaveTextContent(/1 task is not back as before.*could not be undone.*<b>the mail<\/b> is out/);
    expect(open).toHaveTextContent("mailto:owner@example.com");
    expect(within(list).getByRole("link", { name: "Confirm what is left, in Watch" })).toHaveAttribute(
      "href",
      `/watch?wid=${WID}&rollback=${idOf("f2")}`,
    );
    const confirmed = list.children[1] as HTMLElement; // A row of the list is an element.
    expect(confirmed).toHaveTextContent("confirmed by bea: the owner knows");
    await userEvent.click(within(confirmed).getByRole("button", { name: "What is left" }));
    expect(await within(confirmed).findByRole("region", { name: "What is left" })).toBeVisible();
    expect(list.children[2]).toHaveTextContent("Nothing is left.");
  });

  it("[L2] does not look empty or sure when they cannot be read", async () => {
    const host = show([]);
    expect(await screen.findByText("Nothing was ever rolled back")).toBeVisible();
    host.down = true;
    await host.refetch();
    await waitFor(() => expect(screen.getByText("Whether a rollback waits is not known")).toBeVisible());
    cleanup();
    const other = show([rollback("f1", "clean run")]);
    await screen.findByRole("list", { name: "Rollbacks" });
    other.down = true;
    await other.refetch();
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
  });
});
