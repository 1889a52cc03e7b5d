import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import type { Deed, TaskEffect } from "../agents/resources/effect.ts";
import { type Bench, ids, sha256, startedWorkflow } from "../engine/engine.fixture.ts";
import { CHECKPOINT_ACT } from "../protocol/cascade/checkpoint.ts";
import { ECT_EXT } from "../protocol/ect/claims.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { createHostResources } from "./resources.ts";

/** A task that was permitted in a workflow whose agents act, or do not, and the store as its agent has it. */
async function permitted(acts: boolean, undo: object = { effect: true, kind: "automatic" }) {
  const bench = await startedWorkflow(undefined, undefined, acts ? { [ECT_EXT.acts]: true } : {});
  const { wid, agentId: agent, clock, engine } = bench;
  const { desk, store } = createHostResources(engine, { values: bench.storage.values, clock, sha256 });
  const task = bench.task("build");
  const resource = `store://${wid}/site`;
  const effect: TaskEffect = {
    deeds: [{ kind: "write", uri: resource, text: "built" }],
    undo: "automatic",
    compensation: null,
    tell: [],
  };
  expect(await bench.submit(await intent(bench, task, resource, undo))).toMatchObject({ ok: true });
  const ckptId = v4();
  const usableUntilS = Math.floor(clock.nowMs() / 1000) + 1000;
  const save = (change: object = {}) => desk.save({ agent, wid, task, ckptId, usableUntilS, effect, ...change });
  const perform = (change: object = {}) => desk.perform({ agent, wid, task, deeds: effect.deeds, ...change });
  const begin = () => engine.submit({ kind: "effect", wid, task, latch: null, agent });
  const state = async (deeds = effect.deeds) => {
    const saved = await save({ effect: { ...effect, deeds } });
    if (!saved.ok) throw new Error(saved.error.code);
    const { scope, hash } = saved.value;
    const members = { ckpt_id: ckptId, ckpt_scope: scope, ckpt_hash: hash, ckpt_store: "urn:store", undo: "automatic" };
    const times = { ckpt_expires: usableUntilS, undo_deadline_s: 1000 };
    return bench.submit(await ect(bench, { ...members, ...times, target_jti: task }));
  };
  const text = async () => {
    const found = await store.read(resource);
    return found.ok ? (found.value?.text ?? null) : "unreadable";
  };
  return { bench, save, perform, begin, state, text, effect };
}

it("[CAS-35] does not save a compensation that writes what the intent does not name", async () => {
  const { save, effect, bench } = await permitted(true);
  const good = {
    cost: null,
    deeds: [{ kind: "write" as const, uri: `store://${bench.wid}/site`, text: "good again" }],
  };
  const wide = { ...good, deeds: [{ kind: "write" as const, uri: `store://${bench.wid}/other`, text: "taken" }] };
  expect(await save({ effect: { ...effect, compensation: wide } })).toMatchObject({
    ok: false,
    error: { code: "effect_undeclared" },
  });
  expect(await save({ effect: { ...effect, compensation: good } })).toMatchObject({ ok: true });
});

const times = (bench: Bench) => {
  const iat = Math.floor(bench.clock.nowMs() / 1000);
  return { iss: bench.agentId, aud: [ids.pepId], iat, exp: iat + 300, jti: v4(), wid: bench.wid };
};
const ect = (bench: Bench, ext: object): Promise<string> =>
  signToken("exec+jwt", { ...times(bench), exec_act: CHECKPOINT_ACT, pred: [], ect_ext: ext }, bench.agent);
const intent = (bench: Bench, task: string, resource: string, undo: object): Promise<string> =>
  signToken(
    "intent+jwt",
    {
      ...times(bench),
      task,
      exec_act: "build_site",
      pred: [],
      inp_hash: "A".repeat(43),
      args_hash: "A".repeat(43),
      acp: bench.acp,
      needs: { resources: [resource] },
      undo,
    },
    bench.agent,
  );

describe("what agents may do to resources", () => {
  it("[CAS-10] [CAS-29] is written once its effect was let through and the log has what undoes it, and not before", async () => {
    const { save, perform, begin, state, text } = await permitted(true);
    expect(await save()).toMatchObject({ ok: true });
    expect(await perform()).toMatchObject({ error: { code: "task_not_permitted" } });
    await begin();
    expect(await perform()).toMatchObject({ error: { code: "checkpoint_missing" } });
    expect(await text()).toBeNull();
    // Too late for the state before: nothing is saved of a task whose effect has begun.
    expect(await save()).toMatchObject({ error: { code: "task_not_permitted" } });
    await expect(state()).rejects.toThrow("task_not_permitted");
  });

  it("[CAS-29] is the task of the agent that asks, and of nobody else", async () => {
    const { save, perform, begin, state, text } = await permitted(true);
    expect(await save({ agent: "spiffe://console.local/agent/other" })).toMatchObject({ ok: false });
    expect(await state()).toMatchObject({ ok: true });
    await begin();
    expect(await perform({ agent: "spiffe://console.local/agent/other" })).toMatchObject({
      error: { code: "task_not_permitted" },
    });
    expect(await perform()).toMatchObject({ ok: true });
    expect(await text()).toBe("built");
  });

  it("[CAS-21] is not written over a checkpoint whose time is over", async () => {
    const { bench, perform, begin, state } = await permitted(true);
    await state();
    await begin();
    bench.clock.advance(1000);
    expect(await perform()).toMatchObject({ error: { code: "checkpoint_missing" } });
  });

  it("[CAS-11] needs no checkpoint in the log where the intent declares that it cannot be undone", async () => {
    const { save, perform, begin, text } = await permitted(true, { effect: true, kind: "impossible" });
    await save();
    await begin();
    expect(await perform()).toMatchObject({ ok: true });
    expect(await text()).toBe("built");
  });

  it("[CAS-11] [CAS-29] is written only where the intent names it, and where it says that it has an effect", async () => {
    const { save, perform, begin, state, text, effect } = await permitted(true);
    const beside: Deed = { kind: "write", uri: `${effect.deeds[0]?.uri}-beside`, text: "x" };
    const deeds = [...effect.deeds, beside];
    await save({ effect: { ...effect, deeds } });
    await state(deeds);
    await begin();
    expect(await perform({ deeds })).toMatchObject({ error: { code: "effect_undeclared" } });
    expect(await perform()).toMatchObject({ ok: true });
    const silent = await permitted(true, { effect: false });
    await silent.state();
    await silent.begin();
    expect(await silent.perform()).toMatchObject({ error: { code: "effect_undeclared" } });
    expect([await text(), await silent.text()]).toEqual(["built", null]);
  });

  it("[CAS-30] is nothing in a workflow whose start does not say that its agents act", async () => {
    const { save } = await permitted(false);
    expect(await save()).toMatchObject({ error: { code: "task_not_permitted" } });
  });
});
