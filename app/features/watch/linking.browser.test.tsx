import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { TASK_STATES } from "../../api/contract/task-state.ts";
import { grid, large, openPane, shownNames } from "./pane.fixture.tsx";
import { fakeHost, WID } from "./watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

/** How React Flow lies on the screen. */
const placed = (): string => document.querySelector<HTMLElement>(".react-flow__viewport")?.style.transform ?? "";
const isOnScreen = (element: Element): boolean => {
  const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
  const box = element.getBoundingClientRect();
  if (frame === undefined) return false;
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
};

describe("a link", () => {
  it("with a selection shows the selected task, large enough to read", async () => {
    await openPane(fakeHost(large(2000)), { wid: WID, fold: "off", sel: "t1234" });
    const node = await screen.findByTitle("task 1234");
    await waitFor(() => expect(isOnScreen(node)).toBe(true));
    expect(placed()).toContain("scale(1)");
  });

  it("keeps where the graph is looked at, and leads there again", async () => {
    const host = fakeHost();
    const url = await openPane(host);
    const split = await screen.findByTitle("split");
    await user.click(screen.getByRole("button", { name: "Zoom in" }));
    await waitFor(() => expect(url.search.vp).toMatch(/^z1\.4_-?\d+_-?\d+$/));
    const before = split.getBoundingClientRect();
    const { search } = url;
    cleanup();
    await openPane(host, search);
    const again = (await screen.findByTitle("split")).getBoundingClientRect();
    expect(again.width).toBeCloseTo(before.width, 0);
    expect(Math.abs(again.left - before.left)).toBeLessThan(2);
    expect(Math.abs(again.top - before.top)).toBeLessThan(2);
  });

  it("forgets the place when the whole graph is shown again", async () => {
    const url = await openPane(fakeHost(), { wid: WID, vp: "z1.4_100_100" });
    await screen.findByTitle("split");
    expect(placed()).toContain("scale(1.4)");
    await user.keyboard("f");
    await waitFor(() => expect(url.search.vp).toBeUndefined());
    expect(placed()).toContain("scale(1)");
  });

  it("keeps the whole graph in view, where a selection alone would lead to what is selected", async () => {
    const url = await openPane(fakeHost(large(2000)), { wid: WID, fold: "off", sel: "t1234" });
    await screen.findByTitle("task 1234");
    await user.keyboard("f");
    await waitFor(() => expect(url.search.vp).toMatch(/^z0\.\d+_/));
    expect(url.search.sel).toBe("t1234");
  });

  it("that says nothing leads to the first task of a large graph that waits, and the whole of it is kept once asked for", async () => {
    const host = fakeHost(large(2000));
    const url = await openPane(host, { wid: WID, fold: "off" });
    const waiting = TASK_STATES.indexOf("waiting");
    await waitFor(() => expect(isOnScreen(screen.getByTitle(`task ${waiting}`))).toBe(true));
    expect(placed()).toContain("scale(1)");
    expect(screen.getByText(/^\d+ of 2,000 in view$/)).toBeVisible();
    expect(url.search.vp).toBeUndefined();
    await user.keyboard("f");
    await waitFor(() => expect(url.search.vp).toMatch(/^z0\.\d+_/));
    expect(screen.queryByText(/in view$/)).toBeNull();
    const { search } = url;
    cleanup();
    await openPane(host, search);
    const zoom = /^z([\d.]+)_/.exec(search.vp ?? "")?.[1];
    await waitFor(() => expect(placed()).toContain(`scale(${zoom})`));
  });

  it("to nothing but a large graph has a map, whose press moves the view", async () => {
    const url = await openPane(fakeHost(large(2000)), { wid: WID, fold: "off" });
    await screen.findByText(/of 2,000 in view$/);
    const before = placed();
    await user.click(screen.getByRole("group", { name: "Map of the graph" }));
    await waitFor(() => expect(placed()).not.toBe(before));
    expect(placed()).toContain("scale(1)");
    await waitFor(() => expect(url.search.vp).toMatch(/^z1_/));
  });

  it("brings a selection of thousands back", async () => {
    await openPane(fakeHost(large(15_000)), { wid: WID, view: "table", fold: "off", sel: "t5-9004" });
    await waitFor(async () => expect(await grid()).toBeVisible());
    expect(await screen.findByText("9,000 tasks · 4 agents")).toBeVisible();
  });

  it("that names no task that there is selects nothing", async () => {
    await openPane(fakeHost(), { wid: WID, view: "table", sel: "-1" });
    await waitFor(async () => expect(await shownNames()).toHaveLength(5));
    expect((await grid()).querySelector('[aria-selected="true"]')).toBeNull();
    expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
  });

  it("keeps the order of the table", async () => {
    const host = fakeHost();
    const url = await openPane(host, { wid: WID, view: "table" });
    await user.click(await screen.findByRole("button", { name: "Name" }));
    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(url.search.sort).toBe("-name"));
    const { search } = url;
    cleanup();
    await openPane(host, search);
    await waitFor(async () => expect((await shownNames())[0]).toBe("split"));
    expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
  });
});
