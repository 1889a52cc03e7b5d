import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { alice, type Bench, startedWorkflow } from "../engine.fixture.ts";
import { orders } from "./orders.fixture.ts";

async function takenOver(change: object = {}) {
  const bench = await startedWorkflow();
  const by = orders(bench);
  const mia = await bench.person("mia", ["duty_manager"]);
  const until = Math.floor(bench.clock.nowMs() / 1000) + 28_800;
  const takeover = await by.cosigned(mia, "takeover", { params: {}, effect_until: until, ...change });
  const carryOut = (name: string, about: object = {}) =>
    by.give("resume", { scope: { kind: "task", id: bench.task(name) }, params: { of: takeover.jti }, ...about });
  return { bench, by, mia, takeover, carryOut, until };
}

/** The record of a task of this kind: what it says of an operator. */
async function recorded(bench: Bench, submitted: Awaited<ReturnType<Bench["submit"]>>): Promise<unknown> {
  const fact = submitted.ok ? must(submitted.value.logged.at(-1), "a record").fact : null;
  await bench.engine.idle();
  return fact?.typ === "record+jwt" ? [fact.claims.kind, fact.claims.data.operator] : submitted;
}

describe("a takeover", () => {
  it("[OVR-6] [OVR-S4] holds every step of the agent until an operator carries it out, named in the record", async () => {
    const { bench, by, carryOut } = await takenOver();
    expect(await by.state()).toBe("human_control");
    expect(await by.ask("a")).toBe("agent_taken_over");
    expect((await carryOut("a")).code).toBe("accepted");
    const intent = await bench.submit(await bench.intent(bench.task("a"), "build_site"));
    expect(await recorded(bench, intent)).toEqual(["permitted", alice]);
    const effect = await bench.engine.submit({ kind: "effect", wid: bench.wid, task: bench.task("a"), latch: null });
    expect(await recorded(bench, effect)).toEqual(["effect_started", alice]);
    expect([await by.ask("b"), await by.state()]).toEqual(["agent_taken_over", "human_control"]);
    expect((await carryOut("a")).code).toBe("override_state_invalid");
  });

  it("[OVR-30] what is carried out meets the same policy and the same humans", async () => {
    const { bench, carryOut } = await takenOver();
    await carryOut("deploy");
    const result = await bench.submit(await bench.intent(bench.task("deploy"), "deploy_site"));
    expect(await recorded(bench, result)).toEqual(["gate_required", alice]);
  });

  it("[OVR-22] expires into a pause that holds everything, also what was being carried out, until it is resumed", async () => {
    const { bench, by, takeover, carryOut } = await takenOver();
    await carryOut("a");
    await by.ask("a");
    await bench.engine.submit({ kind: "override_expiry", signal: takeover.jti });
    expect([await by.state(), await by.effect("a"), (await carryOut("b")).code]).toEqual([
      "paused",
      "agent_paused",
      "override_state_invalid",
    ]);
    expect((await by.give("release", { params: { of: takeover.jti } })).code).toBe("override_state_invalid");
    expect((await by.resume(takeover.jti)).code).toBe("accepted");
    expect([await by.state(), await by.effect("a")]).toEqual(["running", "effect_started"]);
  });

  it("[OVR-6] is released into a pause, never straight to running", async () => {
    const { by, takeover } = await takenOver();
    expect((await by.resume(takeover.jti)).code).toBe("override_state_invalid");
    expect((await by.give("release", { params: { of: takeover.jti } })).code).toBe("accepted");
    expect(await by.state()).toBe("paused");
    await by.resume(takeover.jti);
    expect(await by.state()).toBe("running");
  });

  it("[OVR-22] [OVR-S4] has an end within eight hours, two people, and agents it is of", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const mia = await bench.person("mia", ["duty_manager"]);
    const until = Math.floor(bench.clock.nowMs() / 1000) + 28_800;
    expect((await by.give("takeover", { effect_until: until })).code).toBe("override_cosign_missing");
    expect((await by.cosigned(mia, "takeover", {})).code).toBe("token_claim_invalid");
    expect((await by.cosigned(mia, "takeover", { effect_until: until + 1 })).code).toBe("token_claim_invalid");
    const scope = { kind: "task", id: bench.task("a") };
    expect((await by.cosigned(mia, "takeover", { effect_until: until, scope })).code).toBe("override_scope_unknown");
    expect((await by.cosigned(mia, "takeover", { effect_until: until })).code).toBe("accepted");
  });

  it("a task that was stopped is carried out again only when an operator says so again", async () => {
    const { bench, by, carryOut } = await takenOver();
    await carryOut("a");
    await by.ask("a");
    await by.give("stop", { level: "emergency", params: { mode: "immediate" }, deadline_ms: 1000 });
    const carried = await bench.engine.read((state) =>
      [...state.overrides.values()].map((signal) => signal.carried.size),
    );
    expect(carried).toEqual([0, 0, 0]);
  });
});
