import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { userEvent as user } from "vitest/browser";
import { CommandPalette } from "./command-palette.tsx";
import { overlays } from "./overlays.ts";
import { fakeHost, showShell } from "./shell.fixture.tsx";

const WID = "0195400c-0000-7000-8000-00000000000a";
const workflow = (status: string) => ({ wid: WID, run: { name: "nightly" }, status, startedAt: 1 });
const REQUEST = {
  request: "0195400c-0000-7000-8000-0000000000a1",
  action: "deploy",
  taskName: "roll out",
  runName: "n",
};

beforeEach(() => overlays.setState({ open: "palette" }));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const choose = async (name: RegExp): Promise<void> => user.click(await screen.findByRole("option", { name }));

describe("the command palette", { timeout: 60_000 }, () => {
  it("pauses, resumes and steps the re-enactment in view", async () => {
    let status = "running";
    const host = fakeHost({ workflows: async () => [workflow(status)] });
    showShell(host, <CommandPalette />);
    await screen.findByRole("option", { name: /Pause the re-enactment of nightly/ });
    status = "paused";
    await choose(/Pause the re-enactment of nightly/);
    await waitFor(() => expect(host.played).toEqual([{ wid: WID, paused: true }]));
    expect(await screen.findByText("Paused")).toBeVisible();
    await choose(/Resume the re-enactment of nightly/);
    await choose(/One step of the re-enactment of nightly/);
    await waitFor(() =>
      expect(host.played.slice(1)).toEqual([
        { wid: WID, paused: false },
        { wid: WID, step: true },
      ]),
    );
  });

  it("[XA-44] shows the console as of the newest entry, plays nothing there, and returns to now", async () => {
    const host = fakeHost({ workflows: async () => [workflow("running")] });
    const { here } = showShell(host, <CommandPalette />, `/watch?wid=${WID}`);
    await screen.findByRole("option", { name: /Pause the re-enactment of nightly/ });
    await choose(/Show the console as of an earlier entry/);
    await waitFor(() => expect(here().search).toEqual({ wid: WID, asof: 120 }));
    await waitFor(() => expect(screen.queryByRole("option", { name: /re-enactment of nightly/ })).toBeNull());
    await choose(/Go to Control/);
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/control", search: { wid: WID, asof: 120 } }));
    await choose(/Return to now/);
    await waitFor(() => expect(here().search).toEqual({ wid: WID }));
  });

  it("goes to what waits, to the verification of the log and to the stops in force", async () => {
    const stop = { jti: "s1", latched: true, scope: { kind: "domain", id: "console.local" } };
    const host = fakeHost({ requests: async () => [REQUEST], signals: async () => [stop] });
    const { here } = showShell(host, <CommandPalette />, `/watch?wid=${WID}`);
    await choose(/Decide: deploy · roll out/);
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/approvals", search: { request: REQUEST.request } }));
    await choose(/Verify the log/);
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/timeline", search: { verify: true } }));
    expect(await screen.findByRole("option", { name: /Stop everything: hold .*0.8 s/ })).toHaveTextContent(
      "in force: 1",
    );
    await choose(/In force: everything in console.local/);
    await waitFor(() => expect(here()).toMatchObject({ pathname: "/control", search: { signal: "s1" } }));
  });

  it("opens the loading of a run, and exports the log", async () => {
    const blobs: unknown[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      blobs.push(blob);
      return "blob:test";
    });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
    vi.stubGlobal("showSaveFilePicker", undefined);
    showShell(fakeHost(), <CommandPalette />);
    await choose(/Export the log to a file/);
    await waitFor(() => expect(blobs).toHaveLength(1));
    await choose(/Load a run/);
    expect(overlays.getState().open).toBe("load-run");
    vi.unstubAllGlobals();
  });

  it("never shows a list that failed or is on its way as an empty one", async () => {
    let fails = true;
    const host = fakeHost({
      workflows: () => new Promise(() => undefined),
      runs: async () => {
        if (fails) throw new Error("gone");
        return [{ digest: "d", name: "stored one", format: "otlp", tasks: 1 }];
      },
    });
    showShell(host, <CommandPalette />);
    expect((await screen.findAllByRole("option", { name: /Reading the workflows/ })).length).toBeGreaterThan(0);
    const failed = await screen.findByRole("option", { name: /Not read: the stored runs. Try again/ });
    await user.type(screen.getByRole("searchbox"), "zzz");
    expect(
      await screen.findByText(/Nothing by that name in what is read; not read: the workflows, the stored/),
    ).toBeVisible();
    await user.clear(screen.getByRole("searchbox"));
    fails = false;
    expect(failed).not.toBeNull();
    await choose(/Not read: the stored runs. Try again/);
    expect(await screen.findByRole("option", { name: /stored one/ })).toBeVisible();
    expect(overlays.getState().open).toBe("palette");
  });
});
