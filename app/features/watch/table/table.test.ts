import { describe, expect, it } from "vitest";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { viewGraph } from "../graph/view-graph.ts";
import { linksAfter, linksBefore } from "./links.ts";
import { actionOf, durationOf, needOf, recordedOf } from "./row-values.ts";
import { formatSort, parseSort } from "./sort.ts";
import { type TableRow, tableRows } from "./table-rows.ts";

/** split -> 3 sift -> merge, one of the last links inferred. */
const graph = taskGraph(
  runGraphOf(
    [
      { name: "split", action: "split", agent: 0 },
      ...[1, 2, 3].map((index) => ({ name: `sift ${index}`, action: "sift", agent: 1 })),
      { name: "merge", action: "merge", agent: 0 },
    ],
    [
      ...[1, 2, 3].map((to): [number, number, number] => [0, to, 0]),
      ...[1, 2, 3].map((from): [number, number, number] => [from, 4, from === 3 ? 1 : 0]),
    ],
  ),
);
const ALL = { matched: null, byAgent: false, shut: new Set<number>() };
const idsOf = (rows: readonly TableRow[]): unknown[] =>
  rows.map((row) => (row.rows.length === 0 ? row.id : [row.id, idsOf(row.rows)]));

describe("rows of the table", () => {
  it("have the groups that the graph has, closed and open", () => {
    const folded = tableRows(viewGraph(graph, "on", new Set()), ALL);
    expect(idsOf(folded)).toEqual(["t0", "g1", "t4"]);
    expect(folded[1]).toMatchObject({ kind: "group", tasks: [1, 2, 3], whole: 3, isOpen: false });
    expect(idsOf(tableRows(viewGraph(graph, "on", new Set([1])), ALL))).toEqual([
      "t0",
      ["g1", ["t1", "t2", "t3"]],
      "t4",
    ]);
    expect(idsOf(tableRows(viewGraph(graph, "off", new Set()), ALL))).toEqual(["t0", "t1", "t2", "t3", "t4"]);
  });

  it("leave out what does not pass, and say of how many that is", () => {
    const [group] = tableRows(viewGraph(graph, "on", new Set()), { ...ALL, matched: Uint8Array.of(0, 0, 1, 1, 0) });
    expect(group).toMatchObject({ id: "g1", tasks: [2, 3], whole: 3 });
  });

  it("stand below their agents when asked, which can be closed", () => {
    const view = viewGraph(graph, "on", new Set());
    expect(idsOf(tableRows(view, { ...ALL, byAgent: true }))).toEqual([
      ["a0", ["t0", "t4"]],
      ["a1", ["g1"]],
    ]);
    const shut = tableRows(view, { ...ALL, byAgent: true, shut: new Set([1]) });
    expect(shut[1]).toMatchObject({ id: "a1", tasks: [1, 2, 3], isOpen: false, rows: [] });
  });

  it("come to what their tasks come to together", () => {
    const [, group] = tableRows(viewGraph(graph, "on", new Set()), ALL);
    if (group === undefined) throw new Error("there is a group");
    const failed = { ...graph, run: { ...graph.run, recorded: graph.run.recorded.with(2, "failure") } };
    expect(recordedOf(failed, group)).toEqual({ result: "failure", count: 1 });
    expect(durationOf(graph, group)).toBe(3000);
    expect(actionOf(graph, group)).toBe("sift");
    const states = Uint8Array.of(0, 0, 2, 0, 0);
    expect(needOf(states, group)).toBeLessThan(needOf(new Uint8Array(5), group));
  });
});

describe("predecessors and successors", () => {
  it("are counted, those that were only inferred apart", () => {
    expect(linksBefore(graph, [4])).toEqual({ count: 3, inferred: 1 });
    expect(linksAfter(graph, [0])).toEqual({ count: 3, inferred: 0 });
    expect(linksAfter(graph, [3])).toEqual({ count: 1, inferred: 1 });
  });

  it("of a group are the tasks around it, each once", () => {
    expect(linksBefore(graph, [1, 2, 3])).toEqual({ count: 1, inferred: 0 });
    expect(linksAfter(graph, [1, 2, 3])).toEqual({ count: 1, inferred: 0 });
    expect(linksBefore(graph, [0, 1, 2, 3, 4])).toEqual({ count: 0, inferred: 0 });
  });

  it("do not count who called a task", () => {
    const called = taskGraph({ ...graph.run, edges: [], caller: [-1, 0, 0, 0, -1] });
    expect(linksBefore(called, [1])).toEqual({ count: 0, inferred: 0 });
  });
});

describe("the order in a link", () => {
  it("comes back as it was, without columns that are not there", () => {
    const sorting = [
      { id: "state", desc: false },
      { id: "name", desc: true },
    ];
    expect(formatSort(sorting)).toBe("state_-name");
    expect(parseSort("state_-name", ["state", "name"])).toEqual(sorting);
    expect(parseSort("state_-name_x_state", ["name"])).toEqual([{ id: "name", desc: true }]);
    expect([formatSort([]), parseSort(undefined, ["name"])]).toEqual([undefined, []]);
  });
});
