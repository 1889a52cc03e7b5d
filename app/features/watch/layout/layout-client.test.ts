import { describe, expect, it } from "vitest";
import { createLayouter, type LayoutJob, REFINE_DEADLINE_MS, SWEEP_DEADLINE_MS } from "./layout-client.ts";
import type { LayoutAnswer, LayoutRequest } from "./layout-worker.ts";
import { sweepLayout } from "./sweep-layout.ts";

const OPTIONS = { direction: "down", nodeWidth: 10, nodeHeight: 10 } as const;
const graph = (nodes: number) => ({ nodes, from: new Int32Array(0), to: new Int32Array(0), lane: null });

/** Workers that answer only when told, and a clock that only moves when told. */
function bench() {
  const workers: { requests: LayoutRequest[]; ended: boolean; answer(a: LayoutAnswer): void; fail(): void }[] = [];
  let timer: { atMs: number; run: () => void } | null = null;
  let nowMs = 0;
  const layouter = createLayouter({
    spawn: (answer, fail) => {
      const worker = { requests: [] as LayoutRequest[], ended: false, answer, fail };
      workers.push(worker);
      return {
        post: (request) => worker.requests.push(request),
        end: () => {
          worker.ended = true;
        },
      };
    },
    after: (delayMs, run) => {
      const mine = { atMs: nowMs + delayMs, run };
      timer = mine;
      return () => {
        if (timer === mine) timer = null;
      };
    },
  });
  const advance = (ms: number): void => {
    nowMs += ms;
    const due = timer;
    if (due !== null && due.atMs <= nowMs) {
      timer = null;
      due.run();
    }
  };
  const seen: string[] = [];
  const job = (name: string, nodes = 3): LayoutJob => ({
    graph: graph(nodes),
    options: OPTIONS,
    onLayout: (layout) => seen.push(`${name} ${layout.source}`),
    onFailure: () => seen.push(`${name} failed`),
  });
  const answer = (stage: "sweep" | "refined", found = true, worker = workers.at(-1)): void => {
    const request = worker?.requests.at(-1);
    if (request === undefined) throw new Error("nothing was asked");
    const layout = found ? { ...sweepLayout(request.graph, OPTIONS), source: stage } : null;
    worker?.answer({ id: request.id, stage, layout });
  };
  return { layouter, workers, advance, seen, job, answer };
}

describe("asking the layout worker", () => {
  it("shows the sweep first and the refinement when it comes in time", () => {
    const { layouter, job, answer, seen, workers } = bench();
    layouter.layout(job("a"));
    answer("sweep");
    answer("refined");
    expect([seen, workers.length, workers[0]?.ended]).toEqual([["a sweep", "a refined"], 1, false]);
  });

  it("ends a refinement that passes its deadline, keeps the sweep and uses a new worker next", () => {
    const { layouter, job, answer, seen, workers, advance } = bench();
    layouter.layout(job("a"));
    answer("sweep");
    advance(REFINE_DEADLINE_MS);
    expect(workers[0]?.ended).toBe(true);
    answer("refined", true, workers[0]);
    layouter.layout(job("b"));
    answer("sweep");
    expect([seen, workers.length]).toEqual([["a sweep", "b sweep"], 2]);
  });

  it("keeps the newest of the waiting jobs only", () => {
    const { layouter, job, answer, seen, workers } = bench();
    layouter.layout(job("a", 5000));
    layouter.layout(job("b"));
    layouter.layout(job("c"));
    answer("sweep");
    answer("sweep");
    expect(seen).toEqual(["a sweep", "c sweep"]);
    expect(workers[0]?.requests.map((request) => request.refine)).toEqual([false, true]);
  });

  it("does not wait for a refinement that nobody wants any more", () => {
    const { layouter, job, answer, seen, workers } = bench();
    layouter.layout(job("a"));
    answer("sweep");
    layouter.layout(job("b"));
    expect(workers.map((worker) => worker.ended)).toEqual([true, false]);
    answer("sweep");
    expect(seen).toEqual(["a sweep", "b sweep"]);
  });

  it("says when the worker fails or does not answer at all", () => {
    const { layouter, job, seen, workers, advance } = bench();
    layouter.layout(job("a"));
    workers[0]?.fail();
    layouter.layout(job("b"));
    advance(SWEEP_DEADLINE_MS);
    expect([seen, workers.map((worker) => worker.ended)]).toEqual([
      ["a failed", "b failed"],
      [true, true],
    ]);
  });
});
