import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { AgentLivenessView } from "../../../api/contract/liveness.ts";
import { openPane } from "../pane.fixture.tsx";
import { ALICE, agentId, claimsOf, fakeHost, WID } from "../watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const nowS = (): number => Math.floor(Date.now() / 1000);

/** An agent whose lease of 30 min has this much left, and is asked for in the last 10. */
function agent(index: number, leftS: number | null, change: Partial<AgentLivenessView> = {}): AgentLivenessView {
  const until = nowS() + (leftS ?? 0);
  const lease = {
    ...{ jti: "0195400c-0000-4000-8000-0000000000e1", by: ALICE, at: until - 1800, until, durationS: 1800, seq: 12 },
    ...{ promptAt: until - 600, soundAt: until - 180, lapsed: leftS === 0 },
    remainingMs: leftS === 0 ? null : (leftS ?? 0) * 1000,
  };
  return {
    agent: agentId(index),
    plan: { do: "hold", afterS: 45 },
    declared: true,
    lease: leftS === null ? null : lease,
    link: null,
    returned: null,
    clockOffsetMs: null,
    ...change,
  };
}

function hostWith(...agents: AgentLivenessView[]) {
  const host = fakeHost({ states: ["running", "planned", "planned", "planned", "planned"] });
  host.liveness = agents;
  return host;
}

describe("leases and links of a workflow", { timeout: 60_000 }, () => {
  it("[L3] [N8] [N9] stand on the node by shape and words before anything has happened, and in the details", async () => {
    await openPane(hostWith(agent(0, 1500)));
    await screen.findByRole("application");
    await waitFor(() => expect(document.querySelector("[data-liveness]")).not.toBeNull());
    const tag = document.querySelector("[data-liveness]");
    expect(tag).toHaveTextContent(/^lease 2[45] minhold after 45 s$/);
    expect(tag?.querySelectorAll("path").length).toBeGreaterThanOrEqual(2);
    expect(screen.queryByRole("button", { name: /Leases and links/ })).toBeNull();
  });

  it("[L7] a clock that is far off is told in the details, with what orders things instead", async () => {
    await openPane(hostWith(agent(0, null, { clockOffsetMs: -5000 })), { wid: WID, sel: "t0", detail: true });
    const section = await screen.findByRole("region", { name: "Lease and link of its agent" });
    expect(section).toHaveTextContent("5.0 s behind");
    expect(section).toHaveTextContent("not lost");
    expect(section).toHaveTextContent("Its times order nothing: what follows from what does, as in the log.");
  });

  it("[L5] [N8] a lease that is asked for is said in words, and renewed by one press that is signed", async () => {
    const host = hostWith(agent(0, 500), agent(1, 1500));
    const url = await openPane(host);
    expect(await screen.findByText(/^Lease to renew: /)).toBeTruthy();
    await user.keyboard("v");
    expect(url.search.links).toBe(true);
    const table = await screen.findByRole("grid", { name: "Leases and links" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows[0]).toHaveTextContent(/renew: 8 min/);
    expect(rows[0]).toHaveTextContent(/hold after 45 s/);
    await user.click(within(rows[0] as HTMLElement).getByRole("button", { name: /^Renew/ }));
    const dialog = await screen.findByRole("dialog", { name: "Renew a lease" });
    await user.click(within(dialog).getByRole("button", { name: "Let it go on for 30 min" }));
    await waitFor(() => expect(host.leases).toHaveLength(1));
    expect(claimsOf(host.leases[0] ?? "")).toMatchObject({
      ...{ iss: ALICE, wid: WID, agent: agentId(0), duration_s: 1800 },
    });
  });

  it("[L5] a key that is held down renews nothing, and before it is asked for nobody can", async () => {
    const host = hostWith(agent(0, 500), agent(1, 1500));
    await openPane(host);
    await screen.findByText(/^Lease to renew: /);
    const open = async (row: number) => {
      await user.keyboard("v");
      const table = await screen.findByRole("grid", { name: "Leases and links" });
      const button = within(within(table).getAllByRole("row")[row + 1] as HTMLElement).getByRole("button");
      await user.click(button);
      return within(await screen.findByRole("dialog", { name: "Renew a lease" }));
    };
    const first = await open(0);
    const renew = first.getByRole("button", { name: "Let it go on for 30 min" });
    renew.closest<HTMLElement>("[role=dialog]")?.focus();
    // The key goes down elsewhere, and is held while the button gets the focus: what comes there are the browser's repeats.
    const repeated: boolean[] = [];
    const watch = (event: KeyboardEvent): void => void repeated.push(event.repeat);
    window.addEventListener("keydown", () => renew.focus(), { once: true });
    renew.addEventListener("keydown", watch);
    await user.keyboard("{Enter>6}");
    expect(repeated).toEqual([true, true, true, true, true]);
    expect(host.leases).toEqual([]);
    await user.click(first.getByRole("button", { name: "Not now" }));
    await user.keyboard("{Escape}");
    const second = await open(1);
    expect(second.getByRole("button", { name: "Let it go on for 30 min" })).toBeDisabled();
    expect(second.getByText(/It is not asked for yet/)).toBeTruthy();
  });

  it("[S7] [L5] a lease that is being signed cannot seem to be taken back", async () => {
    const host = hostWith(agent(0, 500));
    await openPane(host);
    await screen.findByText(/^Lease to renew: /);
    await user.keyboard("v");
    const table = await screen.findByRole("grid", { name: "Leases and links" });
    await user.click(within(table).getByRole("button", { name: /^Renew/ }));
    const dialog = await screen.findByRole("dialog", { name: "Renew a lease" });
    const given = Promise.withResolvers<never>();
    vi.spyOn(host.client.liveness, "lease").mockReturnValueOnce(given.promise);
    await user.click(within(dialog).getByRole("button", { name: "Let it go on for 30 min" }));
    await within(dialog).findByRole("button", { name: "Signing …" });
    for (const button of within(dialog).getAllByRole("button")) expect(button).toBeDisabled();
    await waitFor(() => expect(dialog).toHaveFocus());
    await user.keyboard("{Escape}");
    expect(dialog).toBeInTheDocument();
    given.reject(new TypeError("Failed to fetch"));
    expect(await within(dialog).findByRole("alert")).toBeVisible();
    expect(within(dialog).getByRole("button", { name: "Not now" })).toBeEnabled();
  });

  it("[L2] keeps the list that is known when it cannot be read again, says that it is old, and asks anew", async () => {
    const link = { stage: "planned" as const, heardAt: nowS() - 400, at: nowS() - 10, seq: 77 };
    const host = hostWith(agent(0, null, { link, plan: { do: "roll_back", afterS: 300 } }), agent(1, null));
    const { refetch } = await openPane(host, { wid: WID, links: true });
    const table = await screen.findByRole("grid", { name: "Leases and links" });
    const plan = within(table).getByRole("link", { name: "Plan a rollback" });
    expect(plan.getAttribute("href")).toContain("rollback=w");
    host.down = true;
    await refetch();
    const dialog = screen.getByRole("dialog", { name: "Leases and links of the agents" });
    expect(await within(dialog).findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(within(dialog).getAllByRole("row")).toHaveLength(3);
    host.down = false;
    await user.click(within(dialog).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(dialog).queryByText("Not current: newer facts may exist.")).toBeNull());
  });

  it("[L1] [OVR-23] says who is not heard of, what it may not do, and what was done about it", async () => {
    const link = { stage: "degraded" as const, heardAt: nowS() - 40, at: nowS() - 10, seq: 77 };
    const host = hostWith(agent(0, null, { link }), agent(1, null));
    const { refetch } = await openPane(host);
    expect(await screen.findByText(/^1 agent not heard of: /)).toBeTruthy();
    await user.keyboard("v");
    const table = await screen.findByRole("grid", { name: "Leases and links" });
    const row = () => within(table).getAllByRole("row")[1];
    expect(row()).toHaveTextContent(/degraded Heard of .*It does nothing that cannot be undone\. Entry 77/);
    host.liveness = [agent(0, null, { link: { ...link, stage: "planned" } }), agent(1, null)];
    await refetch();
    await waitFor(() => expect(row()).toHaveTextContent(/link lost: held/));
    expect(within(table).getAllByRole("row")[2]).toHaveTextContent("not lost");
    host.liveness = [
      agent(0, null, { returned: { at: nowS() - 5, awayS: 130, stage: "planned", seq: 80 } }),
      agent(1, null),
    ];
    await refetch();
    await waitFor(() => expect(within(table).getByText(/Heard of again/)).toHaveTextContent(/after 2 min 10 s/));
  });
});
