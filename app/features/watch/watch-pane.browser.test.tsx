import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { grid, large, openPane, shownNames } from "./pane.fixture.tsx";
import { ALICE, claimsOf, DIGEST, fakeHost, WID } from "./watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

describe("the graph", () => {
  it("shows every task with its state in words and shape, picks one by click and walks by arrow keys", async () => {
    const url = await openPane(fakeHost());
    const merge = await screen.findByTitle("merge ‹U+202E›gnp.exe");
    await waitFor(() => expect(merge).toHaveTextContent("waiting"));
    expect(document.querySelectorAll(".react-flow__node")).toHaveLength(5);
    await waitFor(() => expect(document.querySelectorAll("path[data-kind]")).toHaveLength(6));
    expect(document.querySelectorAll('path[data-kind="inferred"]')).toHaveLength(1);
    await user.click(merge);
    expect(url.search).toMatchObject({ sel: "t4", detail: true });
    expect(await screen.findByText("waits for a human: rule approve-irreversible")).toBeVisible();
    (await screen.findByRole("application")).focus();
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(["t1", "t2", "t3"]).toContain(url.search.sel));
    await user.keyboard("{ArrowUp}");
    await waitFor(() => expect(url.search.sel).toBe("t0"));
    expect(screen.getByText(/^split, done, Agent 0$/)).toBeInTheDocument();
    await user.keyboard("{Escape}{Escape}");
    await waitFor(() => expect(url.search).toMatchObject({ sel: undefined, detail: undefined }));
  });

  it("fades what does not pass the search, and leads to the next hit", async () => {
    const url = await openPane(fakeHost());
    const split = await screen.findByTitle("split");
    await user.keyboard("/");
    await user.keyboard("sift 3");
    expect(await screen.findByText(/1 of 5 tasks/)).toBeVisible();
    await waitFor(() => expect(split.className).toContain("opacity-25"));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(url.search.sel).toBe("t3"));
  });

  it("draws alike tasks as one group, opens it on request", async () => {
    const url = await openPane(fakeHost(), { wid: WID, fold: "on" });
    await waitFor(() => expect(document.querySelectorAll(".react-flow__node")).toHaveLength(3));
    const group = document.querySelector<HTMLElement>("[data-group]");
    expect(group).toHaveTextContent("sift× 3");
    await user.dblClick(group as HTMLElement);
    await waitFor(() => expect(url.search.open).toBe("t1"));
    await waitFor(() => expect(document.querySelectorAll(".react-flow__node")).toHaveLength(5));
  });

  it("mounts only what is on screen of 10,000 tasks", async () => {
    await openPane(fakeHost(large(10_000)), { wid: WID, fold: "off" });
    await screen.findByRole("application", { name: /10,000 tasks/ });
    await waitFor(() => expect(document.querySelector(".react-flow")).not.toBeNull());
    await waitFor(() => expect(document.querySelector("canvas")?.width).toBeGreaterThan(0));
    expect(document.querySelectorAll(".react-flow__node").length).toBeLessThan(400);
  });
});

describe("the table", () => {
  it("has the same tasks, sorts by what needs somebody, and filters by state", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table" });
    await waitFor(async () => expect(await shownNames()).toHaveLength(5));
    await user.click(screen.getByRole("button", { name: "State" }));
    await waitFor(async () => expect((await shownNames())[0]).toBe("merge ‹U+202E›gnp.exe"));
    await user.click(screen.getByRole("button", { name: "1 failed" }));
    await waitFor(async () => expect(await shownNames()).toEqual(["sift 2"]));
    expect(url.search.state).toBe("failed");
  });

  it("selects one or many by keyboard and opens the details", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table" });
    (await grid()).focus();
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(url.search.sel).toBe("t0"));
    await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    await waitFor(() => expect(url.search.sel).toBe("t0-2"));
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("heading", { name: "3 tasks selected" })).toBeVisible();
    await user.keyboard("{Control>}a{/Control}");
    await waitFor(() => expect(url.search.sel).toBe("t0-4"));
  });

  it("holds 15,000 tasks with a few rows mounted, and a link carries a large selection", async () => {
    const url = await openPane(fakeHost(large(15_000)), { wid: WID, view: "table", fold: "off" });
    await waitFor(async () => expect(await grid()).toHaveAttribute("aria-rowcount", "15001"));
    expect(within(await grid()).getAllByRole("row").length).toBeLessThan(80);
    await user.click(screen.getByRole("checkbox", { name: "Select all shown tasks" }));
    await waitFor(() => expect(url.search.sel).toBe("t0-14999"));
    await user.fill(screen.getByRole("searchbox", { name: "Search tasks" }), "14999");
    await waitFor(async () => expect(await shownNames()).toEqual(["task 14999"]));
  });
});

describe("the re-enactment", () => {
  it("says what it is and plays: pause, one step, faster", async () => {
    const host = fakeHost();
    await openPane(host);
    expect(
      await screen.findByRole("button", { name: /RE-ENACTMENT of a WfCommons WfFormat recording, small.json/ }),
    ).toBeVisible();
    expect(await screen.findByRole("progressbar", { name: "Recorded time" })).toHaveAttribute(
      "aria-valuetext",
      expect.stringMatching(/ of 10 s$/),
    );
    await user.keyboard("p");
    await user.keyboard(".");
    await user.keyboard("]");
    await waitFor(() =>
      expect(host.played).toEqual([
        { wid: WID, paused: true },
        { wid: WID, step: true },
        { wid: WID, speed: 20 },
      ]),
    );
  });

  it("[OVR-24] stops the agent of a selected task with one click", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, view: "table", sel: "t3", detail: true });
    const stop = await screen.findByRole("button", { name: "Stop agent Agent 1" });
    await waitFor(() => expect(stop).toBeEnabled());
    await user.click(stop);
    expect(await screen.findByText("Agent 1: the stop holds")).toBeVisible();
    expect(claimsOf(host.signals[0] ?? "")).toMatchObject({
      action: "stop",
      level: "emergency",
      scope: { kind: "agent", id: `spiffe://console.local/agent/${WID}/agent-1` },
    });
  });

  it("[S4] offers a new start of a stopped run only when no stop is in force", async () => {
    const host = fakeHost({ workflow: { status: "stopped" } });
    await openPane(host);
    expect(await screen.findByRole("button", { name: "Start again under a new policy" })).toBeVisible();
    expect(screen.queryByRole("toolbar", { name: "Playback" })).toBeNull();
  });
});

describe("loading and starting a run", () => {
  const pasted = JSON.stringify({
    name: "pasted run",
    schemaVersion: "1.5",
    workflow: {
      specification: {
        tasks: [
          { name: "sift_1", id: "a", parents: [], outputFiles: ["x"] },
          { name: "merge_1", id: "b", parents: ["a"], outputFiles: ["y"] },
        ],
      },
      execution: {
        makespanInSeconds: 2,
        tasks: [
          { id: "a", runtimeInSeconds: 1 },
          { id: "b", runtimeInSeconds: 1 },
        ],
      },
    },
  });

  async function paste(text: string): Promise<void> {
    await user.click(await screen.findByRole("button", { name: "Paste text" }));
    await user.fill(screen.getByRole("textbox", { name: "The recording, as JSON or JSON lines" }), text);
    await user.click(screen.getByRole("button", { name: "Read it" }));
  }

  it("[COM-11] reads pasted text, previews it, and starts under a policy bound to the run by signed tokens", async () => {
    const host = fakeHost();
    host.workflows = [];
    const url = await openPane(host, {});
    await paste(pasted);
    expect(await screen.findByRole("heading", { name: "pasted run" })).toBeVisible();
    expect(screen.getByText(/1 remark of the import/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Go on to the policy" }));
    await waitFor(() => expect(url.search.run).toBe(DIGEST));
    expect(host.runs[0]?.name).toBe("pasted run");
    const start = await screen.findByRole("button", { name: "Sign the policy and start" });
    await waitFor(() => expect(start).toBeEnabled());
    await user.click(start);
    await waitFor(() => expect(url.search).toMatchObject({ wid: WID, run: undefined }));
    const [tokens] = host.started;
    const acp = claimsOf(tokens?.acp ?? "");
    const digest = await crypto.subtle.digest("SHA-256", utf8(tokens?.acp ?? ""));
    expect(acp).toMatchObject({ iss: ALICE, sub: ALICE, acp_ver: 1 });
    expect(claimsOf(tokens?.start ?? "")).toMatchObject({
      iss: ALICE,
      exec_act: "run_start",
      wid: acp.wid,
      ect_ext: {
        obj_typ: "recorded-run+json",
        obj_hash: DIGEST,
        "org.signalbox.acp": { jti: acp.jti, hash: toBase64url(new Uint8Array(digest)) },
      },
    });
  });

  it("names the file, the place and what was expected when a file is no recording", async () => {
    const host = fakeHost();
    host.workflows = [];
    await openPane(host, {});
    await paste('{"workflow": {"spec');
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("pasted text could not be read as a recorded run");
    expect(alert).toHaveTextContent("line 1, column 20");
    expect(alert).toHaveTextContent("Expected: one JSON document");
    expect(host.runs).toHaveLength(0);
  });
});
