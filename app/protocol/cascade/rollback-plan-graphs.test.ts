import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { sha256, taskId } from "../ect/ect.fixture.ts";
import { overlaps } from "./checkpoint.ts";
import { checkpointOf, inputOf, rehearse, resource, undoTask, workflows } from "./rollback.fixture.ts";
import type { PlanStep } from "./rollback-claims.ts";
import { planSchema } from "./rollback-claims.ts";
import type { RollbackInput } from "./rollback-input.ts";
import { type RollbackPlan, rehearseRollback } from "./rollback-plan.ts";

const LEAVES = ["a/x", "a/y", "b/x", "b/z", "c"].map(resource);

/** Which tasks' changes are in a leaf at a moment, as a store would hold them. */
type World = Map<string, Set<string>>;

/** The world after the tasks that ended before a position; of those under way then only some changes are in it. */
function worldAt({ tasks }: RollbackInput, position: number, half: boolean): World {
  return new Map(
    LEAVES.map((leaf) => [
      leaf,
      new Set(
        tasks
          .filter(({ effect, state }) => effect && state !== "undone")
          .filter(({ span }) => (span.to ?? 0) < position || (half && span.from < position))
          .filter(({ resources }) => resources.some((touched) => overlaps(touched, leaf)))
          .map(({ jti }) => jti),
      ),
    ]),
  );
}

/** What a step does to the world: a restore brings back all that the checkpoint saved, everything else undoes one task. */
function perform(world: World, step: PlanStep, input: RollbackInput, half: boolean): void {
  if (step.method === "skip") return;
  if (step.method !== "restore") {
    for (const tasks of world.values()) tasks.delete(step.task);
    return;
  }
  const ckpt = must(
    input.checkpoints.find(({ ckptId }) => ckptId === step.ckpt_id),
    "a checkpoint of the input",
  );
  const saved = worldAt(input, ckpt.position, half);
  for (const leaf of LEAVES)
    if (ckpt.scope.some((entry) => overlaps(entry, leaf))) world.set(leaf, must(saved.get(leaf), "a leaf"));
}

const isIn = (world: World, jti: string): boolean => [...world.values()].some((tasks) => tasks.has(jti));

/** One of the orders that the plan allows, by the picks. */
function someOrder(steps: readonly PlanStep[], picks: readonly number[]): PlanStep[] {
  const done = new Set<number>();
  const order: PlanStep[] = [];
  while (order.length < steps.length) {
    const free = steps.filter(({ n, depends_on }) => !done.has(n) && depends_on.every((earlier) => done.has(earlier)));
    const next = must(free[(picks[order.length] ?? 0) % free.length], "a plan goes on");
    order.push(next);
    done.add(next.n);
  }
  return order;
}

function planned(input: RollbackInput): RollbackPlan | null {
  const plan = rehearseRollback(input, sha256);
  if (!plan.ok) expect(plan.error.code).toBe("rollback_empty");
  return plan.ok ? plan.value : null;
}

const runs = { numRuns: 400 };
const TIMEOUT_MS = 60_000;

describe("a rollback plan", () => {
  it(
    "[CAS-12] [CAS-14] cuts consistently: what stays depends on nothing that is undone, and each step follows its dependants'",
    () => {
      fc.assert(
        fc.property(workflows, (input) => {
          const plan = planned(input);
          if (plan === null) return;
          expect(planSchema.safeParse(plan.steps).success).toBe(true);
          const steps = new Map(plan.steps.map((step) => [step.task, step]));
          for (const task of input.tasks)
            for (const pred of task.pred) {
              const undone = steps.get(pred);
              if (undone === undefined) continue;
              const dependant = must(steps.get(task.jti), "what depends on an undone task is undone");
              expect(undone.depends_on).toContain(dependant.n);
            }
          const stays = input.tasks.filter(({ jti }) => !steps.has(jti));
          expect(plan.report.cut.stays).toBe(stays.length);
          expect(new Set(plan.report.cut.frontier)).toEqual(
            new Set(stays.filter(({ jti }) => !stays.some(({ pred }) => pred.includes(jti))).map(({ jti }) => jti)),
          );
        }),
        runs,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "[CAS-16] names every task to undo in exactly one list",
    () => {
      fc.assert(
        fc.property(workflows, (input) => {
          const plan = planned(input);
          if (plan === null) return;
          const { undone, compensated, manual, skipped, impossible } = plan.report;
          const named = [undone, compensated, manual, skipped, impossible].flatMap((list) => list.map(({ n }) => n));
          expect(named.toSorted((a, b) => a - b)).toEqual(plan.steps.map(({ n }) => n));
          expect(plan.waves.flat().toSorted((a, b) => a - b)).toEqual(plan.steps.map(({ n }) => n));
          const waveOf = new Map(plan.waves.flatMap((wave, index) => wave.map((n) => [n, index] as const)));
          for (const { n, depends_on } of plan.steps)
            for (const earlier of depends_on)
              expect(must(waveOf.get(earlier), "n")).toBeLessThan(must(waveOf.get(n), "n"));
        }),
        runs,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "[CAS-14] [CAS-24] undoes in a store, in whatever order it allows: what was to go is gone, what stays is there, and nothing goes before what depends on it",
    () => {
      fc.assert(
        fc.property(workflows, fc.array(fc.nat(), { maxLength: 14 }), fc.boolean(), (input, picks, half) => {
          const plan = planned(input);
          if (plan === null) return;
          const stepOf = new Map(plan.steps.map((step) => [step.task, step]));
          const world = worldAt(input, Number.POSITIVE_INFINITY, true);
          const before = input.tasks.filter(({ jti }) => isIn(world, jti)).map(({ jti }) => jti);
          const done = new Set<number>();
          for (const step of someOrder(plan.steps, picks)) {
            perform(world, step, input, half);
            done.add(step.n);
            const gone = before.filter((jti) => !isIn(world, jti));
            for (const task of input.tasks)
              if (task.pred.some((pred) => gone.includes(pred)))
                expect(done).toContain(must(stepOf.get(task.jti), "undone, so that it has a step").n);
          }
          const { undone, compensated, manual } = plan.report;
          for (const { task } of [...undone, ...compensated, ...manual]) expect(isIn(world, task)).toBe(false);
          for (const jti of before)
            if (!stepOf.has(jti))
              for (const leaf of LEAVES)
                expect(world.get(leaf)?.has(jti)).toBe(
                  worldAt(input, Number.POSITIVE_INFINITY, true).get(leaf)?.has(jti),
                );
        }),
        runs,
      );
    },
    TIMEOUT_MS,
  );

  it("is the same for the same input, in whatever order its tasks and checkpoints come", () => {
    fc.assert(
      fc.property(workflows, (input) => {
        const again = { ...input, tasks: input.tasks.toReversed(), checkpoints: input.checkpoints.toReversed() };
        expect(planned(again)?.planHash).toBe(planned(input)?.planHash);
      }),
    );
  });

  it.each([
    [500, 2000],
    [15_000, 20_000],
  ])(
    "plans %i steps of a wide and deep workflow within %i ms (J6)",
    (count, withinMs) => {
      const tasks = Array.from({ length: count }, (_, index) => {
        const number = index + 1;
        const picks = [number - 1, Math.floor(number / 2), number - 7].filter((pred) => pred > 0);
        return undoTask(number, {
          pred: [...new Set(picks)].map(taskId),
          resources: [resource(`shared/${number % 50}/deep/er/${number % 400}`), resource(`own-${number}`)],
          compensation: number % 3 === 0 ? { agent: undoTask(1).agent, cost: "0.25" } : null,
        });
      });
      const checkpoints = tasks.map(({ resources }, index) => checkpointOf(index + 1, { scope: [...resources] }));
      const began = performance.now();
      const plan = rehearse(inputOf(tasks, checkpoints));
      const took = performance.now() - began;
      expect(plan.steps).toHaveLength(count);
      expect(plan.report.undone).toHaveLength(count);
      expect(took).toBeLessThan(withinMs);
    },
    TIMEOUT_MS,
  );
});
