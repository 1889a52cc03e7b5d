import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import type { Deed, TaskEffect } from "../agents/resources/effect.ts";
import { value } from "../agents/resources/resource-store.suite.ts";
import { compensationId, type KeptParticipant, type UndoOrder } from "../agents/resources/resource-store.ts";
import { sha256 } from "../engine/engine.fixture.ts";
import { codeOf } from "../engine/override/orders.fixture.ts";
import { digest, ordered, type RollbackBench, rollbackBench } from "../engine/rollback/rollback-bench.fixture.ts";
import type { Latch } from "../gateway/latch-table.ts";
import type { CheckpointExt } from "../protocol/cascade/checkpoint.ts";
import { createHostResources } from "./resources.ts";

const OTHER = "spiffe://console.local/agent/other";

/** Two tasks that have written, the second after the first: one to be restored, one to be made good. */
async function written(stated: Partial<CheckpointExt> = {}) {
  const bench = await rollbackBench();
  const { wid, agentId: agent, clock, engine, storage } = bench;
  const stops: Latch[] = [];
  const { desk, store } = createHostResources(engine, { values: storage.values, clock, sha256, stops: () => stops });
  const at = (name: string): string => `store://${wid}/${name}`;
  const act = async (name: string, pred: readonly string[], compensation: TaskEffect["compensation"]) => {
    const task = bench.task(name);
    const ckptId = v4();
    const deeds: Deed[] = [{ kind: "write", uri: at(name), text: "new" }];
    const effect: TaskEffect = { deeds, undo: "automatic", compensation, tell: [] };
    const usableUntilS = bench.nowS() + 3600;
    const { scope, hash } = value(await store.save({ agent, wid, task, ckptId, usableUntilS, effect }));
    if (compensation === null)
      await bench.checkpoint(name, { ckpt_id: ckptId, ckpt_hash: hash, ckpt_scope: [...scope], ...stated });
    await bench.act(name, pred, compensation === null ? undefined : { effect: true, compensation: {} }, [at(name)]);
    value(await store.perform({ agent, wid, task, deeds }));
    return { task, ckptId, hash };
  };
  const site = await act("site", [], null);
  const pay = await act("pay", ["site"], { deeds: [{ kind: "write", uri: at("pay"), text: "good" }], cost: null });
  const texts = async () =>
    Object.fromEntries(value(await store.list(`store://${wid}/`)).map(({ uri, text }) => [uri, text]));
  const orders = (rbId: string): { readonly compensate: UndoOrder; readonly restore: UndoOrder } => {
    const by = (n: number) => ({ agent, rbId, n, compensation: compensationId(rbId, n) });
    return {
      compensate: { ...by(1), task: pay.task, method: "compensate", ckptId: null },
      restore: { ...by(2), task: site.task, method: "restore", ckptId: site.ckptId },
    };
  };
  /** The first step is over: the second is asked for. */
  const madeGood = async ({ rbId, result }: Awaited<ReturnType<typeof ordered>>) => {
    const { jti, token } = await bench.compensate(rbId, "pay");
    expect(codeOf(await bench.submit(token))).toBe("accepted");
    expect(codeOf(await result("pay", { status: "done", compensation: jti }))).toBe("accepted");
  };
  return { bench, desk, store, stops, site, pay, at, agent, wid, texts, orders, madeGood };
}

describe("what agents may undo", () => {
  it("[CAS-29] [CAS-S5] is the step they were asked for, as the plan has it, and nothing before or beside it", async () => {
    const { bench, desk, site, at, texts, orders, madeGood } = await written();
    const unasked = { error: { code: "rollback_step_unasked" } };
    const early = orders(v4());
    for (const order of [early.compensate, early.restore]) expect(await desk.undo(order)).toMatchObject(unasked);
    const rollback = await ordered(bench, "site");
    const { compensate, restore } = orders(rollback.rbId);
    expect(await desk.undo(compensate)).toMatchObject(unasked);
    await rollback.answer({});
    const changes: Partial<UndoOrder>[] = [
      { agent: OTHER },
      { task: site.task },
      { n: 3 },
      { method: "restore" },
      { ckptId: site.ckptId },
      { compensation: site.task },
    ];
    for (const change of changes) expect(await desk.undo({ ...compensate, ...change })).toMatchObject(unasked);
    expect(await desk.undo(restore)).toMatchObject(unasked);
    expect(await texts()).toEqual({ [at("pay")]: "new", [at("site")]: "new" });
    expect(value(await desk.undo(compensate))).toMatchObject({ status: "done" });
    await madeGood(rollback);
    expect(value(await desk.undo(restore))).toMatchObject({ status: "done", restoredHash: site.hash });
    expect(await texts()).toEqual({ [at("pay")]: "good" });
    await rollback.result("site", { status: "done", restored_hash: site.hash });
    expect(await desk.undo(restore)).toMatchObject(unasked);
  });

  it("[OVR-46] [S5] is nothing from the moment that a stop is latched, whether the log has it or not", async () => {
    const { bench, desk, stops, at, wid, texts, orders, madeGood } = await written();
    const rollback = await ordered(bench, "site");
    await rollback.answer({});
    const { compensate, restore } = orders(rollback.rbId);
    stops.push({ jti: v4(), scope: { kind: "workflow", id: wid }, targets: new Set(), sinceMs: 0 });
    expect(await desk.undo(compensate)).toMatchObject({ error: { code: "override_active" } });
    expect((await texts())[at("pay")]).toBe("new");
    stops.pop();
    expect(value(await desk.undo(compensate))).toMatchObject({ status: "done" });
    // What was written before is told as it is, by whomever it is asked again.
    stops.push({ jti: v4(), scope: { kind: "workflow", id: wid }, targets: new Set(), sinceMs: 0 });
    expect(value(await desk.undo(compensate))).toMatchObject({ status: "done" });
    expect(await desk.undo({ ...compensate, agent: OTHER })).toMatchObject({ error: { code: "override_active" } });
    stops.pop();
    // What it has ended stays ended when it is released, also the step that was asked for before.
    await madeGood(rollback);
    const scope = { kind: "workflow", id: wid };
    const stop = await bench.give("stop", { scope, params: { mode: "immediate" }, level: "emergency" });
    const release = await bench.give("release", { scope, params: { of: stop.jti } });
    expect([stop.code, release.code]).toEqual(["accepted", "accepted"]);
    expect(await desk.undo(restore)).toMatchObject({ error: { code: "override_active" } });
    expect((await texts())[at("site")]).toBe("new");
  });

  it("[CAS-S5] is only what the log states of a checkpoint", async () => {
    const { bench, desk, at, texts, orders, madeGood } = await written({ ckpt_hash: digest("else") });
    const rollback = await ordered(bench, "site");
    await rollback.answer({});
    await madeGood(rollback);
    expect(await desk.undo(orders(rollback.rbId).restore)).toMatchObject({
      error: { code: "rollback_state_mismatch" },
    });
    expect((await texts())[at("site")]).toBe("new");
  });

  it("[CAS-17] [CAS-S4] is a step that came too late until it is all over, and not after", async () => {
    const late = async (end: (bench: RollbackBench, rbId: string) => Promise<unknown>) => {
      const { bench, desk, orders, texts, at } = await written();
      const { rbId, answer } = await ordered(bench, "site");
      await answer({});
      bench.clock.advance(60);
      await bench.engine.submit({ kind: "rollback_tick", rbId, again: false });
      expect((await bench.run(rbId)).steps[0]?.status).toBe("timeout");
      await end(bench, rbId);
      const undone = await desk.undo(orders(rbId).compensate);
      return [undone.ok ? undone.value.status : undone.error.code, (await texts())[at("pay")]];
    };
    expect(await late(() => Promise.resolve())).toEqual(["done", "good"]);
    const confirmed = late(async (bench, rbId) =>
      bench.submit(await bench.say(bench.bob, await bench.requestOf(rbId, "confirm"))),
    );
    expect(await confirmed).toEqual(["rollback_step_unasked", "new"]);
    const lapsed = late((bench, rbId) => {
      bench.clock.advance(600);
      return bench.engine.submit({ kind: "rollback_tick", rbId, again: false });
    });
    expect(await lapsed).toEqual(["rollback_step_unasked", "new"]);
  });

  it("[CAS-S2] is held for it while it goes on, by whoever takes part, as far as their steps write", async () => {
    const { bench, desk, store, agent, wid, at } = await written();
    const { rbId } = await ordered(bench, "site");
    const none = { planHash: null, code: null, steps: [], usableUntilS: {}, begun: true, results: {} };
    const state = { ...none, rbId, phase: "locked", locks: [at("site")], underway: [2] } as const;
    const kept: KeptParticipant = { wid, ects: {}, state: { ...state, quietSinceS: bench.nowS() } };
    const denied = { error: { code: "rollback_participant_denied" } };
    expect(await desk.keep(OTHER, kept)).toMatchObject(denied);
    expect(await desk.keep(agent, { ...kept, wid: v4() })).toMatchObject(denied);
    const changed = (change: Partial<KeptParticipant["state"]>) => ({ ...kept, state: { ...kept.state, ...change } });
    expect(await desk.keep(agent, changed({ rbId: v4() }))).toMatchObject(denied);
    expect(await desk.keep(OTHER, changed({ locks: [] }))).toMatchObject(denied);
    for (const locks of [[`store://${wid}/`], [at("other")]])
      expect(await desk.keep(agent, changed({ locks }))).toMatchObject(denied);
    value(await desk.keep(agent, kept));
    const holder = async () => {
      const found = await store.lockedBy("", [at("site")]);
      return found.ok ? found.value : found.error.code;
    };
    expect(await holder()).toBe(rbId);
    // It ends without effect, and its participant goes on saying that it is in the middle of something.
    bench.clock.advance(60);
    await bench.engine.submit({ kind: "rollback_tick", rbId, again: false });
    expect((await bench.run(rbId)).phase).toBe("refused");
    expect(await holder()).toBeNull();
    value(await desk.keep(agent, kept));
    expect(value(await desk.kept(agent))[0]?.state.locks).toEqual([]);
  });

  it("[CAS-29] [CAS-S2] is nothing by a message that is none", async () => {
    const { desk, agent } = await written();
    const invalid = { error: { code: "desk_message_invalid" } };
    // A worker that is somebody else's sends anything.
    const sent = (message: unknown) => message as never;
    expect(await desk.save(sent({ agent, effect: null }))).toMatchObject(invalid);
    expect(await desk.perform(sent({ agent, wid: v4(), task: v4(), deeds: [] }))).toMatchObject(invalid);
    expect(await desk.undo(sent({ agent, rbId: "x", n: "1" }))).toMatchObject(invalid);
    expect(await desk.keep(agent, sent({ wid: v4(), state: { rbId: v4(), locks: [{}] } }))).toMatchObject(invalid);
    expect(await desk.held(agent, sent("x"))).toMatchObject(invalid);
    expect(await desk.lockedBy("", sent([{}]))).toMatchObject(invalid);
  });
});
