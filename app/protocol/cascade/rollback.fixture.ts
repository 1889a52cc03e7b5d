import fc from "fast-check";
import { must } from "../../base/assert.ts";
import type { Result } from "../../base/result.ts";
import { sha256, taskId, WID } from "../ect/ect.fixture.ts";
import type { Refusal } from "../jose/refusal.ts";
import type { UndoKind } from "./checkpoint.ts";
import type { RollbackAuthority } from "./rollback-claims.ts";
import { type RollbackCommand, requestRollback } from "./rollback-coordinator.ts";
import type { AuthorizedInput, PlacedCheckpoint, UndoTask } from "./rollback-input.ts";
import { type RollbackPlan, rehearseRollback } from "./rollback-plan.ts";
import type { RollbackRequested } from "./rollback-state.ts";

export const NOW_S = 1_772_064_100;
export const HASH = "EgB83pxwvXX9L-Ak62UzRgbtSMdkkyYSMyydl5OSs_4";
export const RB_ID = taskId(0xf0);
export const AUTHORITY: RollbackAuthority = { typ: "override+jwt", id: taskId(0xa1), hash: HASH };
export const agent = (name: string, domain = "ops.example"): string => `spiffe://${domain}/agent/${name}`;
export const resource = (path: string): string => `https://store.example/${path}`;

/** Task `number`, done at position 10 × `number`, changing what is its own, with no way back. */
export function undoTask(number: number, change: Partial<UndoTask> = {}): UndoTask {
  return {
    jti: taskId(number),
    agent: agent("worker"),
    pred: [],
    execAct: "work",
    state: "done",
    effect: true,
    resources: [resource(`own-${number}`)],
    span: { from: 10 * number, to: 10 * number + 5 },
    undo: null,
    compensation: null,
    ...change,
  };
}

/** Checkpoint `number`, made just before the task of that number and covering what is its own. */
export function checkpointOf(number: number, change: Partial<PlacedCheckpoint> = {}): PlacedCheckpoint {
  return {
    ckptId: taskId(0xc000 + number),
    agent: agent("worker"),
    scope: [resource(`own-${number}`)],
    hash: HASH,
    store: "urn:store:one",
    undo: "automatic",
    cost: null,
    usableUntilS: NOW_S + 600,
    madeAfter: null,
    position: 10 * number - 1,
    ...change,
  };
}

export function inputOf(
  tasks: readonly UndoTask[],
  checkpoints: readonly PlacedCheckpoint[] = [],
  change: Partial<AuthorizedInput> = {},
): AuthorizedInput {
  return {
    wid: WID,
    tasks,
    checkpoints,
    target: { kind: "workflow", id: WID },
    keepTarget: false,
    bestEffort: false,
    nowS: NOW_S,
    ownDomain: "ops.example",
    gateways: {},
    locks: [],
    authority: AUTHORITY,
    ...change,
  };
}

export function accepted<T>(result: Result<T, Refusal>): T {
  return must(result.ok ? result.value : null, result.ok ? "" : `no refusal, not ${result.error.code}`);
}

export function codeOf(result: Result<unknown, Refusal>): string {
  return result.ok ? "ok" : result.error.code;
}

export function rehearse(input: AuthorizedInput): RollbackPlan {
  return accepted(rehearseRollback(input, sha256));
}

export function commandOf(plan: RollbackPlan, change: Partial<RollbackCommand> = {}): RollbackCommand {
  return {
    rbId: RB_ID,
    wid: WID,
    plan,
    approvedHash: plan.planHash,
    bestEffort: false,
    authority: AUTHORITY,
    reason: "wrong device restarted",
    deadlineS: NOW_S + 60,
    atS: NOW_S,
    ...change,
  };
}

export function requested(plan: RollbackPlan, change: Partial<RollbackCommand> = {}): RollbackRequested {
  return accepted(requestRollback(commandOf(plan, change), sha256));
}

const PLACES = ["a", "a/x", "a/y", "b", "b/x", "c"].map(resource);
const NAMES = ["worker", "clerk", "carrier"];

/**
 * Workflows of any shape: tasks that name earlier ones, work side by side, touch shared places that lie in one another,
 * can be taken back in every way or in none; checkpoints of every age, width and owner.
 */
export const workflows: fc.Arbitrary<AuthorizedInput> = fc
  .record({
    tasks: fc.array(
      fc.record({
        picks: fc.array(fc.nat(), { maxLength: 3 }),
        name: fc.constantFrom(...NAMES),
        state: fc.constantFrom("done", "done", "done", "done", "done", "undone" as const),
        effect: fc.constantFrom(true, true, true, false),
        resources: fc.uniqueArray(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 2 }),
        lasts: fc.constantFrom(1, 1, 1, 2, 5, 25),
        undo: fc.constantFrom<UndoKind | null>("automatic", "assisted", "impossible", null),
        compensated: fc.constantFrom(false, false, true),
      }),
      { minLength: 1, maxLength: 14 },
    ),
    checkpoints: fc.array(
      fc.record({
        before: fc.nat(14),
        name: fc.constantFrom(...NAMES),
        scope: fc.uniqueArray(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 3 }),
        expired: fc.constantFrom(false, false, false, true),
        undo: fc.constantFrom<UndoKind>("automatic", "automatic", "automatic", "assisted", "impossible"),
      }),
      { maxLength: 16 },
    ),
    target: fc.tuple(fc.constantFrom("task", "task", "checkpoint", "workflow" as const), fc.nat()),
    keepTarget: fc.boolean(),
  })
  .map(({ tasks, checkpoints, target: [kind, pick], keepTarget }) => {
    const made = tasks.map(({ picks, name, lasts, compensated, ...rest }, index) => {
      const pred = index === 0 ? [] : [...new Set(picks.map((at) => taskId((at % index) + 1)))];
      const from = 10 * (index + 1);
      const compensation = compensated ? { agent: agent(name), cost: "1.5" } : null;
      return undoTask(index + 1, { ...rest, agent: agent(name), pred, compensation, span: { from, to: from + lasts } });
    });
    const ckpts = checkpoints.map(({ before, name, scope, expired, undo }, index) =>
      checkpointOf(index + 1, {
        agent: agent(name),
        scope,
        undo,
        usableUntilS: expired ? NOW_S : NOW_S + 600,
        position: 10 * (1 + (before % tasks.length)) - 1 - index / 100,
      }),
    );
    const id = kind === "workflow" ? WID : kind === "task" ? taskId((pick % tasks.length) + 1) : null;
    const ckpt = ckpts[pick % Math.max(1, ckpts.length)];
    const target =
      id === null && ckpt !== undefined ? { kind, id: ckpt.ckptId } : { kind: "workflow" as const, id: WID };
    return inputOf(made, ckpts, { target: id === null ? target : { kind, id }, keepTarget });
  });
