import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { openPane } from "../pane.fixture.tsx";
import { ALICE, claimsOf, fakeHost, WID } from "../watch.fixture.tsx";
import { breaker, cascade, opened } from "./breakers.fixture.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const AGENT = (index: number): string => `spiffe://console.local/agent/${WID}/agent-${index}`;

function hostWith(breakers: ReturnType<typeof breaker>[]) {
  const host = fakeHost({ states: ["done", "failed", "planned", "planned", "planned"] });
  host.breakers = breakers;
  return host;
}

describe("the breakers of a workflow", { timeout: 60_000 }, () => {
  it("[CAS-5] says nothing while all are closed, and counts those that are not, with what waits for them", async () => {
    const host = hostWith([breaker()]);
    const { refetch } = await openPane(host);
    await screen.findByRole("application");
    expect(screen.queryByText(/breaker/i)).toBeNull();
    host.breakers = [opened()];
    host.waitingForBreaker = [2, 3];
    await refetch();
    expect(await screen.findByText("Breaker: 1 open")).toBeTruthy();
    expect(screen.getByText("2 tasks wait for a breaker.")).toBeTruthy();
  });

  it("[CAS-5] marks the edge by shape and words, with the seconds that are left", async () => {
    await openPane(hostWith([opened()]));
    const marks = await screen.findAllByRole("button", { name: /^Breaker from .* to .* for sift: open$/ });
    // One of the three tasks has failed already, and the marks of the two others would lie over one another.
    expect(marks).toHaveLength(1);
    expect(marks[0]?.textContent).toMatch(/^open 2[78] s$/);
    expect(marks[0]?.querySelector("path")).not.toBeNull();
  });

  it("[CAS-19] [CAS-28] trips from the edge: what it would hold comes first, then a reason, then the signature", async () => {
    const host = hostWith([opened()]);
    await openPane(host);
    const [mark] = await screen.findAllByRole("button", { name: /^Breaker from/ });
    await user.click(mark as HTMLElement);
    const dialog = await screen.findByRole("dialog", { name: "Trip a breaker" });
    expect(within(dialog).getByText("2 tasks at the edge, 1 more behind them, by what has started now")).toBeTruthy();
    expect(within(dialog).getByText("too many calls failed in a row (5 of 6 in 60 s)")).toBeTruthy();
    const trip = within(dialog).getByRole("button", { name: "Trip" });
    expect(trip).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox", { name: /Why is it tripped/ }), "looks wrong");
    await user.click(trip);
    await waitFor(() => expect(host.breakerOrders).toHaveLength(1));
    expect(claimsOf(host.breakerOrders[0] ?? "")).toMatchObject({
      iss: ALICE,
      order: "trip",
      breaker: { caller: AGENT(0), callee: AGENT(1), group: "*" },
      reason: "looks wrong",
    });
  });

  it("[CAS-19] [CAS-28] [J6] trips an edge that is closed from the graph: it has its mark while a task at it is selected", async () => {
    await openPane(hostWith([breaker()]), { wid: WID, sel: "t2" });
    const marks = await screen.findAllByRole("button", { name: /^Breaker from .* for sift: closed$/ });
    expect(marks).toHaveLength(1);
    await user.click(marks[0] as HTMLElement);
    expect(await screen.findByRole("dialog", { name: "Trip a breaker" })).toBeTruthy();
  });

  it("[CAS-19] [CAS-23] lists them by keyboard with the same powers: the held one is released, as it was tripped", async () => {
    const held = breaker({
      state: "forced_open",
      forced: true,
      isolated: true,
      reason: "operator",
      by: ALICE,
      seq: 3,
      entry: 61,
    });
    const host = hostWith([breaker({ group: "merge", id: "other" }), held]);
    const url = await openPane(host);
    await screen.findByRole("application");
    await user.keyboard("b");
    expect(url.search.breakers).toBe(true);
    const table = await screen.findByRole("grid", { name: "Breakers" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(rows.map((row) => within(row).getAllByRole("gridcell")[1]?.textContent)).toEqual(["sift", "merge"]);
    expect(within(rows[0] as HTMLElement).getByText("forced open")).toBeTruthy();
    expect(within(rows[0] as HTMLElement).getByText("and isolated: two releases")).toBeTruthy();
    rows[0]?.focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(rows[1]);
    expect(within(rows[1] as HTMLElement).queryByRole("button", { name: /^Release/ })).toBeNull();
    await user.click(within(rows[0] as HTMLElement).getByRole("button", { name: /^Release: .*sift$/ }));
    const dialog = await screen.findByRole("dialog", { name: "Release a breaker" });
    await user.type(within(dialog).getByRole("textbox"), "repaired");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(host.breakerOrders).toHaveLength(1));
    expect(claimsOf(host.breakerOrders[0] ?? "")).toMatchObject({ order: "release", breaker: { group: "sift" } });
  });

  it("[CAS-9] [A6] names the suspected root with its reason, and marks it, the order of joining and the front on the graph", async () => {
    const host = hostWith([opened({ reason: "cascade" })]);
    host.cascades = [cascade()];
    const { refetch } = await openPane(host);
    const note = (await screen.findByText("Cascade: 2 agents fail")).closest("[role=status]");
    expect(note?.textContent).toMatch(/First out, suspected: .*nothing before it failed, at .*, 2 after it\)/);
    expect(note?.textContent).toContain("The breakers where it spreads were opened.");
    expect(note?.textContent).toContain("0 % of its links were named by a failure, the others are inferred.");
    expect(await screen.findByText("▲ 1 First out, suspected")).toBeTruthy();
    expect(screen.getByText("▲ 2 Spreads")).toBeTruthy();
    host.cascades = [cascade({ active: false })];
    await refetch();
    await waitFor(() => expect(screen.queryByText("▲ 2 Spreads")).toBeNull());
  });

  it("[S13] [F5] releases what was looked at: where the whole edge is held meanwhile it is looked at again first", async () => {
    const held = breaker({ state: "forced_open", forced: true, reason: "operator", by: ALICE, seq: 3, entry: 61 });
    const host = hostWith([held]);
    const { refetch } = await openPane(host);
    await screen.findByRole("application");
    await user.keyboard("b");
    const table = await screen.findByRole("grid", { name: "Breakers" });
    await user.click(within(table).getByRole("button", { name: /^Release: .*sift$/ }));
    const dialog = await screen.findByRole("dialog", { name: "Release a breaker" });
    await user.type(within(dialog).getByRole("textbox"), "repaired");
    const release = within(dialog).getByRole("button", { name: "Release" });
    expect(release).toBeEnabled();
    host.heldEdges = [{ caller: AGENT(0), callee: AGENT(1), by: ALICE }];
    await refetch();
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("By now the whole edge is held");
    expect(dialog).toHaveTextContent('Actions"sift"');
    expect(release).toBeDisabled();
    await user.click(within(dialog).getByRole("button", { name: "Show it as it is now" }));
    expect(dialog).toHaveTextContent("Actionsof every kind");
    await user.click(release);
    await waitFor(() => expect(host.breakerOrders).toHaveLength(1));
    expect(claimsOf(host.breakerOrders[0] ?? "")).toMatchObject({ order: "release", breaker: { group: "*" } });
  });

  it("says so when the breakers cannot be read", async () => {
    const host = hostWith([opened()]);
    const { refetch } = await openPane(host);
    await screen.findByText("Breaker: 1 open");
    host.down = true;
    await refetch();
    expect(await screen.findByText("Breakers not known")).toBeTruthy();
  });

  it("[L2] keeps the list that is known when it cannot be read again, says that it is old, and asks anew", async () => {
    const host = hostWith([opened()]);
    const { refetch } = await openPane(host, { wid: WID, breakers: true });
    await screen.findByRole("grid", { name: "Breakers" });
    host.down = true;
    await refetch();
    const dialog = screen.getByRole("dialog", { name: "Circuit breakers between the agents" });
    expect(await within(dialog).findByText("Not current: newer facts may exist.")).toBeVisible();
    expect(within(dialog).getAllByRole("row")).toHaveLength(2);
    host.down = false;
    await user.click(within(dialog).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(dialog).queryByText("Not current: newer facts may exist.")).toBeNull());
  });

  it("[L2] [CAS-9] says that cascades are not known when they alone cannot be read, instead of none", async () => {
    const host = hostWith([breaker()]);
    Object.assign(host.client.cascade, { alerts: () => Promise.reject(new TypeError("gone")) });
    await openPane(host);
    expect(await screen.findByText("Cascades not known")).toBeTruthy();
    expect(screen.queryByText("Breakers not known")).toBeNull();
  });
});
