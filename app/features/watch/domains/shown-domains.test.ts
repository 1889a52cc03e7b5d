import { describe, expect, it } from "vitest";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import { borderContainment } from "../breakers/containment.ts";
import { spreadTags } from "../breakers/spread.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { laneOrder, viewGraph } from "../graph/view-graph.ts";
import type { Layout } from "../layout/layout-types.ts";
import { domainBoxes, domainNumbers, type ShownDomain } from "./shown-domains.ts";

/** A chain: 0 by agent 0, 1 by agent 1, 2 by agent 2, 3 by agent 2 again. */
const graph = taskGraph(
  runGraphOf(
    [0, 1, 2, 2].map((agent, task) => ({ name: `task ${task}`, action: "work", agent })),
    [
      [0, 1, 0],
      [1, 2, 0],
      [2, 3, 0],
    ],
  ),
);
const numbers = (states: readonly TaskState[]) => states.map((state) => TASK_STATES.indexOf(state));
const domain = (id: string, agents: readonly number[], leaf = true) => ({ id, agents, leaf }) as unknown as ShownDomain; // What is looked at here.

describe("failure domains on the graph", () => {
  it("[CAS-S2] number the agents by their leaf domain", () => {
    expect(domainNumbers([], 3)).toBeNull();
    const shown = [domain("all", [0, 1, 2], false), domain("ends", [0, 2])];
    expect([...(domainNumbers(shown, 3) ?? [])]).toEqual([1, -1, 1]);
  });

  it("[CAS-S2] put the lanes of their agents beside one another, and a box around them", () => {
    expect(laneOrder(graph).agents).toEqual([0, 1, 2]);
    const grouped = { ...graph, domainOf: Int32Array.from([0, -1, 0]) };
    expect(laneOrder(grouped).agents).toEqual([0, 2, 1]);
    const lanes = [0, 1, 2].map((lane) => ({ lane, start: 100 * lane, end: 100 * lane + 100 }));
    const layout = { lanes } as unknown as Layout; // Its lanes are all that is looked at.
    const boxes = domainBoxes([domain("ends", [0, 2]), domain("none", [])], grouped, layout);
    expect(boxes.map(({ domain: { id }, start, end }) => [id, start, end])).toEqual([["ends", 0, 200]]);
  });

  it("[CAS-28] hold what is handed in and out, and nothing that is handed on inside", () => {
    const planned = numbers(["done", "planned", "planned", "planned"]);
    expect(borderContainment(graph, planned, new Set([1]))).toEqual({
      held: [1, 2],
      behind: [1, 2, 3],
      agents: [1, 2],
    });
    expect(borderContainment(graph, planned, new Set([2])).held).toEqual([2]);
    expect(borderContainment(graph, planned, new Set([0, 1, 2])).held).toEqual([]);
  });
});

describe("how a cascade has spread", () => {
  it("[A6] marks the suspected root first, then the others in the order of joining, with the front", () => {
    const view = viewGraph(graph, "off", new Set());
    const cascade = {
      root: { agent: "0", task: null, index: 0, why: { withoutCause: true, failedAt: 1, descendants: 2 } },
      agents: ["1", "0", "2"],
      front: ["2"],
    };
    const states = numbers(["failed", "failed", "failed", "planned"]);
    expect(spreadTags(view, states, cascade, Number)).toEqual([
      { task: 1, words: "2" },
      { task: 2, words: "3 Spreads" },
      { task: 0, words: "1 First out, suspected" },
    ]);
    const unknown = { ...cascade, root: { ...cascade.root, index: null } };
    expect(spreadTags(view, states, unknown, Number)).toHaveLength(2);
  });
});
