import { describe, expect, it } from "vitest";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import {
  accepted,
  agent,
  checkpointOf,
  codeOf,
  HASH,
  inputOf,
  NOW_S,
  rehearse,
  resource,
  undoTask,
} from "./rollback.fixture.ts";
import { planHash, planSchema } from "./rollback-claims.ts";
import { planRollback, type RollbackPlan, rehearseRollback } from "./rollback-plan.ts";

const target = (number: number) => ({ kind: "task" as const, id: taskId(number) });
const tasksOf = ({ steps }: RollbackPlan): number[] => steps.map(({ task }) => Number.parseInt(task.slice(-12), 16));
const methodOf = (plan: RollbackPlan, number: number) => plan.steps.find(({ task }) => task === taskId(number))?.method;
const kindsOf = (plan: RollbackPlan) => plan.report.conflicts.map(({ kind }) => kind);

/** 1 → 2 → 4, 1 → 3 → 4, and 5 on its own: all can be compensated. */
const way = { compensation: { agent: agent("clerk"), cost: "0.1" } };
const DIAMOND = [
  undoTask(1, way),
  undoTask(2, { ...way, pred: [taskId(1)] }),
  undoTask(3, { ...way, pred: [taskId(1)] }),
  undoTask(4, { ...way, pred: [taskId(2), taskId(3)] }),
  undoTask(5, way),
];

describe("what is undone", () => {
  it("[CAS-12] a task with everything after it, backwards; without itself when it is kept", () => {
    const plan = rehearse(inputOf(DIAMOND, [], { target: target(2) }));
    expect(tasksOf(plan)).toEqual([4, 2]);
    expect(plan.report.cut).toEqual({ frontier: [taskId(3), taskId(5)], stays: 3 });
    expect(tasksOf(rehearse(inputOf(DIAMOND, [], { target: target(1), keepTarget: true })))).toEqual([4, 3, 2]);
    expect(tasksOf(rehearse(inputOf(DIAMOND)))).toEqual([5, 4, 3, 2, 1]);
  });

  it("[CAS-14] side by side what does not depend on one another, in waves", () => {
    const plan = rehearse(inputOf(DIAMOND, [], { target: target(1) }));
    expect(plan.steps.map(({ depends_on }) => depends_on)).toEqual([[], [1], [1], [2, 3]]);
    expect(plan.waves).toEqual([[1], [2, 3], [4]]);
  });

  it("[CAS-12] after a checkpoint, what touched its scope, with everything after that", () => {
    const ckpt = checkpointOf(3, { scope: [resource("own-3"), resource("own-2")] });
    const plan = rehearse(inputOf(DIAMOND, [ckpt], { target: { kind: "checkpoint", id: ckpt.ckptId } }));
    expect(tasksOf(plan)).toEqual([4, 3]);
  });

  it("nothing, an unknown target and a circle are refused", () => {
    const refused = (change: object): string => codeOf(rehearseRollback(inputOf(DIAMOND, [], change), sha256));
    expect(refused({ target: target(5), keepTarget: true })).toBe("rollback_empty");
    expect(refused({ target: target(9) })).toBe("rollback_target_unknown");
    expect(refused({ target: { kind: "workflow", id: taskId(1) } })).toBe("rollback_target_unknown");
    expect(refused({ target: { kind: "checkpoint", id: taskId(1) } })).toBe("rollback_target_unknown");
    const circle = [undoTask(1, { pred: [taskId(2)] }), undoTask(2, { pred: [taskId(1)] })];
    expect(codeOf(rehearseRollback(inputOf(circle), sha256))).toBe("dag_cycle");
    expect(codeOf(rehearseRollback(inputOf([undoTask(1), undoTask(1)]), sha256))).toBe("dag_duplicate_task");
  });
});

describe("how each task is undone", () => {
  it("[CAS-12] by its checkpoint, else by compensation, else by a person; without effect not at all; else it stays", () => {
    const tasks = [
      undoTask(1, way),
      undoTask(2, way),
      undoTask(3, { undo: "assisted" }),
      undoTask(4, { effect: false, resources: [] }),
      undoTask(5),
      undoTask(6, { undo: "impossible", tell: ["spiffe://ops.example/human/customer-care"] }),
    ];
    const plan = rehearse(inputOf(tasks, [checkpointOf(1, { cost: "0.2" }), checkpointOf(6)]));
    expect([1, 2, 3, 4, 5, 6].map((number) => methodOf(plan, number))).toEqual([
      "restore",
      "compensate",
      "manual",
      "skip",
      "skip",
      "skip",
    ]);
    const { undone, compensated, manual, skipped, impossible, cost } = plan.report;
    expect([undone, compensated, manual, skipped].map((list) => list.map(({ task }) => task))).toEqual([
      [taskId(1)],
      [taskId(2)],
      [taskId(3)],
      [taskId(4)],
    ]);
    expect(impossible.map(({ task, why, tell }) => [task, why, tell])).toEqual([
      [taskId(6), "declared_irreversible", [agent("worker"), "spiffe://ops.example/human/customer-care"]],
      [taskId(5), "no_way_known", [agent("worker")]],
    ]);
    // 0.1 + 0.2 in decimals, not in binary fractions.
    expect(cost).toEqual({ total: "0.3", unstated: 1 });
  });

  it("[CAS-21] a checkpoint that is over is told, and not used", () => {
    const over = checkpointOf(1, { usableUntilS: NOW_S });
    const plan = rehearse(inputOf([undoTask(1, way)], [over]));
    expect(methodOf(plan, 1)).toBe("compensate");
    expect(plan.report.conflicts).toEqual([
      { kind: "checkpoint_expired", task: taskId(1), blocks: false, ckptId: over.ckptId },
    ]);
    expect(methodOf(rehearse(inputOf([undoTask(1, way)], [{ ...over, usableUntilS: NOW_S + 1 }])), 1)).toBe("restore");
  });

  it("[CAS-S5] a checkpoint of another agent, of a later moment or of half the scope is not used", () => {
    const both = undoTask(1, { ...way, resources: [resource("own-1"), resource("own-2")] });
    const method = (change: object, input: object = {}) =>
      methodOf(rehearse(inputOf([undoTask(1, way)], [checkpointOf(1, change)], input)), 1);
    expect(method({})).toBe("restore");
    expect(method({ agent: agent("mallory") })).toBe("compensate");
    expect(method({ agent: agent("archive") }, { custodians: [agent("archive")] })).toBe("restore");
    expect(method({ position: 10 })).toBe("compensate");
    expect(method({ undo: "impossible" })).toBe("compensate");
    const half = rehearse(inputOf([both], [checkpointOf(1)]));
    expect(methodOf(half, 1)).toBe("compensate");
    expect(half.report.conflicts).toMatchObject([{ kind: "checkpoint_scope", resource: resource("own-2") }]);
  });

  it("[CAS-24] a restore that would take back what stays is not made; who touched it is named", () => {
    const shared = { resources: [resource("shared")] };
    const tasks = [undoTask(1, { ...way, ...shared }), undoTask(2, { ...shared, agent: agent("clerk") })];
    const plan = rehearse(inputOf(tasks, [checkpointOf(1, { scope: [resource("shared")] })], { target: target(1) }));
    expect(methodOf(plan, 1)).toBe("compensate");
    expect(plan.report.conflicts).toMatchObject([
      { kind: "touched_since", ckptId: taskId(0xc001), by: taskId(2) },
      { kind: "touched_since", resource: resource("shared"), by: taskId(2) },
    ]);
    const stuck = rehearse(inputOf([undoTask(1, shared), ...tasks.slice(1)], [], { target: target(1) }));
    expect(stuck.report.impossible[0]?.tell).toEqual([agent("worker"), agent("clerk")]);
  });

  it("[CAS-14] [CAS-24] one checkpoint before two tasks is restored for the first, and the second goes with it, first", () => {
    const shared = { resources: [resource("shared")] };
    const tasks = [undoTask(1, shared), undoTask(2, shared), undoTask(3, { ...way, pred: [taskId(2)] })];
    const plan = rehearse(inputOf(tasks, [checkpointOf(1, { scope: [resource("shared")] })]));
    expect(plan.steps.map(({ n, method, ckpt_id, depends_on }) => [n, method, ckpt_id, depends_on])).toEqual([
      [1, "compensate", undefined, []],
      [2, "skip", taskId(0xc001), [1]],
      [3, "restore", taskId(0xc001), [2]],
    ]);
    expect(plan.report.undone.map(({ n }) => n)).toEqual([2, 3]);
  });

  it("[CAS-37] what another domain's log is to take in does not go with somebody else's checkpoint", () => {
    const shared = { resources: [resource("shared")] };
    const methodsFor = (first: { readonly gateway?: string }, second: object) => {
      const tasks = [undoTask(1, { ...shared, ...first }), undoTask(2, { ...shared, ...second })];
      return rehearse(inputOf(tasks, [checkpointOf(1, { scope: [resource("shared")] })])).steps.map(
        ({ method, gateway }) => [method, gateway],
      );
    };
    const [METRO, CORE] = ["spiffe://metro.example/pep", "spiffe://core.example/pep"];
    const assisted = { undo: "assisted", gateway: METRO };
    for (const gateway of [undefined, CORE])
      expect(methodsFor(gateway === undefined ? {} : { gateway }, assisted)).toEqual([
        ["manual", METRO],
        ["restore", gateway],
      ]);
    expect(methodsFor({ gateway: METRO }, assisted)).toEqual([
      ["skip", undefined],
      ["restore", METRO],
    ]);
  });

  it("[CAS-18] [ECT-45] what was compensated is not compensated again, and a compensation is not undone", () => {
    const record = { execAct: "compensate", pred: [taskId(1)], resources: [resource("own-1")] };
    const tasks = [undoTask(1, way), undoTask(2, record)];
    const plan = rehearse(inputOf(tasks));
    expect(plan.report.skipped.map(({ task }) => task)).toEqual([taskId(2), taskId(1)]);
    expect(plan.report.conflicts).toEqual([
      { kind: "already_compensated", task: taskId(1), blocks: false, by: taskId(2) },
    ]);
    const other = [...tasks, undoTask(3, way)];
    const pred = [taskId(1), taskId(3)];
    const stays = rehearse(
      inputOf([other[0] ?? undoTask(1), undoTask(4, { ...record, pred }), undoTask(3, way)], [], { target: target(3) }),
    );
    expect(stays.report.impossible.map(({ task, why }) => [task, why])).toEqual([[taskId(4), "compensation_stays"]]);
  });

  it("a step of another domain goes to its gateway; without one it stays", () => {
    const foreign = agent("supplier", "Other.example");
    const tasks = [undoTask(1, { agent: foreign, compensation: { agent: foreign, cost: null } })];
    const gateway = "https://gw.other.example/rollback";
    expect(rehearse(inputOf(tasks, [], { gateways: { "other.example": gateway } })).steps[0]).toMatchObject({
      agent: gateway,
      method: "compensate",
    });
    expect(rehearse(inputOf(tasks)).report.impossible).toMatchObject([{ why: "domain_without_gateway" }]);
  });
});

describe("what stands against it", () => {
  it("[CAS-15] all or nothing with something irreversible is refused, with the list; best effort is not", () => {
    const input = inputOf([...DIAMOND, undoTask(6, { undo: "impossible" })]);
    const refused = planRollback(input, sha256);
    expect(refused).toMatchObject({ ok: false, error: { code: "rollback_irreversible", tasks: [taskId(6)] } });
    expect(codeOf(planRollback({ ...input, bestEffort: true }, sha256))).toBe("ok");
    expect(rehearse(input).report.impossible).toHaveLength(1);
  });

  it("[CAS-S4] without authority there is no plan to begin, only one to look at", () => {
    const input = inputOf(DIAMOND, [], { authority: null });
    expect(codeOf(planRollback(input, sha256))).toBe("rollback_denied");
    expect(codeOf(rehearseRollback(input, sha256))).toBe("ok");
  });

  it("[CAS-14] a task under way blocks, best effort or not", () => {
    const running = undoTask(6, { ...way, pred: [taskId(2)], state: "running", span: { from: 60, to: null } });
    const input = inputOf([...DIAMOND, running], [], { target: target(2), bestEffort: true });
    expect(kindsOf(rehearse(input))).toEqual(["in_flight"]);
    expect(planRollback(input, sha256)).toMatchObject({ error: { code: "rollback_conflict", tasks: [taskId(6)] } });
  });

  it.each([
    ["own-2", true],
    ["own-2/part", true],
    ["", true],
    ["own-20", false],
  ])("what another rollback holds blocks where it overlaps: %j", (held, blocks) => {
    const locks = [{ rbId: taskId(0xee), resources: [resource(held)] }];
    const plan = planRollback(inputOf(DIAMOND, [], { target: target(2), locks }), sha256);
    expect(codeOf(plan)).toBe(blocks ? "rollback_conflict" : "ok");
  });

  it("a task whose resources are not known, or are written by a detour, is told as such", () => {
    for (const resources of [[], [resource("a/../b")]]) {
      const plan = rehearse(
        inputOf([undoTask(1, { ...way, resources })], [checkpointOf(1, { scope: [resource("b")] })]),
      );
      expect([methodOf(plan, 1), kindsOf(plan)]).toEqual(["compensate", ["scope_unknown"]]);
    }
  });
});

describe("the plan", () => {
  it("has a digest of all it says, and a form that cannot be circular", () => {
    const { steps, planHash: hash } = rehearse(inputOf(DIAMOND));
    expect(accepted(planHash(steps, sha256))).toBe(hash);
    const [first, ...rest] = steps;
    const changed = first === undefined ? [] : [{ ...first, method: "manual" as const }, ...rest];
    expect(accepted(planHash(changed, sha256))).not.toBe(hash);
    expect(planSchema.safeParse(steps).success).toBe(true);
    expect(planSchema.safeParse(steps.toReversed()).success).toBe(false);
    expect(planSchema.safeParse(steps.map((step) => ({ ...step, depends_on: [step.n] }))).success).toBe(false);
    expect(planSchema.safeParse(steps.map((step) => ({ ...step, task: taskId(1) }))).success).toBe(false);
  });

  it("[CAS-S5] carries the digest each restore must come out with", () => {
    const plan = rehearse(inputOf([undoTask(1)], [checkpointOf(1)]));
    expect(plan.checkpoints).toEqual({ [taskId(0xc001)]: { hash: HASH, usableUntilS: NOW_S + 600 } });
    expect(plan.writes).toEqual([[resource("own-1")]]);
  });
});
