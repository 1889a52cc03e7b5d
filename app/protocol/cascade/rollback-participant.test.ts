import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { taskId } from "../ect/ect.fixture.ts";
import { accepted, agent, codeOf, HASH, NOW_S, RB_ID, resource } from "./rollback.fixture.ts";
import type { PlanStep } from "./rollback-claims.ts";
import {
  decideParticipant,
  outstandingWork,
  type ParticipantDecision,
  type ParticipantEvent,
} from "./rollback-participant.ts";

const STEPS: PlanStep[] = [
  { n: 1, task: taskId(2), agent: agent("worker"), method: "compensate", depends_on: [] },
  { n: 2, task: taskId(1), agent: agent("worker"), method: "restore", ckpt_id: taskId(0xc1), depends_on: [1] },
];
const CKPT = { ckptId: taskId(0xc1), hash: HASH, storedHash: HASH, usableUntilS: NOW_S + 100 };
const OTHER = "x".repeat(43);
const prepare = (change: object = {}): ParticipantEvent => ({
  kind: "prepare",
  rbId: RB_ID,
  planHash: HASH,
  computedHash: HASH,
  steps: STEPS,
  writes: [resource("own-1")],
  authorized: true,
  lockedBy: null,
  checkpoints: [CKPT],
  deadlineS: NOW_S + 60,
  atS: NOW_S,
  ...change,
});
const execute = (steps: number[], change: object = {}): ParticipantEvent => {
  return { kind: "execute", rbId: RB_ID, planHash: HASH, steps, atS: NOW_S + 1, ...change };
};
const performed = (n: number, change: object = {}): ParticipantEvent => {
  return { kind: "performed", n, status: "done", residue: [], atS: NOW_S + 2, ...change };
};
const abort: ParticipantEvent = { kind: "abort", rbId: RB_ID, atS: NOW_S + 3 };
const confirm: ParticipantEvent = { kind: "confirm", rbId: RB_ID, planHash: HASH, atS: NOW_S + 4 };
const tick = (seconds: number): ParticipantEvent => ({ kind: "tick", atS: NOW_S + seconds });

function take(...events: ParticipantEvent[]): ParticipantDecision {
  const last = events.reduce<ParticipantDecision | null>(
    (decision, event) => accepted(decideParticipant(decision?.state ?? null, event)),
    null,
  );
  return must(last, "at least one event");
}
const refused = (...events: ParticipantEvent[]): string => {
  const last = must(events.pop(), "an event");
  return codeOf(decideParticipant(events.length === 0 ? null : take(...events).state, last));
};

describe("prepare", () => {
  it("holds what its steps write, and answers the same again", () => {
    const first = take(prepare());
    expect([first.state.phase, first.state.locks]).toEqual(["locked", [resource("own-1")]]);
    expect(take(prepare(), prepare()).outputs).toEqual(first.outputs);
    expect(refused(prepare(), prepare({ planHash: OTHER, computedHash: OTHER }))).toBe("rollback_plan_changed");
  });

  it.each([
    ["rollback_denied", { authorized: false }],
    ["rollback_plan_changed", { computedHash: OTHER }],
    ["rollback_too_late", { atS: NOW_S + 60 }],
    ["rollback_locked", { lockedBy: taskId(0xee) }],
    ["checkpoint_missing", { checkpoints: [] }],
    ["checkpoint_missing", { checkpoints: [{ ...CKPT, storedHash: null }] }],
    ["checkpoint_expired", { checkpoints: [{ ...CKPT, usableUntilS: NOW_S }] }],
    ["rollback_state_mismatch", { checkpoints: [{ ...CKPT, storedHash: OTHER }] }],
  ])("[CAS-S4] [CAS-S5] [CAS-21] is refused with %s, and holds nothing", (code, change) => {
    const { state, outputs } = take(prepare(change));
    expect(outputs).toEqual([{ kind: "reply", phase: "prepare", status: "refused", code }]);
    expect(state.locks).toEqual([]);
    const { outputs: after } = take(prepare(change), execute([1]));
    expect(after).toMatchObject([{ phase: "execute", result: { status: "failed", code: "rollback_not_ready" } }]);
  });
});

describe("execute", () => {
  it("[CAS-17] does a step once, under one key, and tells its result as often as it is asked", () => {
    const begun = take(prepare(), execute([1]));
    expect(begun.outputs).toEqual([{ kind: "perform", key: `${RB_ID}/1`, step: STEPS[0] }]);
    expect(take(prepare(), execute([1]), execute([1])).outputs).toEqual([]);
    expect(outstandingWork(begun.state)).toEqual(begun.outputs);
    const after = take(prepare(), execute([1]), performed(1), execute([1]));
    expect(after.outputs).toEqual([{ kind: "reply", phase: "execute", n: 1, result: { status: "done", residue: [] } }]);
    expect(outstandingWork(after.state)).toEqual([]);
    const twice = take(prepare(), execute([1]), performed(1), performed(1, { status: "failed" }));
    expect(twice.outputs).toEqual(after.outputs);
  });

  it("[CAS-14] does none of its own steps before those it waits for", () => {
    const early = take(prepare(), execute([2])).outputs;
    expect(early).toMatchObject([{ n: 2, result: { status: "failed", code: "rollback_out_of_order" } }]);
    expect(take(prepare(), execute([1]), performed(1), execute([2])).outputs).toMatchObject([{ kind: "perform" }]);
  });

  it("[CAS-21] a checkpoint that has ended since is not used", () => {
    const late = take(prepare(), execute([1]), performed(1), execute([2], { atS: NOW_S + 100 }));
    expect(late.outputs).toMatchObject([{ n: 2, result: { status: "failed", code: "checkpoint_expired" } }]);
  });

  it("[CAS-S4] takes no other plan, no other step, and nothing without a plan", () => {
    expect(refused(prepare(), execute([1], { planHash: OTHER }))).toBe("rollback_plan_changed");
    expect(refused(prepare(), execute([3]))).toBe("rollback_step_unasked");
    expect(refused(prepare(), performed(1))).toBe("rollback_step_unasked");
    expect(refused(execute([1]))).toBe("rollback_unprepared");
  });
});

describe("the last word", () => {
  it("abort frees at once where nothing was begun; else what is held stays until it is confirmed", () => {
    expect(take(prepare(), abort).state).toMatchObject({ phase: "aborted", locks: [] });
    const begun = take(prepare(), execute([1]), abort, performed(1));
    expect(begun.state).toMatchObject({ phase: "stopping", locks: [resource("own-1")] });
    const more = take(prepare(), execute([1]), performed(1), abort, execute([2])).outputs;
    expect(more).toMatchObject([{ n: 2, result: { status: "failed", code: "rollback_not_ready" } }]);
    expect(take(prepare(), execute([1]), abort, performed(1), confirm).state).toMatchObject({
      phase: "confirmed",
      locks: [],
    });
  });

  it("never frees in mid-step", () => {
    const confirmed = take(prepare(), execute([1]), confirm);
    expect(confirmed.state.locks).toEqual([resource("own-1")]);
    expect(take(prepare(), execute([1]), confirm, performed(1)).state.locks).toEqual([]);
    expect(take(prepare(), execute([1]), tick(700)).state.phase).toBe("locked");
  });

  it("[CAS-S4] a finished rollback does nothing more, however it is asked", () => {
    const over = [prepare(), execute([1]), performed(1), confirm];
    expect(refused(...over, prepare())).toBe("rollback_finished");
    expect(take(...over, execute([2])).outputs).toMatchObject([{ result: { code: "rollback_not_ready" } }]);
    expect(take(...over, confirm).outputs).toEqual([{ kind: "reply", phase: "confirm", status: "done", code: null }]);
    expect(refused(abort, prepare())).toBe("rollback_finished");
    expect(refused(confirm, prepare())).toBe("rollback_finished");
  });

  it("lets go after 600 s without a word, raises a failure signal, and does nothing more", () => {
    const done = [prepare(), execute([1]), performed(1)];
    expect(take(...done, tick(601)).state.phase).toBe("locked");
    const released = take(...done, tick(602));
    expect(released.outputs).toEqual([{ kind: "signal", code: "rollback_unconfirmed" }]);
    expect(released.state.locks).toEqual([]);
    expect(take(...done, tick(602), tick(1300)).outputs).toEqual([]);
    expect(take(...done, tick(602), execute([2])).outputs).toMatchObject([{ result: { code: "rollback_released" } }]);
    expect(take(...done, tick(602), confirm).outputs).toMatchObject([{ status: "failed", code: "rollback_released" }]);
  });
});
