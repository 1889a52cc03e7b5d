import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { grid, openPane } from "./pane.fixture.tsx";
import { claimsOf, fakeHost, WID } from "./watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const bar = () => screen.findByRole("region", { name: "Selection" });

describe("several tasks", () => {
  it("[OVR-24] picked with Control in the graph can be stopped with one click, without opening the details", async () => {
    const host = fakeHost();
    const url = await openPane(host);
    await user.keyboard("{Control>}");
    await user.click(await screen.findByTitle("split"));
    await user.click(screen.getByTitle("sift 1"));
    await user.click(screen.getByTitle("sift 2"));
    await user.keyboard("{/Control}");
    await waitFor(() => expect(url.search.sel).toBe("t0-2"));
    expect(url.search.detail).toBeUndefined();
    const shown = await bar();
    expect(shown).toHaveTextContent("3 tasks · 2 agents");
    await user.click(within(shown).getByRole("button", { name: "Stop these 2 agents" }));
    await waitFor(() => expect(host.signals).toHaveLength(2));
    expect(host.signals.map((token) => claimsOf(token).scope)).toEqual(
      [0, 1].map((index) => ({ kind: "agent", id: `spiffe://console.local/agent/${WID}/agent-${index}` })),
    );
    expect(await within(shown).findByText("Agent 0: the stop holds")).toBeVisible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("region", { name: "Selection" })).toBeNull());
    expect(url.search.sel).toBeUndefined();
  });

  it("picked by the boxes of the table have the same bar, which gives way to the details", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table" });
    await user.click(await screen.findByRole("checkbox", { name: "Select sift 1" }));
    await user.click(screen.getByRole("checkbox", { name: "Select sift 3" }));
    const shown = await bar();
    expect(shown).toHaveTextContent("2 tasks · 1 agent");
    await user.click(within(shown).getByRole("button", { name: "Details" }));
    expect(await screen.findByRole("heading", { name: "2 tasks selected" })).toBeVisible();
    expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
    await user.keyboard("{Escape}");
    await user.click(within(await bar()).getByRole("button", { name: /Clear/ }));
    await waitFor(() => expect(url.search.sel).toBeUndefined());
    expect(await grid()).toHaveFocus();
  });

  it("are picked by press alone while several are asked for, in graph and table", async () => {
    const url = await openPane(fakeHost());
    const split = await screen.findByTitle("split");
    await user.click(screen.getByRole("button", { name: "Select several" }));
    await user.click(split);
    await user.click(screen.getByTitle("sift 2"));
    await waitFor(() => expect(url.search.sel).toBe("t0.2"));
    await user.click(split);
    await waitFor(() => expect(url.search.sel).toBe("t2"));
    await user.click(screen.getByRole("radio", { name: "Table" }));
    await user.click(within(await grid()).getByText("sift 3"));
    await waitFor(() => expect(url.search.sel).toBe("t2-3"));
    expect(url.search.detail).toBeUndefined();
  });

  it("that a link could not carry are said to be lost", async () => {
    const url = await openPane(fakeHost(), { wid: WID, sel: "+5000" });
    expect(await bar()).toHaveTextContent("5,000 tasks were selected, too scattered for a link to carry.");
    await user.click(within(await bar()).getByRole("button", { name: /Clear/ }));
    await waitFor(() => expect(url.search.sel).toBeUndefined());
  });
});

describe("keys in the table", () => {
  it("belong to a checkbox or a sort button that has the focus", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table", sel: "t0" });
    (await screen.findByRole("checkbox", { name: "Select sift 2" })).focus();
    await user.keyboard(" ");
    await waitFor(() => expect(url.search.sel).toBe("t0.2"));
    screen.getByRole("button", { name: "Name" }).focus();
    await user.keyboard("{Enter}");
    await waitFor(() =>
      expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending"),
    );
    await user.keyboard(" ");
    await waitFor(() =>
      expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending"),
    );
    expect(url.search).toMatchObject({ sel: "t0.2" });
    expect(url.search.detail).toBeUndefined();
  });
});
