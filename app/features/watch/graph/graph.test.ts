import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { at } from "../layout/layout-types.ts";
import { sweepLayout } from "../layout/sweep-layout.ts";
import { runGraphOf } from "./graph.fixture.ts";
import { groupTasks } from "./groups.ts";
import { taskGraph } from "./task-graph.ts";
import { laneOrder, layoutGraphOf, viewGraph } from "./view-graph.ts";
import { walk } from "./walk.ts";

const NONE = new Set<number>();

/** split -> 4 sift -> merge, and one odd task by another agent. */
const fan = (): RunGraph =>
  runGraphOf(
    [
      { name: "split", action: "split", agent: 0 },
      ...Array.from({ length: 4 }, (_, index) => ({ name: `sift ${index}`, action: "sift", agent: 1 })),
      { name: "merge", action: "merge", agent: 0 },
      { name: "odd", action: "sift", agent: 0 },
    ],
    [
      ...[1, 2, 3, 4].map((index): [number, number, number] => [0, index, 0]),
      ...[1, 2, 3, 4].map((index): [number, number, number] => [index, 5, 0]),
      [0, 6, 0],
      [6, 5, 1],
    ],
  );

describe("groups", () => {
  it("fold alike siblings and leave the rest, and open one by one", () => {
    const tasks = taskGraph(fan());
    const folded = viewGraph(tasks, "on", NONE);
    expect([folded.size, folded.groups]).toEqual([4, 1]);
    expect([...(folded.members.find((list) => list !== null) ?? [])]).toEqual([1, 2, 3, 4]);
    expect(folded.from).toHaveLength(4);
    const opened = viewGraph(tasks, "on", new Set([1]));
    expect([opened.size, opened.groups, opened.opened]).toEqual([7, 0, 1]);
    expect([...opened.openedFrom]).toEqual([-1, 1, 1, 1, 1, -1, -1]);
  });

  it("are made by themselves only above 1,000 tasks", () => {
    const tasks = taskGraph(fan());
    expect(viewGraph(tasks, "auto", NONE).size).toBe(7);
    const many = taskGraph(
      runGraphOf(
        Array.from({ length: 1200 }, (_, index) => ({ name: `s ${index}`, action: "s", agent: 0 })),
        Array.from({ length: 1199 }, (_, index): [number, number, number] => [index, 1199, 0]),
      ),
    );
    expect(viewGraph(many, "auto", NONE).size).toBe(2);
    expect(viewGraph(many, "off", NONE).size).toBe(1200);
  });

  it("fold parallel chains, which share no neighbour, layer by layer when there are too many", () => {
    const chains = 300;
    const run = runGraphOf(
      Array.from({ length: chains * 3 }, (_, index) => ({ name: `t${index}`, action: `step_${index % 3}`, agent: 0 })),
      Array.from({ length: chains }, (_, chain) => chain * 3).flatMap((first): [number, number, number][] => [
        [first, first + 1, 0],
        [first + 1, first + 2, 0],
      ]),
    );
    const view = viewGraph(taskGraph(run), "on", NONE);
    expect([view.size, view.from.length]).toEqual([3, 2]);
  });

  it("never make a circle, keep every task in exactly one node and stay within a layer", () => {
    const anyGraph = fc
      .integer({ min: 3, max: 40 })
      .chain((size) =>
        fc.tuple(
          fc.array(fc.tuple(fc.nat(2), fc.nat(1)), { minLength: size, maxLength: size }),
          fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 60 }),
        ),
      );
    fc.assert(
      fc.property(anyGraph, ([tasks, pairs]) => {
        const edges = pairs
          .filter(([a, b]) => a !== b)
          .map(([a, b]): [number, number, number] => [Math.min(a, b), Math.max(a, b), 0]);
        const graph = taskGraph(
          runGraphOf(
            tasks.map(([action, agent], index) => ({ name: `t${index}`, action: `a${action}`, agent })),
            edges,
          ),
        );
        const view = viewGraph(graph, "on", NONE);
        const layout = sweepLayout(layoutGraphOf(view, false), { direction: "down", nodeWidth: 10, nodeHeight: 10 });
        for (let e = 0; e < view.from.length; e += 1)
          expect(at(layout.y, at(view.from, e))).toBeLessThan(at(layout.y, at(view.to, e)));
        const shown = view.members.reduce((sum, list) => sum + (list === null ? 1 : list.length), 0);
        expect(shown).toBe(graph.tasks);
        for (const group of groupTasks(graph))
          expect(new Set([...group].map((task) => at(graph.layer, task))).size).toBe(1);
      }),
    );
  });
});

describe("edges", () => {
  it("stay inferred only where every edge they stand for is, and callers become edges of their own kind", () => {
    const view = viewGraph(taskGraph(fan()), "off", NONE);
    expect(view.kind.filter((kind) => kind === 1)).toHaveLength(1);
    const called = taskGraph({ ...fan(), caller: [-1, 0, 0, 0, 0, -1, 5] });
    expect([...called.kind].filter((kind) => kind === 2)).toHaveLength(1);
  });
});

describe("lanes", () => {
  it("come in the order in which agents first act", () => {
    const graph = taskGraph(fan());
    expect(laneOrder(graph).agents).toEqual([0, 1]);
    expect([...(layoutGraphOf(viewGraph(graph, "off", NONE), true).lane ?? [])]).toEqual([0, 1, 1, 1, 1, 0, 0]);
  });
});

describe("arrow keys", () => {
  it("walk along edges and among siblings", () => {
    const view = viewGraph(taskGraph(fan()), "off", NONE);
    const layout = sweepLayout(layoutGraphOf(view, false), { direction: "down", nodeWidth: 100, nodeHeight: 40 });
    const down = walk(view, layout, 0, "ArrowDown") ?? -1;
    expect(at(layout.layer, down)).toBe(1);
    expect(walk(view, layout, down, "ArrowUp")).toBe(0);
    const siblings = new Set([down]);
    for (let node: number | null = down; node !== null; node = walk(view, layout, node, "ArrowRight"))
      siblings.add(node);
    for (let node: number | null = down; node !== null; node = walk(view, layout, node, "ArrowLeft"))
      siblings.add(node);
    expect(siblings.size).toBe(5);
    expect(walk(view, layout, 0, "ArrowUp")).toBeNull();
    expect(walk(view, layout, 0, "ArrowLeft")).toBeNull();
  });
});
