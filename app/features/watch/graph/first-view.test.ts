import { describe, expect, it } from "vitest";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import { at } from "../layout/layout-types.ts";
import { sweepLayout } from "../layout/sweep-layout.ts";
import { firstView, opensWhole, showAll, startOf } from "./first-view.ts";
import { contains, firstNode, nodeBox, nodesIn, visibleBox } from "./geometry.ts";
import { runGraphOf } from "./graph.fixture.ts";
import { formatViewport, parseViewport } from "./linked-viewport.ts";
import { frameOn, mapScale } from "./map-scale.ts";
import { layoutOptions } from "./node-size.ts";
import { taskGraph } from "./task-graph.ts";
import { layoutGraphOf, viewGraph } from "./view-graph.ts";

const size = { width: 1200, height: 700 };

function laidOut(tasks: number) {
  const run = runGraphOf(
    Array.from({ length: tasks }, (_, index) => ({ name: `t${index}`, action: "work", agent: 0 })),
    Array.from({ length: tasks - 10 }, (_, index): [number, number, number] => [index, index + 10, 0]),
  );
  const view = viewGraph(taskGraph(run), "off", new Set());
  return { view, layout: sweepLayout(layoutGraphOf(view, false), layoutOptions("down")) };
}

describe("the first view of a graph", () => {
  const { view, layout } = laidOut(1000);

  const nothing = { vp: undefined, tasks: [] };
  const statesWith = (given: Readonly<Record<number, TaskState>>): Uint8Array =>
    Uint8Array.from({ length: 1000 }, (_, task) => TASK_STATES.indexOf(given[task] ?? "planned"));

  it("begins where somebody is needed, large enough to read, with its neighbours around it", () => {
    const start = startOf(view.tasks, statesWith({ 500: "failed", 640: "waiting", 777: "waiting" }));
    expect(start).toBe(640);
    const seen = firstView(nothing, start)(view, layout, size);
    expect(seen.zoom).toBe(1);
    const box = nodeBox(layout, at(view.nodeOf, 640));
    expect(seen.y + (box.top + box.bottom) / 2).toBeCloseTo(size.height / 2);
    expect(nodesIn(layout, visibleBox(seen, size)).length).toBeGreaterThan(20);
  });

  it("begins at what is under way, and where nothing is at a root, without empty screen beyond it", () => {
    expect(startOf(view.tasks, statesWith({ 3: "done", 300: "running" }))).toBe(300);
    const start = startOf(view.tasks, statesWith({ 0: "planned", 1: "done" }));
    expect(start).toBe(0);
    expect(startOf({ tasks: 0, layer: new Int32Array(0) }, [])).toBe(-1);
    const seen = firstView(nothing, start)(view, layout, size);
    expect(contains(visibleBox(seen, size), nodeBox(layout, 0))).toBe(true);
    expect(seen.y).toBe(24);
  });

  it("is the whole graph where its names can be read", () => {
    const small = laidOut(12);
    expect(opensWhole(small.layout, size)).toBe(true);
    expect(opensWhole(layout, size)).toBe(false);
    expect(firstView(nothing, 3)(small.view, small.layout, size)).toEqual(showAll(small.view, small.layout, size));
  });

  it("is where the keys begin, unless the start of the graph is on screen", () => {
    const middle = firstView(nothing, 640)(view, layout, size);
    const begins = firstNode(layout, middle, size) ?? -1;
    expect(at(layout.layer, begins)).toBe(at(layout.layer, at(view.nodeOf, 640)));
    expect(contains(visibleBox(middle, size), nodeBox(layout, begins))).toBe(true);
    const start = firstNode(layout, showAll(view, layout, size), size) ?? -1;
    expect([at(layout.x, start), at(layout.y, start)]).toEqual([Math.min(...layout.x), Math.min(...layout.y)]);
  });

  it("has a map that shows all of a long chain, and where in it the screen is", () => {
    const chain = { width: 184, height: 40_000 };
    const scale = mapScale(chain, { width: 168, height: 120 });
    expect([scale.width, scale.height]).toEqual([28, 120]);
    const half = { x: 0, y: -0.75 * 20_000, zoom: 0.75 };
    const frame = frameOn(scale, half, size);
    expect(frame.top).toBeCloseTo(60);
    expect(frame.bottom - frame.top).toBeGreaterThanOrEqual(6);
    expect([frame.left, frame.right]).toEqual([0, 28]);
    const beyond = frameOn(scale, { ...half, y: -0.75 * 90_000 }, size);
    expect([beyond.top, beyond.bottom]).toEqual([114, 120]);
  });

  it("has the selected task in its middle, large enough to read", () => {
    const seen = firstView({ vp: undefined, tasks: [777] }, 0)(view, layout, size);
    expect(seen.zoom).toBe(1);
    const box = nodeBox(layout, at(view.nodeOf, 777));
    expect(seen.x + (box.left + box.right) / 2).toBeCloseTo(size.width / 2);
    expect(seen.y + (box.top + box.bottom) / 2).toBeCloseTo(size.height / 2);
  });

  it("has all selected tasks in it where that leaves them readable, otherwise the last one", () => {
    const near = firstView({ vp: undefined, tasks: [500, 501] }, 0)(view, layout, size);
    for (const task of [500, 501]) expect(contains(visibleBox(near, size), nodeBox(layout, task))).toBe(true);
    const far = firstView({ vp: undefined, tasks: [0, 999] }, 0)(view, layout, size);
    expect(far.zoom).toBe(1);
    expect(contains(visibleBox(far, size), nodeBox(layout, 999))).toBe(true);
  });

  it("stays whole where all of it can be read", () => {
    const small = laidOut(12);
    const seen = firstView({ vp: undefined, tasks: [3] }, 0)(small.view, small.layout, size);
    expect(seen).toEqual(showAll(small.view, small.layout, size));
  });

  it("is what the link says, unless there is nothing", () => {
    const there = firstView({ vp: "z0.5_300_2000", tasks: [777] }, 0)(view, layout, size);
    expect(there).toEqual({ x: 600 - 150, y: 350 - 1000, zoom: 0.5 });
    const nowhere = firstView({ vp: "z0.5_9000000_2000", tasks: [] }, 5)(view, layout, size);
    expect(nowhere).toEqual(firstView(nothing, 5)(view, layout, size));
  });
});

describe("a viewport in a link", () => {
  it("comes back, with the same middle on a screen of another size", () => {
    const text = formatViewport({ x: 450, y: -650, zoom: 0.5 }, size);
    expect(text).toBe("z0.5_300_2000");
    expect(parseViewport(text, { width: 400, height: 300 })).toEqual({ x: 50, y: -850, zoom: 0.5 });
  });

  it("is nothing when it cannot be meant", () => {
    for (const text of [undefined, "", "z", "z1_2", "z-1_0_0", "z1e9_0_0", "zNaN_0_0", "z1_0_0_0"])
      expect(parseViewport(text, size)).toBeNull();
    expect(parseViewport("z9_0_0", size)?.zoom).toBe(2);
  });
});
