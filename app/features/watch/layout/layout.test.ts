import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layeredGraph } from "./layered.ts";
import { assignLayers } from "./layers.ts";
import { at, type Layout, type LayoutGraph, type LayoutOptions } from "./layout-types.ts";
import { countCrossings, sweepOrder } from "./order.ts";
import { isotonic } from "./place.ts";
import { refineLayout } from "./refine.ts";
import { sweepLayout } from "./sweep-layout.ts";

const DOWN: LayoutOptions = { direction: "down", nodeWidth: 184, nodeHeight: 44 };
const RIGHT: LayoutOptions = { ...DOWN, direction: "right" };

function graphOf(nodes: number, edges: readonly (readonly [number, number])[], lane?: readonly number[]): LayoutGraph {
  return {
    nodes,
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
    lane: lane === undefined ? null : Int32Array.from(lane),
  };
}

/** Edges run from a lower to a higher number, so the graph has no circle. */
const acyclic = fc.integer({ min: 2, max: 60 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    edges: fc.uniqueArray(
      fc
        .tuple(fc.nat(nodes - 1), fc.nat(nodes - 1))
        .filter(([a, b]) => a !== b)
        .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
      { maxLength: 150, selector: ([a, b]) => a * 1000 + b },
    ),
    lanes: fc.option(fc.array(fc.nat(4), { minLength: nodes, maxLength: nodes }), { nil: undefined }),
  }),
);

function overlaps(layout: Layout, options: LayoutOptions): number {
  let found = 0;
  for (let a = 0; a < layout.x.length; a += 1)
    for (let b = a + 1; b < layout.x.length; b += 1)
      if (
        Math.abs(at(layout.x, a) - at(layout.x, b)) < options.nodeWidth &&
        Math.abs(at(layout.y, a) - at(layout.y, b)) < options.nodeHeight
      )
        found += 1;
  return found;
}

/** A run like the big recordings: branches of a fan-out, chains and a fan-in, with some long edges. */
function bigGraph(nodes: number): LayoutGraph {
  const edges: [number, number][] = [];
  const width = Math.ceil(nodes / 8);
  for (let n = width; n < nodes; n += 1) {
    edges.push([n - width, n]);
    edges.push([Math.floor((n - width) / 7) * 7, n]);
    if (n % 11 === 0 && n >= 3 * width) edges.push([n - 3 * width + (n % 5), n]);
  }
  return graphOf(nodes, [...new Map(edges.map((edge) => [edge.join(), edge])).values()]);
}

describe("layered sweep layout", () => {
  it.each([
    ["down", DOWN],
    ["right", RIGHT],
  ])("%s: no two nodes overlap and every edge goes forward, with and without lanes", (_name, options) => {
    fc.assert(
      fc.property(acyclic, ({ nodes, edges, lanes }) => {
        const layout = sweepLayout(graphOf(nodes, edges, lanes), options);
        expect(overlaps(layout, options)).toBe(0);
        for (const [from, to] of edges) {
          const [main, size] =
            options.direction === "down" ? [layout.y, options.nodeHeight] : [layout.x, options.nodeWidth];
          expect(at(main, to) - at(main, from)).toBeGreaterThan(size);
        }
        expect(Math.min(...layout.x, ...layout.y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...layout.x) + options.nodeWidth).toBeLessThanOrEqual(layout.width);
        expect(Math.max(...layout.y) + options.nodeHeight).toBeLessThanOrEqual(layout.height);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps every node inside the lane of its agent", () => {
    fc.assert(
      fc.property(acyclic, ({ nodes, edges }) => {
        const lane = Array.from({ length: nodes }, (_, index) => index % 3);
        const layout = sweepLayout(graphOf(nodes, edges, lane), DOWN);
        for (let n = 0; n < nodes; n += 1) {
          const band = layout.lanes[lane[n] as number];
          if (band === undefined) continue;
          expect(at(layout.x, n)).toBeGreaterThanOrEqual(band.start);
          expect(at(layout.x, n) + DOWN.nodeWidth).toBeLessThanOrEqual(band.end);
        }
      }),
      { numRuns: 80 },
    );
  });

  it("untangles two crossed chains and aligns a chain in one column", () => {
    const crossed = graphOf(4, [
      [0, 3],
      [1, 2],
    ]);
    expect(sweepLayout(crossed, DOWN).crossings).toBe(0);
    const chain = sweepLayout(
      graphOf(3, [
        [0, 1],
        [1, 2],
      ]),
      DOWN,
    );
    expect(new Set(chain.x).size).toBe(1);
  });

  it("folds a layer of a thousand siblings into a block that a screen can show", () => {
    const edges = Array.from({ length: 1000 }, (_, index): [number, number] => [index, 1000]);
    const layout = sweepLayout(graphOf(1001, edges), DOWN);
    expect(layout.width / layout.height).toBeLessThan(2.5);
    expect(layout.width / layout.height).toBeGreaterThan(0.7);
  });

  it("leads a long edge around the layers between", () => {
    const layout = sweepLayout(
      graphOf(4, [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 3],
      ]),
      DOWN,
    );
    const points = at(layout.bendStart, 4) - at(layout.bendStart, 3);
    expect(points).toBe(4);
    for (let i = at(layout.bendStart, 3); i < at(layout.bendStart, 4); i += 1)
      expect(Math.abs(at(layout.bends, 2 * i) - (at(layout.x, 1) + DOWN.nodeWidth / 2))).toBeGreaterThan(
        DOWN.nodeWidth / 2,
      );
  });

  it("lays out 1,000 nodes in well under the deadline and 10,000 in less than a second", () => {
    sweepLayout(bigGraph(1000), DOWN);
    const took = (nodes: number): number => {
      const graph = bigGraph(nodes);
      const from = performance.now();
      sweepLayout(graph, DOWN);
      return performance.now() - from;
    };
    expect(took(1000)).toBeLessThan(300);
    expect(took(10_000)).toBeLessThan(2000);
  });

  it("survives a circle", () => {
    const layers = assignLayers(3, [0, 1, 2], [1, 2, 1]);
    expect(layers).toHaveLength(3);
    expect(
      sweepLayout(
        graphOf(3, [
          [0, 1],
          [1, 2],
          [2, 1],
        ]),
        DOWN,
      ).x,
    ).toHaveLength(3);
  });
});

describe("counting crossings", () => {
  it("agrees with comparing every pair of edges", () => {
    fc.assert(
      fc.property(acyclic, ({ nodes, edges }) => {
        const layered = layeredGraph(graphOf(nodes, edges));
        const { order, crossings } = sweepOrder(layered);
        const place = new Map(order.flatMap((layer) => [...layer].map((node, index) => [node, index] as const)));
        const segments: [number, number, number][] = [];
        for (let n = 0; n < layered.total; n += 1)
          for (let k = at(layered.down.start, n); k < at(layered.down.start, n + 1); k += 1)
            segments.push([at(layered.layer, n), place.get(n) ?? 0, place.get(at(layered.down.list, k)) ?? 0]);
        let naive = 0;
        for (let a = 0; a < segments.length; a += 1)
          for (let b = a + 1; b < segments.length; b += 1) {
            const [layerA, upA, downA] = segments[a] as [number, number, number];
            const [layerB, upB, downB] = segments[b] as [number, number, number];
            if (layerA === layerB && (upA - upB) * (downA - downB) < 0) naive += 1;
          }
        expect(crossings).toBe(naive);
      }),
      { numRuns: 100 },
    );
  });
});

describe("refinement by d3-dag", () => {
  it("is taken only when fewer edges cross, and keeps every promise of a layout", () => {
    fc.assert(
      fc.property(acyclic, ({ nodes, edges }) => {
        const graph = graphOf(nodes, edges);
        const sweep = sweepLayout(graph, DOWN);
        const refined = refineLayout(graph, DOWN, sweep.crossings);
        if (refined === null) return;
        expect(refined.crossings).toBeLessThan(sweep.crossings);
        expect(overlaps(refined, DOWN)).toBe(0);
        expect([...refined.layer]).toEqual([...sweep.layer]);
      }),
      { numRuns: 60 },
    );
  });

  it("finds a better order for a tangle the sweep leaves", () => {
    let better = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const edges = fc.sample(
        fc.uniqueArray(fc.tuple(fc.nat(11), fc.nat(11)), { minLength: 30, maxLength: 40, selector: String }),
        { seed, numRuns: 1 },
      )[0] as [number, number][];
      const graph = graphOf(
        24,
        edges.map(([a, b]) => [a, b + 12]),
      );
      const sweep = sweepLayout(graph, DOWN);
      if (refineLayout(graph, DOWN, sweep.crossings) !== null) better += 1;
    }
    expect(better).toBeGreaterThan(0);
    expect(countCrossings(layeredGraph(graphOf(1, [])), [Int32Array.of(0)])).toBe(0);
  });
});

describe("isotonic regression", () => {
  it("gives the nearest values that never fall", () => {
    const values = Float64Array.of(3, 1, 2, 5, 4);
    isotonic(values, Float64Array.of(1, 1, 1, 1, 3), 0, 5);
    expect([...values]).toEqual([2, 2, 2, 4.25, 4.25]);
  });
});
