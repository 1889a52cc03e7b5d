import { describe, expect, it } from "vitest";
import { taskId } from "../ect/ect.fixture.ts";
import { agent, checkpointOf, inputOf, rehearse, requested, resource, undoTask } from "./rollback.fixture.ts";
import { isFinished, residuesOf } from "./rollback-state.ts";
import { type Behaviour, createWorld } from "./rollback-world.fixture.ts";

/** Restores of two agents, one that takes a later task back with it, a compensation, a person's step, and one to skip. */
function fixedPlan() {
  const shared = [resource("shared")];
  const tasks = [
    undoTask(1),
    undoTask(2, { pred: [taskId(1)], agent: agent("clerk"), resources: shared }),
    undoTask(3, { pred: [taskId(2)], compensation: { agent: agent("clerk"), cost: "2.5" } }),
    undoTask(4, { pred: [taskId(2)], agent: agent("clerk"), resources: shared }),
    undoTask(5, { pred: [taskId(3), taskId(4)], undo: "assisted", agent: agent("carrier") }),
    undoTask(6, { pred: [taskId(5)], effect: false, resources: [] }),
  ];
  const checkpoints = [checkpointOf(1), checkpointOf(2, { agent: agent("clerk"), scope: shared })];
  return rehearse(inputOf(tasks, checkpoints));
}

type CrashAt = NonNullable<Parameters<typeof createWorld>[2]>;

/** Runs to the end with a network that loses nothing but what a crash has not sent. */
function run(behaviour: Behaviour, bestEffort: boolean, crashAt: CrashAt) {
  const world = createWorld(requested(fixedPlan(), { bestEffort }), () => behaviour, crashAt);
  for (let round = 0; round < 50 && !isOver(world); round += 1) {
    while (world.messages() + world.works() > 0) {
      world.deliver(0);
      world.work(0);
    }
    world.byHand(0);
    const { phase, revision } = world.state();
    const manual = { operator: "spiffe://ops.example/human/ann", reason: "seen", revision };
    if (phase === "partial" || phase === "failed") world.coordinate({ kind: "confirm", manual, atS: world.now() });
    world.wait(1);
  }
  return world;
}

function isOver(world: ReturnType<typeof createWorld>): boolean {
  const { phase, acknowledged, answers } = world.state();
  return isFinished(phase) && acknowledged.length === Object.keys(answers).length && world.locks().length === 0;
}

/** What counts about an outcome: not when, and not how often something was said. */
function outcomeOf(world: ReturnType<typeof run>) {
  const state = world.state();
  return {
    phase: state.phase,
    steps: state.steps.map(({ status, residue }) => [status, residue]),
    residues: residuesOf(state).map(({ n, why }) => [n, why]),
    happened: world.happened().toSorted((a, b) => a - b),
    acknowledged: state.acknowledged.toSorted(),
    locks: world.locks(),
  };
}

const CASES: [string, Behaviour, boolean][] = [
  ["all is well", { prepare: "ready", outcomes: ["done"] }, false],
  ["one fails", { prepare: "ready", outcomes: ["done", "done", "done", "done", "failed", "done"] }, false],
  ["one fails, best effort", { prepare: "ready", outcomes: ["done", "done", "done", "done", "failed", "done"] }, true],
  [
    "one leaves something, best effort",
    { prepare: "ready", outcomes: ["done", "done", "done", "done", "partial", "done"] },
    true,
  ],
  ["one is not ready", { prepare: "refused", outcomes: ["done"] }, false],
];

describe("a crash at each step of a fixed plan", () => {
  it("the plan has every kind of step", () => {
    const { steps, report } = fixedPlan();
    expect(steps.map(({ n, method }) => [n, method])).toEqual([
      [1, "skip"],
      [2, "manual"],
      [3, "skip"],
      [4, "compensate"],
      [5, "restore"],
      [6, "restore"],
    ]);
    expect(report.undone.map(({ n, method }) => [n, method])).toEqual([
      [3, "skip"],
      [5, "restore"],
      [6, "restore"],
    ]);
  });

  it.each(CASES)("[CAS-17] [CAS-25] the coordinator goes on to the same end: %s", (_, behaviour, bestEffort) => {
    const expected = run(behaviour, bestEffort, {});
    const count = expected.log().length;
    expect(count).toBeGreaterThan(3);
    for (let coordinator = 1; coordinator <= count; coordinator += 1)
      expect([coordinator, outcomeOf(run(behaviour, bestEffort, { coordinator }))]).toEqual([
        coordinator,
        outcomeOf(expected),
      ]);
  });

  it.each(CASES)("[CAS-17] a participant goes on to the same end: %s", (_, behaviour, bestEffort) => {
    const expected = run(behaviour, bestEffort, {});
    const count = expected.siteEvents();
    expect(count).toBeGreaterThan(2);
    for (let site = 1; site <= count; site += 1)
      expect([site, outcomeOf(run(behaviour, bestEffort, { site }))]).toEqual([site, outcomeOf(expected)]);
  });

  it("[CAS-15] [CAS-16] the ends are those they are called", () => {
    const ends = CASES.map(([, behaviour, bestEffort]) => {
      const { phase, residues, happened } = outcomeOf(run(behaviour, bestEffort, {}));
      return [phase, residues, happened];
    });
    expect(ends).toEqual([
      ["confirmed", [], [2, 4, 5, 6]],
      [
        "confirmed",
        [
          [3, "uncovered"],
          [4, "failed"],
          [5, "not_run"],
          [6, "not_run"],
        ],
        [2],
      ],
      [
        "confirmed",
        [
          [3, "uncovered"],
          [4, "failed"],
          [5, "blocked"],
          [6, "blocked"],
        ],
        [2],
      ],
      ["confirmed", [[4, "partial"]], [2, 4, 5, 6]],
      ["refused", [], []],
    ]);
  });
});
