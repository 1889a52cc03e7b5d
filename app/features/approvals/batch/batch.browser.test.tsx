import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { claimsOf, hostWith, openPane } from "../pane.fixture.tsx";
import { chooseUndo } from "../undo-choice.ts";

beforeEach(() => page.viewport(1280, 800));
afterEach(() => {
  cleanup();
  chooseUndo("batches");
});

const id = (at: number): string => `0195400c-0000-7000-8000-0000000000${(0xa0 + at).toString(16)}`;
const row = (at: number, change: object = {}) => ({
  request: id(at),
  action: "copy_object",
  taskName: `copy ${at}`,
  consequence: "reversible" as const,
  reasonRequired: false,
  ...change,
});
const copies = (count: number, change: object = {}) =>
  Array.from({ length: count }, (_, at) => ({
    args: { from: `in/${at}.csv`, to: "out" },
    row: row(at, change),
    narrative: "I copy.",
  }));
const button = async (name: RegExp) => {
  const found = await screen.findByRole("button", { name });
  await waitFor(() => expect(found).toBeEnabled());
  return found;
};

/** Opens the group and looks at the whole sample. */
async function readSample(): Promise<void> {
  await button(/^Approve$/);
  await user.keyboard("b");
  await screen.findByRole("article", { name: "Look-alikes" });
  for (let at = 1; at <= 3; at += 1) {
    await button(/of the sample|Open the sample/);
    await user.keyboard("n");
    await screen.findByRole("heading", { name: `Sample ${at} of 3` });
  }
  await screen.findByText("All 3 of the sample were opened.");
}

describe("deciding look-alikes together", { timeout: 60_000 }, () => {
  it("[J1] shows the differences, asks for a sample of three, and gives each its own signed decision", async () => {
    chooseUndo("off");
    const host = await hostWith([...copies(5), { row: { request: id(9), action: "send_mail", consequence: "none" } }]);
    const { url } = await openPane(host.client);
    await button(/^Approve$/);
    await user.keyboard("b");
    const table = await screen.findByRole("table", { name: "Differences" });
    expect(within(table).getAllByRole("row")).toHaveLength(6);
    expect(within(table).getByRole("columnheader", { name: "from" })).toBeVisible();
    expect(within(table).queryByRole("columnheader", { name: "to" })).not.toBeInTheDocument();
    const approve = screen.getByRole("button", { name: "Approve 5" });
    expect(approve).toBeDisabled();
    await user.keyboard("a");
    for (let at = 1; at <= 3; at += 1) {
      await button(/of the sample|Open the sample/);
      expect(approve).toBeDisabled();
      await user.keyboard("n");
      await screen.findByRole("heading", { name: `Sample ${at} of 3` });
      expect(screen.getByRole("region", { name: "Arguments" })).toHaveTextContent(/in\/\d\.csv/);
    }
    await waitFor(() => expect(approve).toBeEnabled());
    expect(host.tokens).toHaveLength(0);
    await user.keyboard("a");
    await waitFor(() => expect(host.tokens).toHaveLength(5));
    const claims = host.tokens.map(claimsOf);
    expect(claims.every((one) => one.outcome === "approve")).toBe(true);
    expect(new Set(claims.map((one) => one.request.jti)).size).toBe(5);
    expect(new Set(claims.map((one) => one.view.hash)).size).toBe(5);
    await waitFor(() => expect(url.search.request).toBe(id(9)));
    expect(await screen.findByText(/5 approvals: 5 recorded/)).toBeVisible();
  });

  it("[F7] keeps the whole batch back for 10 s, and takes it back as a whole", async () => {
    const host = await hostWith(copies(4));
    const { url } = await openPane(host.client);
    await readSample();
    await user.keyboard("a");
    expect(await screen.findByText(/4 approvals of/)).toHaveTextContent("are not sent yet");
    await user.keyboard("u");
    await waitFor(() => expect(url.search.request).toBeDefined());
    expect(await button(/^Approve$/)).toBeVisible();
    expect(host.tokens).toHaveLength(0);
  });

  it("[ACP-S4] is not there for what cannot be undone", async () => {
    const host = await hostWith(copies(4, { consequence: "irreversible" }));
    await openPane(host.client);
    await button(/^Approve …$/);
    expect(screen.getByText("What cannot be undone is decided one by one.")).toBeVisible();
    await user.keyboard("b");
    expect(screen.queryByRole("article", { name: "Look-alikes" })).not.toBeInTheDocument();
  });

  it("[ACP-S4] says that more than ten wait", async () => {
    const host = await hostWith(copies(11));
    await openPane(host.client);
    expect(await screen.findByText(/More than 10 wait/)).toBeVisible();
  });

  it("[F4] leaves out what has to be read twice, and what does not pass its checks", async () => {
    chooseUndo("off");
    const flagged = { args: { from: "in/p\u0430y.csv", to: "out" }, row: row(7) };
    const host = await hostWith([...copies(4), flagged]);
    const broken = host.held[0];
    if (broken === undefined) throw new Error("a request is held");
    broken.detail = { ...broken.detail, canonicalArgs: broken.detail.canonicalArgs.replace("in/0", "in/9") };
    await openPane(host.client, { search: { request: id(1) } });
    await readSample();
    expect(screen.getByText(/2 more look alike and have to be read by themselves/)).toBeVisible();
    await user.keyboard("a");
    await waitFor(() => expect(host.tokens).toHaveLength(3));
    expect(host.tokens.map((token) => claimsOf(token).request.jti).sort()).toEqual([id(1), id(2), id(3)]);
  });

  it("rejects all with one reason, without the sample and at once", async () => {
    const host = await hostWith(copies(4, { reasonRequired: true }));
    await openPane(host.client);
    await button(/^Approve …$/);
    await user.keyboard("b");
    await button(/Reject 4/);
    await user.keyboard("r");
    await waitFor(() => expect(screen.getByRole("textbox", { name: /Reason/ })).toHaveFocus());
    await user.keyboard("wrong bucket{Control>}{Enter}{/Control}");
    await waitFor(() => expect(host.tokens).toHaveLength(4));
    expect(host.tokens.every((token) => claimsOf(token).outcome === "reject")).toBe(true);
    expect(claimsOf(host.tokens[0] ?? "")).toMatchObject({ reason: "wrong bucket" });
  });

  it("says which could not be recorded, and why", async () => {
    chooseUndo("off");
    const host = await hostWith(copies(4));
    const { client } = host;
    const decide = client.gate.decide.bind(client.gate);
    const gate = {
      ...client.gate,
      decide: (input: { token: string; node: string }) =>
        claimsOf(input.token).request.jti === id(2) ? Promise.reject(new Error("too late")) : decide(input),
    };
    await openPane({ ...client, gate } as unknown as typeof client); // a proxy's type, which no plain object has
    await readSample();
    await user.keyboard("a");
    expect(await screen.findByText(/4 approvals: 3 recorded, 1 not: too late/)).toBeVisible();
  });

  it("filters by consequence, agent and action, in the URL", async () => {
    const host = await hostWith([...copies(2), { row: { request: id(9), action: "send_mail" } }]);
    const { url } = await openPane(host.client);
    const list = await screen.findByRole("listbox", { name: "Requests" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(3));
    await user.selectOptions(screen.getByRole("combobox", { name: "Action" }), "send_mail");
    expect(url.search.action).toBe("send_mail");
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(1));
    await user.selectOptions(screen.getByRole("combobox", { name: "Action" }), "Any action");
    await user.selectOptions(screen.getByRole("combobox", { name: "Consequence" }), "reversible");
    expect(url.search).toMatchObject({ action: undefined, consequence: "reversible" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(2));
  });
});
