import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { overrideClaimsSchema } from "../../protocol/override/claims.ts";
import {
  agent,
  CascadeWorld,
  OPERATOR,
  START_S,
  taskId,
  codeOf as worldCode,
} from "../cascade/cascade-world.fixture.ts";
import { type Bench, startedWorkflow } from "../engine.fixture.ts";
import type { Rung } from "../state.ts";
import { rungsOf } from "./ladder.ts";
import { codeOf, orders } from "./orders.fixture.ts";

const take = async (bench: Bench, signal: string, rung: Rung, agents = [bench.agentId]): Promise<string> =>
  codeOf(await bench.engine.submit({ kind: "override_rung", signal, rung, agents }));

describe("a rung of the escalation ladder", () => {
  it("[OVR-33] is taken for who is due, of a signal in force, once", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const { jti } = await by.pause();
    expect(await take(bench, v4(), "resend")).toBe("override_not_found");
    expect(await take(bench, jti, "resend", ["spiffe://console.local/agent/other"])).toBe("override_rung_not_due");
    expect(await take(bench, jti, "resend")).toBe("accepted");
    expect(await take(bench, jti, "resend")).toBe("override_rung_not_due");
    await by.resume(jti);
    expect(await take(bench, jti, "isolate")).toBe("override_not_in_force");
  });

  it("[OVR-33] is taken for nobody who is stopped already and says nothing of a later order", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const stop = await by.give("stop", { params: { mode: "immediate" } });
    const { jti, code } = await by.pause();
    expect([stop.code, code]).toEqual(["accepted", "accepted"]);
    for (const rung of ["resend", "enforce", "isolate"] as const)
      expect(await take(bench, jti, rung)).toBe("override_rung_not_due");
    // Of the stop itself it may be: only its word, or evidence, says that it has stopped.
    expect(await take(bench, stop.jti, "resend")).toBe("accepted");
  });

  it.each([
    ["stop", { params: { mode: "immediate" } }, ["resend", "enforce", "isolate", "alert"]],
    ["stop", { on_no_ack: "isolate" }, ["isolate", "alert"]],
    // Nothing but advice goes unanswered: a stop that says so is followed all the same.
    ["stop", { on_no_ack: "none" }, ["resend", "enforce", "isolate", "alert"]],
    ["advise", { level: "advisory", on_no_ack: "none" }, []],
    ["advise", { level: "advisory" }, ["resend", "alert"]],
    ["resume", {}, ["resend", "alert"]],
    ["stop", { params: { mode: "immediate", drill: true } }, []],
  ])("[OVR-33] [OVR-25] of a %s with %j: its on_no_ack says which there are", (action, change, rungs) => {
    const claims = overrideClaimsSchema.parse({
      iss: "spiffe://console.local/human/alice",
      aud: ["x"],
      iat: 1,
      exp: 2,
      jti: v4(),
      ovr_ver: 1,
      level: "mandatory",
      action,
      scope: { kind: "domain", id: "console.local" },
      params: {},
      seq: 1,
      deadline_ms: 1000,
      reason: "r",
      auth_time: 1,
      amr: ["pwd"],
      role: "operator",
      ...change,
    });
    expect(rungsOf(claims)).toEqual(rungs);
  });

  it("[OVR-33] refuses an order that may go unanswered", async () => {
    const by = orders(await startedWorkflow());
    expect((await by.pause("now", { on_no_ack: "none" })).code).toBe("token_claim_invalid");
  });

  it("[OVR-33] isolates by taking the key out of use, and folds to the same when the log is opened again", async () => {
    const bench = await startedWorkflow();
    const by = orders(bench);
    const { jti } = await by.pause();
    await by.ask("build");
    expect(await take(bench, jti, "isolate")).toBe("accepted");
    bench.clock.advance(2);
    expect(await by.state()).toBe("stopped");
    expect(await by.ask("later")).toBe("token_key_revoked");
    const read = (engine: Bench["engine"]) =>
      engine.read((state) => [
        [...(state.overrides.get(jti)?.rungs ?? [])],
        [...(state.workflows.get(bench.wid)?.halted ?? [])],
        state.keys.get(bench.agent.kid)?.exp,
      ]);
    expect(await read(await bench.reopen())).toEqual(await read(bench.engine));
  });

  it("[OVR-33] [CAS-5] forces the breakers from and to the agent open at the enforcement points, each stated, and no others", () => {
    const world = new CascadeWorld(["from", "to", "other"]);
    world.run("from", "source");
    world.run("to", "call", "success", ["source"]);
    world.run("other", "call-2", "success", ["source"]);
    world.ask("to", "under way", "build_site", ["source"]);
    const jti = v4();
    const claims = overrideClaimsSchema.parse({
      iss: OPERATOR,
      aud: ["spiffe://world.test/pep"],
      iat: START_S,
      exp: START_S + 300,
      jti,
      ovr_ver: 1,
      level: "mandatory",
      action: "pause",
      scope: { kind: "agent", id: agent("to") },
      params: { mode: "after_task" },
      seq: 1,
      deadline_ms: 1000,
      reason: "look first",
      auth_time: START_S,
      amr: ["swk", "user"],
      role: "operator",
    });
    expect(worldCode(world.token({ typ: "override+jwt", claims }))).toBe("accepted");
    expect(
      worldCode(world.submit({ kind: "override_rung", signal: jti, rung: "enforce", agents: [agent("to")] })),
    ).toBe("accepted");
    expect(world.story).toEqual(["forced_open override"]);
    expect([world.stateOf("from", "to"), world.stateOf("from", "other")]).toEqual(["forced_open", "closed"]);
    const workflow = world.state.workflows.get(world.policy.wid);
    expect([workflow?.tasks.get(taskId("under way"))?.status, [...(workflow?.halted ?? [])]]).toEqual([
      "stopped",
      [agent("to")],
    ]);
  });
});
