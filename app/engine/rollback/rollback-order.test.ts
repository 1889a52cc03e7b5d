import { describe, expect, it } from "vitest";
import { ids } from "../engine.fixture.ts";
import { codeOf } from "../override/orders.fixture.ts";
import { kinds, ordered, place, planOf, rollbackBench } from "./rollback-bench.fixture.ts";

describe("a dry run over the log", () => {
  it("[CAS-12] [CAS-14] walks the DAG backwards: what depends on a task is undone before it", async () => {
    const bench = await rollbackBench();
    for (const name of ["a", "b", "c", "other"]) await bench.checkpoint(name);
    await bench.act("a");
    await bench.act("b", ["a"]);
    await bench.act("c", ["b"]);
    await bench.act("other");
    const { plan, problem } = await planOf(bench, "a");
    expect(plan.steps.map(({ task, method, depends_on }) => [task, method, depends_on])).toEqual([
      [bench.task("c"), "restore", []],
      [bench.task("b"), "restore", [1]],
      [bench.task("a"), "restore", [2]],
    ]);
    expect(plan.report.cut).toEqual({ frontier: [bench.task("other")], stays: 1 });
    expect(problem).toBeNull();
    const kept = await planOf(bench, "a", false, true);
    expect(kept.plan.steps.map(({ task }) => task)).toEqual([bench.task("c"), bench.task("b")]);
  });

  it("[CAS-10] [CAS-11] [CAS-15] tells what was declared: effect, cost, who is told, and that all or nothing cannot begin", async () => {
    const bench = await rollbackBench();
    await bench.act("read", [], { effect: false }, []);
    await bench.act("pay", ["read"], { effect: true, compensation: { cost: "12.50" } });
    await bench.act("mail", ["pay"], { effect: true, kind: "impossible", tell: ["customers"] });
    await bench.act("hand", ["pay"], { effect: true, kind: "assisted" });
    const { plan, problem } = await planOf(bench, "read");
    const { report } = plan;
    const acts = (lines: readonly { readonly execAct: string }[]) => lines.map(({ execAct }) => execAct);
    expect([acts(report.skipped), acts(report.compensated), acts(report.manual)]).toEqual([
      ["build_read"],
      ["build_pay"],
      ["build_hand"],
    ]);
    expect(report.impossible).toMatchObject([{ why: "declared_irreversible", tell: [bench.agentId, "customers"] }]);
    expect(report.cost).toEqual({ total: "12.5", unstated: 1 });
    expect(problem?.code).toBe("rollback_irreversible");
    const before = await bench.engine.read((state) => state.size);
    const { code } = await ordered(bench, "read");
    expect(code).toBe("rollback_irreversible");
    expect(await bench.engine.read((state) => state.size)).toBe(before);
    expect((await planOf(bench, "read", true)).problem).toBeNull();
  });

  it("[CAS-21] an expired checkpoint is not used, and said to be expired", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a", { undo_deadline_s: 60 });
    await bench.act("a");
    expect((await planOf(bench, "a")).plan.steps[0]?.method).toBe("restore");
    bench.clock.advance(61);
    const { plan } = await planOf(bench, "a");
    expect(plan.steps[0]?.method).toBe("skip");
    expect(plan.report.conflicts).toMatchObject([{ kind: "checkpoint_expired", blocks: false }]);
    expect(await bench.engine.read((state) => state.checkpoints.size)).toBe(1);
  });

  it("[CAS-24] restores a checkpoint for the first task that touched its place, after those that came later", async () => {
    const bench = await rollbackBench();
    const { ckptId } = await bench.checkpoint("shelf");
    await bench.act("a", [], undefined, [place("shelf")]);
    await bench.act("b", ["a"], undefined, [place("shelf")]);
    const { plan } = await planOf(bench, "a");
    expect(plan.steps.map(({ method, ckpt_id }) => [method, ckpt_id])).toEqual([
      ["skip", ckptId],
      ["restore", ckptId],
    ]);
    expect(plan.report.undone).toHaveLength(2);
  });

  it("[CAS-S5] takes a checkpoint once, well formed, from an agent of the workflow", async () => {
    const bench = await rollbackBench();
    const first = await bench.checkpoint("a");
    expect(codeOf(first.answer)).toBe("accepted");
    expect(codeOf((await bench.checkpoint("b", { ckpt_id: first.ckptId })).answer)).toBe("checkpoint_known");
    expect(codeOf((await bench.checkpoint("c", { ckpt_scope: ["store://shop/../x"] })).answer)).toBe(
      "checkpoint_invalid",
    );
  });
});

describe("the order", () => {
  it("[OVR-S4] [CAS-S4] [CAS-31] needs two people, an order at least, and the plan they were shown", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    const { plan } = await planOf(bench, "a");
    const params = { target: { kind: "task", id: bench.task("a") }, best_effort: false, plan_hash: plan.planHash };
    const scope = { kind: "workflow", id: bench.wid };
    expect((await bench.give("rollback", { scope, params })).code).toBe("override_cosign_missing");
    expect((await bench.order(params, { level: "advisory" })).code).toBe("override_level_too_low");
    expect((await bench.order({ ...params, drill: true })).code).toBe("token_claim_invalid");
    expect((await bench.order(params, { scope: { kind: "domain", id: "console.local" } })).code).toBe(
      "override_scope_unknown",
    );
    const until = { effect_until: bench.nowS() + 600 };
    expect((await bench.order(params, until)).code).toBe("token_claim_invalid");
    // Characters that JSON writes as six bytes each.
    expect((await bench.order(params, { reason: "\u0001".repeat(1400) })).code).toBe("token_claim_invalid");
    await bench.act("b", ["a"]);
    expect((await bench.order(params)).code).toBe("rollback_plan_changed");
    expect(await bench.engine.read((state) => state.rollbacks.size)).toBe(0);
  });

  it("[CAS-25] [OVR-5] is logged in one frame with its node, its plan and the requests that go out", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    const { rbId, code, frames, plan } = await ordered(bench, "a");
    expect(code).toBe("accepted");
    expect(frames.map(kinds)).toEqual([
      ["override+jwt", "rollback_prepare", "rollback_planned", "rollback-request+jwt prepare"],
    ]);
    const prepare = frames[0]?.[3]?.fact;
    expect(prepare?.claims).toMatchObject({
      aud: [bench.agentId, ids.pepId],
      plan_hash: plan.planHash,
      authority: { id: rbId },
    });
    expect(await bench.state()).toBe("rolling_back");
    expect(
      (await bench.give("resume", { scope: { kind: "workflow", id: bench.wid }, params: { of: rbId } })).code,
    ).toBe("override_state_invalid");
  });

  it("[CAS-32] lets what is under way end, holds what follows what is undone, and lets only one roll back at a time", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    await bench.permit("free");
    await bench.permit("next", ["a"]);
    const { code, rbId } = await ordered(bench, "a");
    expect(code).toBe("accepted");
    expect(await bench.effect("next")).toBe("agent_rolling_back");
    expect(await bench.effect("free")).toBe("effect_started");
    expect((await ordered(bench, "a")).code).toBe("rollback_conflict");
    const say = await bench.say(bench.bob, await bench.requestOf(rbId, "abort"));
    expect(codeOf(await bench.submit(say))).toBe("accepted");
    expect(await bench.state()).toBe("pausing");
  });

  it("[CAS-24] [CAS-32] holds what would write where something is restored, unless its effect was let through", async () => {
    const bench = await rollbackBench();
    for (const name of ["a", "b"]) await bench.checkpoint(name);
    await bench.act("a");
    await bench.act("b");
    await bench.permit("same", [], [place("a")]);
    await bench.permit("below", [], [`${place("a")}/part`]);
    await bench.permit("away", [], [place("c")]);
    await bench.permit("beside", [], [`${place("a")}-2`]);
    expect((await ordered(bench, "a")).code).toBe("accepted");
    expect(await bench.effect("same")).toBe("agent_rolling_back");
    expect(await bench.effect("below")).toBe("agent_rolling_back");
    expect(await bench.effect("away")).toBe("effect_started");
    expect(await bench.effect("beside")).toBe("effect_started");
  });

  it("[CAS-S4] an effect under way among what is to be undone blocks", async () => {
    const bench = await rollbackBench();
    await bench.checkpoint("a");
    await bench.act("a");
    await bench.permit("next", ["a"]);
    expect(await bench.effect("next")).toBe("effect_started");
    expect((await planOf(bench, "a", true)).problem?.code).toBe("rollback_conflict");
  });
});
