import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { alice, type Bench, ids, startedWorkflow } from "../engine.fixture.ts";
import { codeOf, orders } from "./orders.fixture.ts";

describe("a pause", () => {
  it("[OVR-6] now: holds every permission and effect of the agent, throws none away, and a resume goes on", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    await by.ask("build");
    const pause = await by.pause();
    expect(pause.code).toBe("accepted");
    expect([await by.state(), await by.effect("build"), await by.ask("next")]).toEqual([
      "paused",
      "agent_paused",
      "agent_paused",
    ]);
    const size = await bench.engine.read((state) => state.size);
    await by.effect("build");
    expect(await bench.engine.read((state) => state.size)).toBe(size);
    expect((await by.resume(pause.jti)).code).toBe("accepted");
    expect([await by.state(), await by.effect("build"), await by.ask("next")]).toEqual([
      "running",
      "effect_started",
      "accepted",
    ]);
  });

  it("[OVR-6] [OVR-27] after the task: what was under way ends, nothing begins, pausing becomes paused", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    await by.ask("build");
    await by.pause("after_task");
    expect([await by.state(), await by.ask("next")]).toEqual(["pausing", "agent_paused"]);
    expect(await by.effect("build")).toBe("effect_started");
    expect(await by.state()).toBe("pausing");
    expect(codeOf(await bench.submit(await bench.ect(bench.task("build"), "build_site")))).toBe("accepted");
    expect(await by.state()).toBe("paused");
  });

  it("[OVR-6] of one task leaves its agent running", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    await by.ask("build");
    await by.pause("now", { scope: { kind: "task", id: bench.task("build") } });
    expect([await by.effect("build"), await by.ask("next"), await by.state()]).toEqual([
      "agent_paused",
      "accepted",
      "running",
    ]);
  });

  it.each([
    ["workflow", (bench: Bench) => bench.wid, {}],
    ["domain", () => "console.local", { effect_until: 1_772_064_000 + 3600 }],
  ] as const)("[OVR-6] of a %s reaches its agents", async (kind, id, change) => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const pause = await by.pause("now", { scope: { kind, id: id(bench) }, ...change });
    expect([pause.code, await by.state(), await by.ask("build")]).toEqual(["accepted", "paused", "agent_paused"]);
  });

  it("[OVR-S4] of the domain for more than an hour is nothing one person orders alone", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const scope = { kind: "domain", id: "console.local" };
    const until = Math.floor(bench.clock.nowMs() / 1000) + 3601;
    expect([
      (await by.pause("now", { scope })).code,
      (await by.pause("now", { scope, effect_until: until })).code,
      (await by.pause("now", { scope, effect_until: until - 1 })).code,
    ]).toEqual(["override_cosign_missing", "override_cosign_missing", "accepted"]);
  });

  it("[S14] [OVR-28] ends by itself when its time is over, by an entry that names the timer, once", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const pause = await by.pause("now", { effect_until: Math.floor(bench.clock.nowMs() / 1000) + 60 });
    const expired = await bench.engine.submit({ kind: "override_expiry", signal: pause.jti });
    const fact = expired.ok ? must(expired.value.logged[0], "an entry").fact : null;
    expect(fact?.claims).toMatchObject({
      kind: "override_ended",
      cause: { timer: "effect_until", of: pause.jti },
    });
    expect(await by.state()).toBe("running");
    expect(codeOf(await bench.engine.submit({ kind: "override_expiry", signal: pause.jti }))).toBe(
      "override_not_in_force",
    );
    const ended = await bench.engine.read((state) => state.overrides.get(pause.jti)?.released);
    expect(ended).toMatchObject({ how: "expired", by: ids.pepId });
  });

  it("folds to the same after the log is opened again", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    await by.ask("build");
    await by.pause("after_task");
    const reopened = await bench.reopen();
    const seen = await reopened.read((state) => structuredClone([...state.overrides.values()]));
    expect(seen).toEqual(await bench.engine.read((state) => structuredClone([...state.overrides.values()])));
    expect([...must(seen[0], "the pause").finishing]).toEqual([bench.task("build")]);
  });
});

describe("a drill", () => {
  it.each(["pause", "stop", "takeover", "modify"])(
    "[OVR-25] of a %s is in the log and changes nothing",
    async (action) => {
      const bench = await startedWorkflow();
      const by = orders(bench);
      await by.ask("build");
      const params = {
        pause: { mode: "now" },
        stop: { mode: "immediate" },
        takeover: {},
        modify: { set: { max_calls: 0 }, only_narrow: true },
      }[action];
      const until = action === "takeover" ? { effect_until: Math.floor(bench.clock.nowMs() / 1000) + 60 } : {};
      const drill = await by.give(action, { params: { ...params, drill: true }, ...until });
      expect([drill.code, await by.state(), await by.effect("build"), await by.ask("next")]).toEqual([
        "accepted",
        "running",
        "effect_started",
        "accepted",
      ]);
      const signal = await bench.engine.read((state) => state.overrides.get(drill.jti));
      expect([signal?.latched, signal?.inForce, signal?.targets.size]).toEqual([false, false, 1]);
    },
  );

  it("[OVR-25] takes the place of nothing", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const pause = await by.pause();
    expect((await by.pause("now", { params: { mode: "now", drill: true }, supersedes: pause.jti })).code).toBe(
      "override_state_invalid",
    );
  });
});

describe("advice", () => {
  const ack = (bench: Bench, signal: { jti: string; hash: string }, change: object) =>
    signToken(
      "override-ack+jwt",
      {
        iss: bench.agentId,
        aud: [ids.pepId],
        iat: 1_772_064_000,
        exp: 1_772_064_300,
        jti: v4(),
        signal,
        stage: "refused",
        at: 1_772_064_000,
        state: "running",
        running_tasks: [],
        residue: [],
        ...change,
      },
      bench.agent,
    );

  it("[OVR-1] [OVR-10] holds nothing, and is refused with a reason or not at all", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    expect((await by.give("advise", { params: { text: "slower" } })).code).toBe("override_state_invalid");
    const advice = await by.give("advise", { level: "advisory", params: { text: "slower" }, deadline_ms: 60_000 });
    expect([advice.code, await by.state(), await by.ask("a")]).toEqual(["accepted", "running", "accepted"]);
    const hash = await bench.engine.read((state) => state.overrides.get(advice.jti)?.hash ?? "");
    const signal = { jti: advice.jti, hash };
    expect(codeOf(await bench.submit(await ack(bench, signal, {})))).toBe("token_claim_invalid");
    const reasoned = await ack(bench, signal, { code: "busy", alternatives: "later" });
    expect(codeOf(await bench.submit(reasoned))).toBe("accepted");
    const target = await bench.engine.read((state) => state.overrides.get(advice.jti)?.targets.get(bench.agentId));
    expect(target?.refused).toEqual({ code: "busy", alternatives: "later" });
  });
});

describe("who may end what", () => {
  it("[OVR-15] [OVR-26] a pause is resumed by somebody of at least the rank of who ordered it", async () => {
    const bench = await startedWorkflow();
    const manager = await bench.person("mia", ["duty_manager"]);
    const operator = await bench.person("olaf", ["operator"]);
    const second = await bench.person("otto", ["operator"]);
    const by = orders(bench);
    const high = await by.giveAs(manager, "pause", { params: { mode: "now" } });
    expect((await by.giveAs(operator, "resume", { params: { of: high.jti } })).code).toBe("override_outranked");
    expect(await by.state()).toBe("paused");
    expect((await by.giveAs(manager, "resume", { params: { of: high.jti } })).code).toBe("accepted");
    const low = await by.giveAs(operator, "pause", { params: { mode: "now" } });
    expect((await by.giveAs(second, "resume", { params: { of: low.jti } })).code).toBe("accepted");
  });

  it.each([
    ["a lower level", { level: "emergency", deadline_ms: 1000 }, {}, "override_outranked"],
    ["a lower priority", { priority: 7 }, { priority: 6 }, "override_outranked"],
    ["an older order", {}, { iat: 1_772_064_000 - 60 }, "override_outranked"],
    ["the same standing", { priority: 7 }, { priority: 7 }, "accepted"],
  ])("[OVR-6] %s decides (precedence of section c)", async (_what, first, second, code) => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const pause = await by.pause("now", first);
    expect((await by.resume(pause.jti, second)).code).toBe(code);
  });

  it("refuses a stale number, an end of what is over, an end of another kind or scope, and what it does not know", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const pause = await by.pause();
    expect((await by.resume(pause.jti, { seq: 1 })).code).toBe("override_stale");
    expect((await by.give("release", { params: { of: pause.jti } })).code).toBe("override_state_invalid");
    const scope = { kind: "workflow", id: bench.wid };
    expect((await by.resume(pause.jti, { scope })).code).toBe("override_state_invalid");
    expect((await by.resume(v4())).code).toBe("override_not_found");
    expect((await by.resume(pause.jti)).code).toBe("accepted");
    expect((await by.resume(pause.jti)).code).toBe("override_not_in_force");
    expect((await by.give("rollback", {})).code).toBe("token_claim_invalid");
    expect((await by.pause("now", { level: "advisory" })).code).toBe("override_level_too_low");
    expect((await by.give("pause", { params: { mode: "soon" } })).code).toBe("token_claim_invalid");
    expect((await by.pause("now", { effect_until: 1_772_064_000 })).code).toBe("token_claim_invalid");
    const group = { scope: { kind: "group", id: "all" }, level: "advisory", params: { text: "slowly" } };
    expect((await by.give("advise", group)).code).toBe("override_scope_unknown");
  });

  it("[OVR-S2] nobody but a person orders anything", async () => {
    const bench = await startedWorkflow();
    const token = await signToken(
      "override+jwt",
      {
        iss: bench.agentId,
        aud: [ids.pepId],
        iat: 1_772_064_000,
        exp: 1_772_064_300,
        jti: v4(),
        ovr_ver: 1,
        level: "mandatory",
        action: "pause",
        scope: { kind: "agent", id: bench.agentId },
        params: { mode: "now" },
        seq: 1,
        deadline_ms: 10_000,
        reason: "to be left alone",
        auth_time: 1_772_064_000,
        amr: ["pwd", "user"],
        role: "operator",
      },
      bench.agent,
    );
    expect(codeOf(await bench.submit(token))).toBe("override_unauthorized");
  });

  it("[OVR-S5] [OVR-13] an order rests on a fresh authentication and a deadline within its level", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const nowS = Math.floor(bench.clock.nowMs() / 1000);
    expect((await by.pause("now", { auth_time: nowS - 301 })).code).toBe("override_unauthorized");
    expect((await by.pause("now", { deadline_ms: 10_001 })).code).toBe("token_claim_invalid");
    expect((await by.pause("now", { auth_time: nowS - 300 })).code).toBe("accepted");
  });

  it("[OVR-S7] refuses the thirty-first order of an operator in a minute, and never a stop", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    for (let at = 0; at < 30; at += 1) expect((await by.pause()).code).toBe("accepted");
    expect((await by.pause()).code).toBe("override_rate");
    const stop = await by.give("stop", { level: "emergency", params: { mode: "immediate" }, deadline_ms: 1000 });
    expect(stop.code).toBe("accepted");
    bench.clock.advance(60);
    expect((await by.pause()).code).toBe("accepted");
  });

  it("a pause takes the place of another of its kind and scope, if it stands as high", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const first = await by.pause("after_task", { priority: 6 });
    expect((await by.pause("now", { supersedes: first.jti })).code).toBe("override_outranked");
    const second = await by.pause("now", { supersedes: first.jti, priority: 6 });
    expect(second.code).toBe("accepted");
    expect(await bench.engine.read((state) => state.overrides.get(first.jti)?.released)).toMatchObject({
      how: "superseded",
      by: alice,
    });
    await by.resume(second.jti, { priority: 6 });
    expect(await by.state()).toBe("running");
  });
});
