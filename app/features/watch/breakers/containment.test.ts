import { describe, expect, it } from "vitest";
import { TASK_STATES, type TaskState } from "../../../api/contract/task-state.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { viewGraph } from "../graph/view-graph.ts";
import { markedEdges } from "./breaker-marks.tsx";
import { breaker } from "./breakers.fixture.ts";
import { containment } from "./containment.ts";

/** 0 source (A) -> 1, 2 use_it and 3 read_it (B); 1 -> 4 end (C); 5 own (B) has nothing before it. */
const run = runGraphOf(
  [
    { name: "source", action: "make_it", agent: 0 },
    { name: "one", action: "use_it", agent: 1 },
    { name: "two", action: "use_it", agent: 1 },
    { name: "three", action: "read_it", agent: 1 },
    { name: "end", action: "end_it", agent: 2 },
    { name: "own", action: "use_it", agent: 1 },
  ],
  [
    [0, 1, 0],
    [0, 2, 0],
    [0, 3, 0],
    [1, 4, 0],
  ],
);
const graph = taskGraph(run);
const numbers = (states: readonly TaskState[]) => states.map((state) => TASK_STATES.indexOf(state));
const PLANNED = numbers(["done", "planned", "planned", "planned", "planned", "planned"]);

describe("what a breaker that is open holds", () => {
  it("[CAS-28] is the callee's tasks with a result of the caller's, and what comes after them, by agent", () => {
    expect(containment(graph, PLANNED, { caller: 0, callee: 1, group: null })).toEqual({
      held: [1, 2, 3],
      behind: [1, 2, 3, 4],
      agents: [1, 2],
    });
    expect(containment(graph, PLANNED, { caller: 0, callee: 1, group: "read" })).toEqual({
      held: [3],
      behind: [3],
      agents: [1],
    });
    expect(containment(graph, PLANNED, { caller: 2, callee: 1, group: null }).behind).toEqual([]);
  });

  it("[CAS-28] is nothing that has started", () => {
    const states = numbers(["done", "running", "failed", "waiting", "planned", "planned"]);
    expect(containment(graph, states, { caller: 0, callee: 1, group: null })).toEqual({
      held: [3],
      behind: [3],
      agents: [1],
    });
  });

  it("[CAS-28] is also a called task without predecessors of its own: it takes up those of its caller", () => {
    const calling = { ...run, caller: run.caller.map((caller, task) => (task === 5 ? 4 : caller)) };
    const called = taskGraph(calling);
    expect(containment(called, PLANNED, { caller: 1, callee: 2, group: null }).behind).toEqual([4, 5]);
    const other = taskGraph({
      ...calling,
      agent: calling.agent.map((agent, task) => (task === 5 ? 3 : agent)),
      agents: [...run.agents, { id: "d", name: "D", kind: "program" }],
    });
    expect(containment(other, PLANNED, { caller: 1, callee: 3, group: "use" }).held).toEqual([5]);
  });
});

describe("the edges that a breaker is drawn on", () => {
  const open = { ...breaker({ group: "use", state: "open" }), from: 0, to: 1 };
  const single = viewGraph(graph, "off", new Set());
  const ends = (found: ReturnType<typeof markedEdges>) => found.map(({ edge }) => [single.from[edge], single.to[edge]]);

  it("[CAS-5] are those between its agents for its kind of action, to tasks that it holds", () => {
    expect(ends(markedEdges(single, [open], PLANNED))).toEqual([
      [0, 1],
      [0, 2],
    ]);
    const begun = numbers(["done", "running", "planned", "planned", "planned", "planned"]);
    expect(ends(markedEdges(single, [open], begun))).toEqual([[0, 2]]);
    expect(markedEdges(single, [{ ...open, from: 1, to: 0 }], PLANNED)).toEqual([]);
    expect(markedEdges(single, [], PLANNED)).toEqual([]);
  });

  it("[CAS-5] are one where it holds nothing, so that it is seen", () => {
    const over = numbers(["done", "failed", "failed", "done", "planned", "planned"]);
    expect(markedEdges(single, [open], over)).toHaveLength(1);
  });

  it("[CAS-5] are those of groups while any of a group's tasks is held", () => {
    const alike = taskGraph(
      runGraphOf(
        [0, 1, 1, 1].map((agent, task) => ({ name: `task ${task}`, action: "use_it", agent })),
        [1, 2, 3].map((to): [number, number, number] => [0, to, 0]),
      ),
    );
    const grouped = viewGraph(alike, "on", new Set());
    expect(grouped.size).toBe(2);
    expect(markedEdges(grouped, [open], numbers(["done", "failed", "failed", "planned"]))).toHaveLength(1);
  });
});
