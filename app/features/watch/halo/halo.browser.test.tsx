import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import { overridePreview, previewOverride } from "../../../operator/override-preview.ts";
import { openPane } from "../pane.fixture.tsx";
import { agentId, type FakeHost, fakeHost, WID } from "../watch.fixture.tsx";

beforeEach(async () => {
  await page.viewport(1280, 900);
  // The pointer lies where the test before left it, maybe on what this one shows.
  await user.hover(document.documentElement, { position: { x: 0, y: 0 }, force: true });
});
afterEach(cleanup);

const halo = () => screen.findByRole("region", { name: "What it would touch" });
/** Words of the mark on a node that an override would touch; null where it has none. */
const markOf = (title: string): string | null =>
  screen.getByTitle(title).querySelector("[data-halo]")?.textContent ?? null;

/** A host that tells the policy: what agent 1 does cannot be undone. */
function withPolicy(host: FakeHost): FakeHost {
  const dag = {
    nodes: [
      { id: "n0", agent: agentId(0), actions: ["*"], consequence: "reversible" },
      { id: "n1", agent: agentId(1), actions: ["sift"], consequence: "irreversible" },
    ],
    edges: [],
  };
  const policy = { jti: WID, hash: "h", seq: 1, claims: { dag } };
  Object.assign(host.client.workflow, { get: async () => ({ policy }) });
  return host;
}

describe("the halo of an override", () => {
  it("[N2] [S9] [A9] lights what a stop of the selection touches on focus, by shape and word, with counts, before it is pressed", async () => {
    const host = withPolicy(fakeHost());
    await openPane(host, { wid: WID, sel: "t2" });
    const stop = await screen.findByRole("button", { name: "Stop agent Agent 1" });
    await screen.findByTitle("split");
    expect(screen.queryByRole("region", { name: "What it would touch" })).toBeNull();
    act(() => stop.focus());
    const shown = await halo();
    await waitFor(() =>
      expect(within(shown).getByRole("status")).toHaveTextContent(
        "It reaches 1 agent: 1 open task, 1 in flight; 1 is an action that cannot be undone.",
      ),
    );
    expect(shown).toHaveTextContent("Stop this agent");
    const row = within(shown).getByRole("rowheader", { name: "Agent 1" }).closest("tr");
    expect([...(row?.querySelectorAll("td") ?? [])].map((cell) => cell.textContent)).toEqual(["1", "1", "1"]);
    await waitFor(() => expect(markOf("sift 3")).toBe("in flight, cannot be undone"));
    expect(markOf("sift 1")).toBeNull();
    expect(markOf("split")).toBeNull();
    expect(host.signals).toEqual([]);
    act(() => stop.blur());
    await waitFor(() => expect(screen.queryByRole("region", { name: "What it would touch" })).toBeNull());
    await waitFor(() => expect(markOf("sift 3")).toBeNull());
  });

  it("[N2] follows the pointer, and lets the press go by at once", async () => {
    const host = fakeHost();
    await openPane(host, { wid: WID, sel: "t2" });
    const stop = await screen.findByRole("button", { name: "Stop agent Agent 1" });
    await user.hover(stop);
    expect(await halo()).toHaveTextContent("which of them cannot be undone is not known");
    await user.click(stop);
    await waitFor(() => expect(host.signals).toHaveLength(1));
    await user.hover(await screen.findByRole("button", { name: /^Clear/ }));
  });

  it("[S9] counts at least those it knows while the policies are not read, and all once they are", async () => {
    const host = withPolicy(fakeHost());
    const list = host.client.policy.list;
    let known: () => ReturnType<typeof list> = () => Promise.reject(new TypeError("gone"));
    Object.assign(host.client.policy, { list: () => known() });
    const { refetch } = await openPane(host, { wid: WID, sel: "t2" });
    const stop = await screen.findByRole("button", { name: "Stop agent Agent 1" });
    act(() => stop.focus());
    const shown = await halo();
    await waitFor(() => expect(within(shown).getByRole("status")).toHaveTextContent(/^It reaches at least 1 agent: /));
    expect(within(shown).getByRole("status")).toHaveTextContent("Whom they delegate to is not known.");
    // A list of before the start knows of no policy of this workflow.
    known = async () => ({ ...(await list()), policies: [] });
    await refetch();
    expect(within(shown).getByRole("status")).toHaveTextContent(/^It reaches at least 1 agent: /);
    known = list;
    await refetch();
    await waitFor(() => expect(within(shown).getByRole("status")).toHaveTextContent(/^It reaches 1 agent: /));
  });

  it("[N2] [S9] shows what a stop of everything reaches, here and elsewhere, whichever part of the page asks", async () => {
    await openPane(withPolicy(fakeHost()));
    await screen.findByTitle("split");
    let hide = (): void => undefined;
    act(() => {
      hide = previewOverride({
        words: "Stop everything",
        scopes: [{ kind: "domain", id: "console.local" }],
        forwarded: true,
      });
    });
    const shown = await halo();
    expect(shown).toHaveTextContent("It reaches 2 agents: 2 open tasks, 1 in flight");
    expect(await within(shown).findByText("In all of console.local: 4 agents in 2 workflows.")).toBeVisible();
    act(() => hide());
    expect(overridePreview.getState().shown).toBeNull();
  });
});
