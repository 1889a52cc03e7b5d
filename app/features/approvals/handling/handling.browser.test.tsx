import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { REQUEST_A, REQUEST_B, REQUEST_C } from "../approvals.fixture.ts";
import { ALICE, claimsOf, hostWith, openPane } from "../pane.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const BEN = "spiffe://console.local/human/ben";
const nowS = (): number => Math.floor(Date.now() / 1000);
const held = (by: string, forS: number) => ({ by, at: nowS(), until: nowS() + forS });
const two = (
  row: NonNullable<Parameters<typeof hostWith>[0][number]>["row"] = {},
  options: Parameters<typeof hostWith>[1] = {},
) =>
  hostWith(
    [
      { row: { request: REQUEST_A, consequence: "reversible", ...row } },
      { row: { request: REQUEST_B, consequence: "none", action: "write_table" } },
    ],
    options,
  );
const opened = () => screen.findByRole("button", { name: "Handle …" });
const list = () => screen.getByRole("listbox", { name: "Requests" });

describe("handling a request without deciding it", { timeout: 60_000 }, () => {
  it("[A7] [ACP-37] takes it up by a key, so that others see it, and gives it back by the same; nothing is decided", async () => {
    const host = await two();
    await openPane(host.client, { search: { request: REQUEST_A } });
    await opened();
    await user.keyboard("c");
    expect(await screen.findByText(/^You are looking at it until/)).toBeVisible();
    expect(await screen.findByRole("option", { name: /apply_change.*you look at it/ })).toBeVisible();
    const claims = claimsOf(host.handled[0] ?? "");
    expect(claims).toMatchObject({ verb: "claim", iss: ALICE, role: "operator", request: { jti: REQUEST_A } });
    // The request has 300 s left: a claim never outlives it.
    expect(Number(claims.until) - nowS()).toBeLessThan(300);
    await user.keyboard("c");
    await waitFor(() => expect(screen.queryByText(/^You are looking at it/)).not.toBeInTheDocument());
    expect(host.handled.map((token) => claimsOf(token).verb)).toEqual(["claim", "unclaim"]);
    expect(host.tokens).toHaveLength(0);
  });

  it("[A7] opens the next form while what was done before is still being recorded, and sends it after that", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const host = await two({}, { handlesAfter: promise });
    await openPane(host.client, { search: { request: REQUEST_A } });
    await opened();
    await user.keyboard("c");
    await waitFor(() => expect(host.handled).toHaveLength(1));
    await user.keyboard("s");
    const dialog = await screen.findByRole("dialog", { name: "Shelve for everybody" });
    await user.keyboard("the vendor answers at noon");
    expect(within(dialog).getByRole("button", { name: "Signing …" })).toBeDisabled();
    resolve();
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Shelve" })).toBeEnabled());
    await user.click(within(dialog).getByRole("button", { name: "Shelve" }));
    await waitFor(() => expect(host.handled.map((token) => claimsOf(token).verb)).toEqual(["claim", "shelve"]));
  });

  it("[A7] who went on to another request while one was being put off is not taken away from it", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = [REQUEST_A, REQUEST_B, REQUEST_C].map((request, at) => ({
      row: { request, action: `write_${at}` },
    }));
    const host = await hostWith(waiting, { handlesAfter: promise });
    const { url } = await openPane(host.client, { search: { request: REQUEST_A } });
    await opened();
    await user.keyboard("d");
    await user.click(await screen.findByRole("button", { name: "Put off" }));
    await waitFor(() => expect(host.handled).toHaveLength(1));
    await user.keyboard("{Escape}");
    await page.getByRole("option", { name: /write_2.*waits for/ }).click();
    await waitFor(() => expect(url.search.request).toBe(REQUEST_C));
    resolve();
    expect(await screen.findByText("1 put off by you. Deadlines go on running.")).toBeVisible();
    expect(url.search.request).toBe(REQUEST_C);
  });

  it("[A7] [ACP-37] a claim of somebody else is a courtesy: it is shown and can be decided all the same", async () => {
    const host = await two({ claim: held(BEN, 200), reasonRequired: false });
    await openPane(host.client, { search: { request: REQUEST_A } });
    await user.click(await opened());
    expect(screen.getByRole("article", { name: "Request" })).toHaveTextContent(/ben is looking at it until/);
    const menu = await screen.findByRole("dialog", { name: "Without deciding" });
    expect(within(menu).getByRole("button", { name: /Take it up/ })).toBeDisabled();
    expect(menu).toHaveTextContent("ben has taken it up.");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.getByRole("button", { name: /^Approve$/ })).toBeEnabled());
  });

  it("[A3] [ACP-38] shelves for everybody with a reason and a time before the deadline, says so, and goes on to the next", async () => {
    const host = await two();
    const { url } = await openPane(host.client, { search: { request: REQUEST_A } });
    await opened();
    await user.keyboard("s");
    const dialog = await screen.findByRole("dialog", { name: "Shelve for everybody" });
    const shelve = within(dialog).getByRole("button", { name: "Shelve" });
    expect(shelve).toBeDisabled();
    expect(within(dialog).getByRole("textbox", { name: /Reason/ })).toHaveFocus();
    await user.keyboard("the vendor answers at noon");
    await user.click(shelve);
    await waitFor(() => expect(url.search.request).toBe(REQUEST_B));
    const claims = claimsOf(host.handled[0] ?? "");
    expect(claims).toMatchObject({ verb: "shelve", reason: "the vendor answers at noon" });
    expect(Number(claims.until)).toBeLessThan(nowS() + 300);
    expect(await screen.findByText("1 shelved. Deadlines go on running.")).toBeVisible();
    await waitFor(() => expect(within(list()).getAllByRole("option")).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Show" }));
    // By a locator: its name also tells the time that is left.
    await page.getByRole("option", { name: /apply_change.*shelved, back in/ }).click();
    expect(await screen.findByText(/the vendor answers at noon/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Take it off the shelf" }));
    await waitFor(() => expect(screen.queryByText(/1 shelved/)).not.toBeInTheDocument());
    expect(host.tokens).toHaveLength(0);
  });

  it("[A3] [ACP-38] what is put off comes back by itself the second it is due, without a word from the host", async () => {
    const host = await two({ deferrals: [held(ALICE, 3)] });
    await openPane(host.client, { search: { request: REQUEST_B } });
    expect(await screen.findByText("1 put off by you. Deadlines go on running.")).toBeVisible();
    expect(within(list()).getAllByRole("option")).toHaveLength(1);
    await waitFor(() => expect(within(list()).getAllByRole("option")).toHaveLength(2));
    expect(screen.queryByText(/put off by you/)).not.toBeInTheDocument();
    expect(host.handled).toHaveLength(0);
  });

  it("[A7] puts off for oneself from the menu by keyboard alone, and takes it back", async () => {
    const host = await two();
    await openPane(host.client, { search: { request: REQUEST_A } });
    (await opened()).focus();
    await user.keyboard("{Enter}");
    const menu = await screen.findByRole("dialog", { name: "Without deciding" });
    const items = within(menu).getAllByRole("button");
    expect(items.map((item) => item.textContent?.replace(/\w$/, ""))).toEqual([
      "Take it up",
      "Not now …",
      "Shelve …",
      "Answer the agent …",
    ]);
    await waitFor(() => expect(items[0]).toHaveFocus());
    await user.keyboard("{Tab}");
    expect(items[1]).toHaveFocus();
    await user.keyboard("{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "Not now" });
    await user.selectOptions(within(dialog).getByRole("combobox", { name: "Comes back" }), "latest");
    await user.click(within(dialog).getByRole("button", { name: "Put off" }));
    expect(await screen.findByText("1 put off by you. Deadlines go on running.")).toBeVisible();
    expect(screen.queryByText(/Nothing/)).not.toBeInTheDocument();
    expect(claimsOf(host.handled[0] ?? "")).toMatchObject({ verb: "defer" });
    await user.click(screen.getByRole("button", { name: "Show" }));
    await page.getByRole("option", { name: /apply_change.*put off, back in/ }).click();
    await user.click(await screen.findByRole("button", { name: "Take it back now" }));
    await waitFor(() => expect(host.handled.map((token) => claimsOf(token).verb)).toEqual(["defer", "undefer"]));
  });

  it("[A3] never says that nothing waits while something is put away", async () => {
    const host = await hostWith([{ row: { shelf: { ...held(BEN, 200), reason: "lunch" } } }]);
    await openPane(host.client);
    expect(await screen.findByText("Nothing else waits")).toBeVisible();
    expect(screen.getByText("1 shelved. Deadlines go on running.")).toBeVisible();
    expect(screen.queryByText(/Nothing waits/)).not.toBeInTheDocument();
  });

  it("[A3] says that what is due too soon cannot be put away, and its keys do nothing", async () => {
    const host = await two({ remainingMs: 60_000 });
    await openPane(host.client, { search: { request: REQUEST_A } });
    await user.click(await opened());
    const menu = await screen.findByRole("dialog", { name: "Without deciding" });
    expect(within(menu).getAllByText("It is due too soon to be put away: decide it.")).toHaveLength(2);
    expect(within(menu).getByRole("button", { name: /Shelve/ })).toBeDisabled();
    await user.keyboard("{Escape}");
    await user.keyboard("s");
    expect(screen.queryByRole("dialog", { name: "Shelve for everybody" })).not.toBeInTheDocument();
  });

  it("[A3] [ACP-38] has no verb that puts away what a safety rule holds its agent for, and says why", async () => {
    const host = await two({ stopClass: true });
    await openPane(host.client, { search: { request: REQUEST_A } });
    await user.click(await opened());
    const menu = await screen.findByRole("dialog", { name: "Without deciding" });
    expect(menu).toHaveTextContent("A safety rule holds its agent: it stays in everybody’s sight (A3).");
    expect(
      within(menu)
        .getAllByRole("button")
        .map((item) => item.textContent?.replace(/\w$/, "")),
    ).toEqual(["Take it up", "Answer the agent …"]);
    await user.keyboard("{Escape}");
    await user.keyboard("d");
    expect(screen.queryByRole("dialog", { name: "Not now" })).not.toBeInTheDocument();
  });

  it("[A7] [ACP-37] answers the agent in plain words that are no decision, and shows them as text", async () => {
    const host = await two();
    await openPane(host.client, { search: { request: REQUEST_A } });
    await user.click(await opened());
    await screen.findByRole("dialog", { name: "Without deciding" });
    // The keys it shows are there while it is open, and their letter does not end in the field.
    await user.keyboard("m");
    const dialog = await screen.findByRole("dialog", { name: "Answer the agent" });
    expect(dialog).toHaveTextContent("It is no approval and no refusal.");
    await user.keyboard("Which cluster do you mean?");
    await user.click(within(dialog).getByRole("button", { name: "Answer" }));
    expect(await screen.findByText(/Which cluster do you mean/)).toBeVisible();
    expect(claimsOf(host.handled[0] ?? "")).toMatchObject({ verb: "respond", text: "Which cluster do you mean?" });
    expect(await screen.findByRole("button", { name: /^Approve/ })).toBeVisible();
    expect(host.tokens).toHaveLength(0);
  });

  it("[A7] says what the host refuses, and stays with the request", async () => {
    const host = await two();
    const gate = { ...host.client.gate, handle: () => Promise.reject(new Error("ben has taken it up")) };
    // The client's type is a proxy's, which a plain object never is.
    const { url } = await openPane({ ...host.client, gate } as unknown as typeof host.client, {
      search: { request: REQUEST_A },
    });
    await opened();
    await user.keyboard("c");
    expect(await screen.findByText(/ben has taken it up/)).toBeVisible();
    expect(url.search.request).toBe(REQUEST_A);
  });
});
