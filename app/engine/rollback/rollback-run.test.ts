import { describe, expect, it } from "vitest";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { codeOf } from "../override/orders.fixture.ts";
import { digest, kinds, ordered, planOf, rollbackBench } from "./rollback-bench.fixture.ts";

describe("carrying it out", () => {
  it("[CAS-13] [CAS-25] [CAS-32] prepares, executes in order and confirms; nothing in the log is altered", async () => {
    const bench = await rollbackBench();
    const a = await bench.checkpoint("a");
    const b = await bench.checkpoint("b");
    await bench.act("a");
    await bench.act("b", ["a"]);
    await bench.permit("next", ["b"]);
    const before = await bench.engine.read((state) => structuredClone(state.workflows.get(bench.wid)));
    const { rbId, frames, answer, result, plan } = await ordered(bench, "a");
    expect(codeOf(await answer({}))).toBe("accepted");
    expect(codeOf(await result("b", { status: "done", restored_hash: b.hash }))).toBe("accepted");
    expect(codeOf(await result("a", { status: "done", restored_hash: a.hash }))).toBe("accepted");
    expect(frames.slice(1).map(kinds)).toEqual([
      ["rollback-result+jwt prepare", "rollback_moved execute", "rollback-request+jwt execute"],
      ["rollback-result+jwt execute", "rollback_result", "rollback-request+jwt execute"],
      [
        "rollback-result+jwt execute",
        "rollback_result",
        "rollback_moved confirm",
        "rollback-request+jwt confirm",
        "override_ended",
      ],
    ]);
    const ect = frames[2]?.[1]?.fact;
    expect(ect?.claims).toMatchObject({
      exec_act: "rollback_result",
      pred: [bench.task("b"), nodeJti(rbId)],
      ect_ext: { rb_id: rbId, n: 1, outcome: "done" },
    });
    expect((await bench.run(rbId)).phase).toBe("confirmed");
    expect(codeOf(await answer({ phase: "confirm", status: "done" }))).toBe("accepted");
    expect(codeOf(await bench.answer(rbId, plan.planHash, {}).then(bench.submit))).toBe("rollback_known");
    const after = await bench.engine.read((state) => structuredClone(state.workflows.get(bench.wid)));
    expect(after?.tasks).toEqual(before?.tasks);
    for (const [jti, held] of before?.ects ?? []) expect(after?.ects.get(jti)).toEqual(held);
    expect(await bench.state()).toBe("paused");
    const scope = { kind: "workflow", id: bench.wid };
    expect((await bench.give("resume", { scope, params: { of: rbId } })).code).toBe("accepted");
    expect(await bench.effect("next")).toBe("effect_refused");
    expect(await bench.asked("later", ["b"])).toBe("rollback_pred_undone");
    expect(await bench.asked("fresh", [])).toBe("permitted");
    expect((await planOf(bench, "a")).plan.report.skipped).toHaveLength(2);
  });

  it("[CAS-32] nothing follows what was undone through what was skipped, nor what is not known to be undone", async () => {
    const bench = await rollbackBench();
    const { hash } = await bench.checkpoint("a");
    await bench.act("root", [], { effect: false }, []);
    await bench.act("a", ["root"]);
    await bench.act("looked", ["a"], { effect: false }, []);
    await bench.act("told", ["looked"], { effect: false }, []);
    await bench.act("slow", ["root"], { effect: true, compensation: {} });
    await bench.act("other", [], { effect: false }, []);
    const { rbId, answer, result } = await ordered(bench, "root", true);
    await answer({});
    await result("a", { status: "done", restored_hash: hash });
    bench.clock.advance(60);
    await bench.engine.submit({ kind: "rollback_tick", rbId, again: false });
    const confirm = await bench.requestOf(rbId, "confirm");
    expect(codeOf(await bench.submit(await bench.say(bench.bob, confirm)))).toBe("accepted");
    const scope = { kind: "workflow", id: bench.wid };
    expect((await bench.give("resume", { scope, params: { of: rbId } })).code).toBe("accepted");
    for (const name of ["a", "looked", "told", "slow"])
      expect(await bench.asked(`after ${name}`, [name])).toBe("rollback_pred_undone");
    for (const name of ["root", "other"]) expect(await bench.asked(`after ${name}`, [name])).toBe("permitted");
  });

  it("[CAS-16] [CAS-26] what is left needs a person, who confirms what was shown and nothing newer", async () => {
    const bench = await rollbackBench();
    const { hash } = await bench.checkpoint("a");
    await bench.act("root", [], { effect: false }, []);
    await bench.act("a", ["root"]);
    await bench.act("mail", ["root"], { effect: true, kind: "impossible" });
    await bench.act("slow", ["root"], { effect: true, compensation: {} });
    const { rbId, answer, result } = await ordered(bench, "root", true);
    await answer({});
    await result("a", { status: "done", restored_hash: hash });
    bench.clock.advance(60);
    expect(codeOf(await bench.engine.submit({ kind: "rollback_tick", rbId, again: false }))).toBe("accepted");
    expect((await bench.run(rbId)).phase).toBe("partial");
    expect(await bench.state()).toBe("rolling_back");
    const seen = await bench.requestOf(rbId, "confirm");
    const { jti, token } = await bench.compensate(rbId, "slow");
    expect(codeOf(await bench.submit(token))).toBe("accepted");
    expect(codeOf(await result("slow", { status: "done", compensation: jti }))).toBe("accepted");
    expect(codeOf(await bench.submit(await bench.say(bench.bob, seen)))).toBe("rollback_residue_changed");
    const viewer = await bench.person("vera", ["viewer"]);
    const now = await bench.requestOf(rbId, "confirm");
    expect(codeOf(await bench.submit(await bench.say(viewer, now)))).toBe("rollback_denied");
    expect(codeOf(await bench.submit(await bench.say(bench.bob, { ...now, auth_time: bench.nowS() - 301 })))).toBe(
      "rollback_denied",
    );
    expect(codeOf(await bench.submit(await bench.say(bench.bob, now)))).toBe("accepted");
    const run = await bench.run(rbId);
    expect([run.phase, run.confirmedBy]).toEqual(["confirmed", { operator: bench.bob.id, reason: "seen" }]);
  });

  it("[CAS-17] a result counts once, the same token never twice", async () => {
    const bench = await rollbackBench();
    const { hash } = await bench.checkpoint("a");
    await bench.act("a");
    const { rbId, answer, plan } = await ordered(bench, "a");
    const ready = await bench.answer(rbId, plan.planHash, {});
    expect(codeOf(await bench.submit(ready))).toBe("accepted");
    expect(codeOf(await bench.submit(ready))).toBe("token_replayed");
    expect(codeOf(await answer({ status: "refused" }))).toBe("rollback_known");
    const done = { phase: "execute", n: 1, task: bench.task("a"), status: "done", restored_hash: hash } as const;
    expect(codeOf(await answer(done))).toBe("accepted");
    expect(codeOf(await answer({ ...done, status: "failed" }))).toBe("rollback_finished");
  });

  it("[CAS-18] [ECT-44] [ECT-45] what is compensated has its compensation in the log, once", async () => {
    const bench = await rollbackBench();
    await bench.act("pay", [], { effect: true, compensation: { cost: "3" } });
    const { rbId, answer, result } = await ordered(bench, "pay");
    const early = await bench.compensate(rbId, "pay");
    expect(codeOf(await bench.submit(early.token))).toBe("ect_act_reserved");
    await answer({});
    expect(codeOf(await result("pay", { status: "done" }))).toBe("compensation_missing");
    expect(codeOf(await result("pay", { status: "done", compensation: early.jti }))).toBe("compensation_missing");
    const second = await bench.compensate(rbId, "pay");
    expect(codeOf(await bench.submit(early.token))).toBe("accepted");
    expect(codeOf(await bench.submit(second.token))).toBe("dag_double_compensation");
    expect(codeOf(await result("pay", { status: "done", compensation: early.jti }))).toBe("accepted");
    expect((await bench.run(rbId)).phase).toBe("confirmed");
  });

  it("[CAS-S5] a restore that comes out with another digest has failed, and all stops", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    const { rbId, answer, result, frames } = await ordered(bench, "a");
    await answer({});
    await result("a", { status: "done", restored_hash: digest("something else") });
    const run = await bench.run(rbId);
    expect([run.phase, run.stopped?.code]).toEqual(["failed", "rollback_state_mismatch"]);
    expect(kinds(frames.at(-1) ?? [])).toContain("rollback_moved signal");
  });

  it("[CAS-S4] answers of others, of another plan or about another step are refused", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    await bench.act("hand", ["a"], { effect: true, kind: "assisted" });
    const { rbId, answer, result, plan } = await ordered(bench, "a");
    expect(codeOf(await bench.answer(rbId, digest("other"), {}).then(bench.submit))).toBe("rollback_plan_changed");
    await answer({});
    expect(codeOf(await result("hand", { status: "done" }))).toBe("rollback_participant_denied");
    expect(codeOf(await answer({ phase: "execute", n: 1, task: bench.task("a"), status: "done" }))).toBe(
      "rollback_step_unasked",
    );
    const byHand = {
      rb_id: rbId,
      plan_hash: plan.planHash,
      phase: "execute",
      n: 1,
      task: bench.task("hand"),
      status: "done",
      residue: [],
    };
    const viewer = await bench.person("vera", ["viewer"]);
    expect(codeOf(await bench.submit(await bench.say(viewer, byHand, "rollback-result+jwt")))).toBe("rollback_denied");
    expect(codeOf(await bench.submit(await bench.say(bench.bob, byHand, "rollback-result+jwt")))).toBe("accepted");
    const steps = await bench.engine.read((state) => state.rollbacks.get(rbId)?.steps.get(1));
    expect(steps?.operator).toBe(bench.bob.id);
  });

  it("[CAS-S4] whoever does not answer in time has refused: it ends without effect, and its agents are paused", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    const { rbId } = await ordered(bench, "a");
    expect(codeOf(await bench.engine.submit({ kind: "rollback_tick", rbId, again: false }))).toBe("rollback_known");
    bench.clock.advance(60);
    expect(codeOf(await bench.engine.submit({ kind: "rollback_tick", rbId, again: false }))).toBe("accepted");
    const run = await bench.run(rbId);
    expect([run.phase, run.stopped?.code]).toEqual(["refused", "rollback_no_answer"]);
    expect(await bench.state()).toBe("paused");
  });
});

it("[CAS-25] the log alone gives the same state again, after every frame", async () => {
  const bench = await rollbackBench();
  const { hash } = await bench.checkpoint("a");
  await bench.act("a");
  await bench.act("pay", ["a"], { effect: true, compensation: {} });
  const same = async (): Promise<void> => {
    const again = await bench.reopen();
    const folded = await again.read((state) => structuredClone([state.rollbacks, state.checkpoints]));
    const live = await bench.engine.read((state) => structuredClone([state.rollbacks, state.checkpoints]));
    expect(folded).toEqual(live);
  };
  const { rbId, answer, result } = await ordered(bench, "a");
  await same();
  await answer({});
  await same();
  const { jti, token } = await bench.compensate(rbId, "pay");
  await bench.submit(token);
  await result("pay", { status: "done", compensation: jti });
  await same();
  await result("a", { status: "done", restored_hash: hash });
  await same();
  expect((await bench.run(rbId)).phase).toBe("confirmed");
});
