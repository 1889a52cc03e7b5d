import { describe, expect, it } from "vitest";
import { at } from "../layout/layout-types.ts";
import { sweepLayout } from "../layout/sweep-layout.ts";
import { firstView, showAll } from "./first-view.ts";
import { contains, layoutOptions, nodeBox, visibleBox } from "./geometry.ts";
import { runGraphOf } from "./graph.fixture.ts";
import { formatViewport, parseViewport } from "./linked-viewport.ts";
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

  it("is the whole graph when the link says nothing", () => {
    expect(firstView({ vp: undefined, tasks: [] })(view, layout, size)).toEqual(showAll(view, layout, size));
  });

  it("has the selected task in its middle, large enough to read", () => {
    const seen = firstView({ vp: undefined, tasks: [777] })(view, layout, size);
    expect(seen.zoom).toBe(1);
    const box = nodeBox(layout, at(view.nodeOf, 777));
    expect(seen.x + (box.left + box.right) / 2).toBeCloseTo(size.width / 2);
    expect(seen.y + (box.top + box.bottom) / 2).toBeCloseTo(size.height / 2);
  });

  it("has all selected tasks in it where that leaves them readable, otherwise the last one", () => {
    const near = firstView({ vp: undefined, tasks: [500, 501] })(view, layout, size);
    for (const task of [500, 501]) expect(contains(visibleBox(near, size), nodeBox(layout, task))).toBe(true);
    const far = firstView({ vp: undefined, tasks: [0, 999] })(view, layout, size);
    expect(far.zoom).toBe(1);
    expect(contains(visibleBox(far, size), nodeBox(layout, 999))).toBe(true);
  });

  it("stays whole where all of it can be read", () => {
    const small = laidOut(12);
    const seen = firstView({ vp: undefined, tasks: [3] })(small.view, small.layout, size);
    expect(seen).toEqual(showAll(small.view, small.layout, size));
  });

  it("is what the link says, unless there is nothing", () => {
    const there = firstView({ vp: "z0.5_300_2000", tasks: [777] })(view, layout, size);
    expect(there).toEqual({ x: 600 - 150, y: 350 - 1000, zoom: 0.5 });
    const nowhere = firstView({ vp: "z0.5_9000000_2000", tasks: [] })(view, layout, size);
    expect(nowhere).toEqual(showAll(view, layout, size));
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
