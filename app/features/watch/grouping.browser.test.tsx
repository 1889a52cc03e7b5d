import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { page, userEvent as user } from "vitest/browser";
import type { RunGraph } from "../../api/contract/workflow.ts";
import { runGraphOf } from "./graph/graph.fixture.ts";
import { grid, openPane, shownNames } from "./pane.fixture.tsx";
import { fakeHost, WID } from "./watch.fixture.tsx";

beforeEach(() => page.viewport(1280, 800));
afterEach(cleanup);

/** A root with 30 groups of three below it. */
function manyGroups(): RunGraph {
  const groups = Array.from({ length: 30 }, (_, group) => group);
  return runGraphOf(
    [
      { name: "root", action: "root", agent: 0 },
      ...groups.flatMap((group) =>
        [0, 1, 2].map((index) => ({ name: `g${group} ${index}`, action: `work_${group}`, agent: 0 })),
      ),
    ],
    groups.flatMap((group) => [1, 2, 3].map((index): [number, number, number] => [0, group * 3 + index, 0])),
  );
}

const nodes = (): number => document.querySelectorAll(".react-flow__node").length;

describe("groups in the graph", () => {
  it("are closed one by one, from a node or with the key c", async () => {
    const url = await openPane(fakeHost(), { wid: WID, fold: "on", open: "t1" });
    await waitFor(() => expect(nodes()).toBe(5));
    const [close] = screen.getAllByRole("button", { name: "Close the group of sift" });
    await user.click(close as HTMLElement);
    await waitFor(() => expect(url.search.open).toBeUndefined());
    await waitFor(() => expect(nodes()).toBe(3));
    expect(url.search.sel).toBeUndefined();
    await user.dblClick(document.querySelector("[data-group]") as HTMLElement);
    await waitFor(() => expect(nodes()).toBe(5));
    await user.keyboard("c");
    await waitFor(() => expect(url.search.open).toBeUndefined());
  });

  it("stay open beyond twenty, each until it is closed", async () => {
    const run = manyGroups();
    const open = Array.from({ length: 25 }, (_, group) => 1 + group * 3);
    const states = run.ids.map(() => "planned" as const);
    const url = await openPane(fakeHost({ run, states }), {
      wid: WID,
      fold: "on",
      open: `t${open.join(".")}`,
      sel: "t79",
    });
    await waitFor(() => expect(screen.getByRole("button", { name: "Close 25 groups" })).toBeVisible());
    await waitFor(() => expect(nodes()).toBe(81));
    screen.getByRole("application").focus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("button", { name: "Close 26 groups" })).toBeVisible();
    expect(url.search.open?.startsWith("t1.4.7")).toBe(true);
  });
});

describe("keys in the graph", () => {
  it("move on without selecting, and take tasks into the selection and out of it", async () => {
    const url = await openPane(fakeHost(), { wid: WID, sel: "t0" });
    await screen.findByTitle("split");
    (await screen.findByRole("application")).focus();
    await user.keyboard("{Control>}{ArrowDown}{/Control}");
    expect(await screen.findByText(/^sift \d, \w+, Agent 1, not selected$/)).toBeInTheDocument();
    expect(url.search.sel).toBe("t0");
    await user.keyboard(" ");
    await waitFor(() => expect(url.search.sel).toMatch(/^t0[.-][123]$/));
    await user.keyboard(" ");
    await waitFor(() => expect(url.search.sel).toBe("t0"));
    await user.keyboard("{Control>}a{/Control}");
    await waitFor(() => expect(url.search.sel).toBe("t0-4"));
  });

  it("select all that pass the filter", async () => {
    const url = await openPane(fakeHost(), { wid: WID, q: "sift" });
    await screen.findByTitle("split");
    (await screen.findByRole("application")).focus();
    await user.keyboard("{Control>}a{/Control}");
    await waitFor(() => expect(url.search.sel).toBe("t1-3"));
  });

  it("zoom", async () => {
    await openPane(fakeHost());
    const split = await screen.findByTitle("split");
    const width = (): number => split.getBoundingClientRect().width;
    const life = width();
    (await screen.findByRole("application")).focus();
    await user.keyboard("+");
    await waitFor(() => expect(width()).toBeCloseTo(life * 1.4, 0));
    await user.keyboard("--");
    await waitFor(() => expect(width()).toBeCloseTo(life / 1.4, 0));
    await user.keyboard("0");
    await waitFor(() => expect(width()).toBeCloseTo(life, 0));
  });
});

describe("groups in the table", () => {
  it("are the graph's, open and close, and stand for their tasks", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table", fold: "on" });
    await waitFor(async () => expect(await shownNames()).toEqual(["split", "sift× 3", "merge ‹U+202E›gnp.exe"]));
    await user.click(screen.getByRole("checkbox", { name: "Select the group sift" }));
    await waitFor(() => expect(url.search.sel).toBe("t1-3"));
    await user.click(screen.getByRole("button", { name: "Open the group sift" }));
    await waitFor(() => expect(url.search.open).toBe("t1"));
    await waitFor(async () => expect(await shownNames()).toHaveLength(6));
    expect(url.search.detail).toBeUndefined();
    await user.click(screen.getByRole("button", { name: "Close the group sift" }));
    await waitFor(async () => expect(await shownNames()).toHaveLength(3));
  });

  it("say of how many tasks they are, when some do not pass", async () => {
    await openPane(fakeHost(), { wid: WID, view: "table", fold: "on", state: "failed" });
    await waitFor(async () => expect(await shownNames()).toEqual(["sift× 1 of 3"]));
  });

  it("open and close by arrow keys, which go on row by row", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table", fold: "on" });
    (await grid()).focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    await waitFor(() => expect(url.search.sel).toBe("t1-3"));
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(url.search.open).toBe("t1"));
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(url.search.sel).toBe("t1"));
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(url.search.sel).toBe("t2"));
    await user.keyboard("{ArrowLeft}{ArrowLeft}");
    await waitFor(() => expect(url.search.open).toBeUndefined());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(url.search.open).toBe("t1"));
  });

  it("and agents are chosen at the top, as in the graph", async () => {
    const url = await openPane(fakeHost(), { wid: WID, view: "table" });
    await user.click(await screen.findByRole("button", { name: "By agent" }));
    await waitFor(async () =>
      expect(await shownNames()).toEqual([
        "Agent 0× 2",
        "split",
        "merge ‹U+202E›gnp.exe",
        "Agent 1× 3",
        "sift 1",
        "sift 2",
        "sift 3",
      ]),
    );
    await user.click(screen.getByRole("button", { name: "Close the tasks of Agent 1" }));
    await waitFor(() => expect(url.search.shut).toBe("t1"));
    await waitFor(async () => expect(await shownNames()).toHaveLength(4));
    await user.click(screen.getByRole("button", { name: "Group" }));
    expect(url.search.fold).toBe("on");
    expect(screen.queryByRole("radiogroup", { name: "Direction" })).toBeNull();
  });

  it("stand beside predecessors and successors, with what was only inferred", async () => {
    await openPane(fakeHost(), { wid: WID, view: "table" });
    const merge = (await screen.findByText("merge ‹U+202E›gnp.exe")).closest<HTMLElement>("[role=row]");
    const cells = within(merge as HTMLElement).getAllByRole("gridcell");
    expect(cells[9]).toHaveTextContent("1 inf. 3");
    expect(cells[10]).toHaveTextContent("0");
    expect(within(cells[9] as HTMLElement).getByTitle("1 of them inferred from the recording")).toBeVisible();
  });
});
