import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { openPane } from "./pane.fixture.tsx";
import { type FakeHost, fakeHost, WID } from "./watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

const OTHER = "0195400c-0000-4000-8000-0000000000a2";

function hostOfTwo(): FakeHost {
  const host = fakeHost();
  host.workflows = host.workflows.flatMap((workflow) => [
    workflow,
    { ...workflow, wid: OTHER, run: { ...workflow.run, name: "Another run" } },
  ]);
  return host;
}

describe("choosing a workflow", () => {
  it("leaves filters, selection, groups and viewport of the other one behind", async () => {
    const url = await openPane(hostOfTwo(), {
      wid: WID,
      view: "table",
      agent: "agent-1",
      action: "sift",
      q: "sift",
      state: "failed",
      sel: "t2",
      open: "t1",
      vp: "z1_0_0",
    });
    await screen.findByText(/1 of 5 tasks/);
    act(() => url.change?.({ wid: OTHER }));
    await waitFor(() => expect(JSON.parse(JSON.stringify(url.search))).toEqual({ wid: OTHER, view: "table" }));
    expect(screen.queryByText(/of 5 tasks/)).toBeNull();
  });

  it("shows the fleet when all workflows are asked for, even where there is one, and opens it from there", async () => {
    const url = await openPane(fakeHost(), {});
    await waitFor(() => expect(url.search.wid).toBe(WID));
    await screen.findByRole("application");
    act(() => url.change?.({ wid: undefined }));
    expect(await screen.findByRole("heading", { name: /^1 workflow, 1 task waits for a human/ })).toBeVisible();
    expect(url.search).toMatchObject({ wid: undefined, all: true });
    await user.click(screen.getByRole("button", { name: "Open A small run" }));
    expect(await screen.findByRole("application")).toBeVisible();
    expect(url.search).toMatchObject({ wid: WID, all: undefined });
  });
});

describe("the age of what is shown", () => {
  it("stands beside the counts of the tasks and above the list of workflows", async () => {
    const url = await openPane(hostOfTwo(), { wid: WID });
    expect(await screen.findByText(/^log at 9, read/)).toBeVisible();
    act(() => url.change?.({ wid: undefined }));
    await screen.findByRole("heading", { name: /^2 workflows/ });
    expect(screen.getByText(/^log at 9, read/)).toBeVisible();
  });

  it("[L1] is said aloud when the list of workflows could not be read again", async () => {
    const host = hostOfTwo();
    const url = await openPane(host, { all: true });
    await screen.findByRole("heading", { name: /^2 workflows/ });
    expect(screen.queryByText(/^Not current/)).toBeNull();
    host.down = true;
    await url.refetch();
    expect(await screen.findByText(/^Not current/)).toBeVisible();
    expect(screen.getByRole("heading", { name: /^2 workflows/ })).toBeVisible();
  });

  it("[L1] is said once where the list and the states of a workflow are both old", async () => {
    const host = fakeHost();
    const url = await openPane(host);
    await screen.findByRole("application");
    host.down = true;
    await url.refetch();
    expect(await screen.findAllByText(/^Not current/)).toHaveLength(1);
  });
});
