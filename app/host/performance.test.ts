import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planRun } from "../engine/workflow/plan.ts";
import type { RecordedRun, RunTask } from "../protocol/run/recorded-run.ts";
import { createPerformance } from "./performance.ts";

type Shape = { readonly parents?: readonly number[]; readonly caller?: number; readonly startMs?: number };

function runOf(shapes: readonly Shape[]): RecordedRun {
  return {
    version: 1,
    format: "wfformat",
    formatVersion: "1.5",
    name: "made",
    source: { file: "made.json", origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: false,
    startedAtMs: null,
    makespanMs: null,
    agents: [{ id: "a", name: "a", kind: "program" }],
    tasks: shapes.map(
      (shape, index): RunTask => ({
        id: `t${index}`,
        name: `task ${index}`,
        action: "do_it",
        agent: "a",
        parents: (shape.parents ?? []).map((parent) => ({ id: `t${parent}`, inferred: false })),
        caller: shape.caller === undefined ? null : `t${shape.caller}`,
        startMs: shape.startMs ?? 0,
        durationMs: 1,
        outcome: "success",
        error: null,
        attempt: 0,
        inputs: [],
        outputs: [],
        args: {},
        narrative: null,
        usage: null,
        attributes: {},
      }),
    ),
    counts: {},
    warnings: [],
  };
}

const open = (shapes: readonly Shape[]) => createPerformance(planRun("d", runOf(shapes)), () => undefined, new Set());
const NONE: ReadonlySet<number> = new Set();

describe("the bookkeeping of a re-enactment", () => {
  it("starts a task when all its predecessors are over and its time has come", () => {
    const play = open([{}, { startMs: 5 }, { parents: [0, 1], startMs: 9 }]);
    expect(play.take(0, 10)).toEqual([0]);
    expect(play.nextStartMs()).toBe(5);
    expect(play.take(5, 10)).toEqual([1]);
    play.working(0);
    play.working(1);
    play.settled(0);
    expect(play.take(100, 10)).toEqual([]);
    play.settled(1);
    expect(play.take(8, 10)).toEqual([]);
    expect(play.take(9, 10)).toEqual([2]);
    expect(play.over()).toBe(false);
    play.settled(2);
    expect(play.over()).toBe(true);
  });

  it("a caller's effect waits for the tasks it called, whose predecessors are the caller's", () => {
    const play = open([{}, { parents: [0] }, { caller: 1 }, { caller: 1 }]);
    play.take(0, 9);
    play.settled(0);
    expect(play.take(0, 9)).toEqual([1]);
    play.working(1);
    expect(play.take(0, 9).sort()).toEqual([2, 3]);
    expect(play.predecessors(2)).toEqual([0]);
    expect(play.worked(1)).toBe(false);
    expect(play.settled(2)).toEqual([]);
    expect(play.dead(3)).toEqual([1]);
    expect(play.evidence(1)).toEqual([0, 2]);
  });

  it("nothing after a refused task starts, and the rest goes on", () => {
    const play = open([{}, {}, { parents: [0] }, { parents: [2] }, { parents: [1] }]);
    play.take(0, 9);
    play.dead(0);
    play.settled(1);
    expect([2, 3].map((index) => play.stage(index))).toEqual(["dead", "dead"]);
    expect(play.take(0, 9)).toEqual([4]);
  });

  it("tasks of a halted agent are not asked for", () => {
    const play = createPerformance(planRun("d", runOf([{}, {}])), () => undefined, new Set([0]));
    expect(play.take(0, 9)).toEqual([]);
    expect(play.nextStartMs()).toBeNull();
    play.halt(NONE);
    expect(play.take(0, 9)).toHaveLength(2);
  });

  it("taken up again in the middle it ends like one that was not interrupted", () => {
    const graph = fc.integer({ min: 1, max: 25 }).chain((size) =>
      fc.tuple(
        ...Array.from({ length: size }, (_, index) =>
          fc.record({
            parents: fc.subarray([...Array(index).keys()], { maxLength: Math.min(3, index) }),
            startMs: fc.nat(20),
          }),
        ),
      ),
    );
    fc.assert(
      fc.property(graph, fc.array(fc.nat(3), { maxLength: 60 }), (shapes, choices) => {
        const plan = planRun("d", runOf(shapes));
        const status = new Map<number, "running" | "done" | "refused">();
        let play = createPerformance(plan, () => undefined, NONE);
        const step = (choice: number): void => {
          for (const index of play.take(1000, 2)) {
            // Every predecessor of a task that is asked for is over.
            expect(plan.parents[index]?.every((parent) => status.get(parent) === "done")).toBe(true);
            status.set(index, "running");
            play.working(index);
          }
          const index = play.open()[0];
          if (choice === 3) play = createPerformance(plan, (at) => status.get(at), NONE);
          else if (index !== undefined && choice === 2) {
            status.set(index, "refused");
            play.dead(index);
          } else if (index !== undefined) {
            status.set(index, "done");
            play.settled(index);
          }
        };
        for (const choice of choices) step(choice);
        while (!play.over()) step(0);
        shapes.forEach((_, index) => {
          const blocked = (plan.parents[index] ?? []).some((parent) => status.get(parent) !== "done");
          expect(status.has(index)).toBe(!blocked);
        });
      }),
    );
  });
});
