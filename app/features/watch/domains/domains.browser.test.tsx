import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { DomainView } from "../../../api/contract/cascade.ts";
import { opened } from "../breakers/breakers.fixture.ts";
import { openPane } from "../pane.fixture.tsx";
import { ALICE, agentId, claimsOf, fakeHost, WID } from "../watch.fixture.tsx";
import { failureDomain } from "./domains.fixture.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const ISOLATED: Partial<DomainView> = {
  state: "isolated",
  reason: "members_failing",
  failing: [agentId(1)],
  untilMs: 1_772_064_330_000,
  remainingMs: 280_000,
  border: { all: 2, shut: 2 },
  seq: 1,
  entry: 61,
};

function hostWith(domains: ReturnType<typeof failureDomain>[]) {
  const host = fakeHost({ states: ["done", "failed", "planned", "planned", "planned"] });
  host.domains = domains;
  return host;
}

const box = (name: string) => screen.findByRole("button", { name: `Failure domain ${name}` });
const left = async (name: string): Promise<number> => (await box(name)).getBoundingClientRect().left;

describe("the failure domains of a workflow", { timeout: 60_000 }, () => {
  it("[CAS-S2] are boxes around the lanes of their agents, which the graph then has until they are turned off", async () => {
    const host = hostWith([failureDomain("left", [0]), failureDomain("right", [1], ISOLATED)]);
    const url = await openPane(host);
    expect((await box("right: isolated")).textContent).toMatch(/^rightisolated 2(80|79|78) s$/);
    expect((await box("right: isolated")).querySelector("path")).not.toBeNull();
    expect(await left("left: normal")).toBeLessThan(await left("right: isolated"));
    await user.click(screen.getByRole("button", { name: "Lanes" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: /^Failure domain .*:/ })).toBeNull());
    expect(url.search.lanes).toBe(false);
  });

  it("[CAS-19] are said to be cut, and released from the box with what that holds, a reason and a signature", async () => {
    const host = hostWith([failureDomain("left", [0]), failureDomain("right", [1], ISOLATED)]);
    await openPane(host);
    expect(await screen.findByText("Failure domain right is isolated")).toBeTruthy();
    await user.click(await box("right: isolated"));
    const dialog = await screen.findByRole("dialog", { name: "Release a failure domain" });
    expect(within(dialog).getByText("3 tasks at the edge, 0 more behind them, by what has started now")).toBeTruthy();
    expect(within(dialog).getByText("more than half of its agents fail")).toBeTruthy();
    await user.type(within(dialog).getByRole("textbox"), "repaired");
    await user.click(within(dialog).getByRole("button", { name: "Release" }));
    await waitFor(() => expect(host.breakerOrders).toHaveLength(1));
    expect(claimsOf(host.breakerOrders[0] ?? "")).toMatchObject({
      iss: ALICE,
      order: "release",
      domain: { wid: WID, domain_id: "right" },
      reason: "repaired",
    });
    expect(claimsOf(host.breakerOrders[0] ?? "")).not.toHaveProperty("breaker");
  });

  it("[CAS-19] are listed with the same powers, their agents, who fails, and why", async () => {
    const host = hostWith([
      failureDomain("left", [0], { state: "degraded", reason: "border", border: { all: 2, shut: 1 } }),
      failureDomain("right", [1], ISOLATED),
    ]);
    host.breakers = [opened()];
    await openPane(host, { wid: WID, breakers: true });
    const table = await screen.findByRole("grid", { name: "Failure domains" });
    const rows = within(table).getAllByRole("row").slice(1);
    expect(within(rows[0] as HTMLElement).getByText("degraded, 1 of 2 breakers at its border shut")).toBeTruthy();
    expect(within(rows[1] as HTMLElement).getByText(/^fail: /)).toBeTruthy();
    rows[0]?.focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(rows[1]);
    await user.click(within(rows[0] as HTMLElement).getByRole("button", { name: "Isolate: left" }));
    expect(await screen.findByRole("dialog", { name: "Isolate a failure domain" })).toBeTruthy();
  });

  it("[CAS-S2] are a column of the table, with the state where it is abnormal", async () => {
    const host = hostWith([failureDomain("left", [0]), failureDomain("right", [1], ISOLATED)]);
    await openPane(host, { wid: WID, view: "table" });
    const table = await screen.findByRole("grid", { name: "5 tasks" });
    expect(within(table).getByText("Domain")).toBeTruthy();
    expect(within(table).getAllByText("left")).toHaveLength(2);
    expect(within(table).getAllByText(/^isolated 2\d\d s$/)).toHaveLength(3);
  });
});
