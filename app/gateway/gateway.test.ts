import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { JsonObject } from "../base/json.ts";
import { err } from "../base/result.ts";
import { type Bench, digestOf, startedWorkflow } from "../engine/engine.fixture.ts";
import { argsDigest, intentToken } from "../engine/gate/gate-tokens.fixture.ts";
import { namedValues } from "../protocol/behavior/named-values.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { createStopMonitor, type StopMonitor, type Verdict } from "./stop-monitor.ts";

interface Point {
  readonly bench: Bench;
  readonly gateway: Gateway;
  readonly monitor: StopMonitor;
  readonly verdicts: Verdict[];
  readonly told: string[];
  readonly deadlines: (() => void)[];
  halted: boolean;
}

async function enforcementPoint(): Promise<Point> {
  const bench = await startedWorkflow();
  const point: { halted: boolean; verdicts: Verdict[]; told: string[]; deadlines: (() => void)[] } = {
    halted: true,
    verdicts: [],
    told: [],
    deadlines: [],
  };
  const clock = {
    ...bench.clock,
    after: (_ms: number, callback: () => void) => {
      point.deadlines.push(callback);
      return () => undefined;
    },
  };
  const monitor = createStopMonitor({
    clock,
    targets: () => [bench.agentId],
    observe: () => ({ halted: point.halted, detail: "the worker shows no work" }),
    verdict: (verdict) => point.verdicts.push(verdict),
    deadline: () => undefined,
    changed: () => undefined,
  });
  const gateway = createGateway({
    engine: bench.engine,
    clock,
    monitor,
    onStop: (claims) => point.told.push(claims.jti),
    names: async (_wid, args) => namesOf(args),
  });
  return Object.assign(point, { bench, gateway, monitor });
}

/** As whoever has the key names the values of arguments (BEH-63). */
const namesOf = (args: JsonObject): Record<string, string> =>
  Object.fromEntries(namedValues(args).map(([pointer, text]) => [pointer, digestOf(text).slice(0, 22)]));

async function permitted(point: Point, name: string): Promise<string> {
  const task = point.bench.task(name);
  const answer = await point.gateway.propose(await point.bench.intent(task, "build_site"));
  expect(answer).toEqual({ ok: true, value: { kind: "permitted" } });
  return task;
}

function acknowledgement(point: Point, stop: string, hash?: string): Promise<string> {
  const { bench } = point;
  const watched = must(
    point.monitor.all().find((candidate) => candidate.token === stop),
    "a watched stop",
  );
  const nowS = Math.floor(bench.clock.nowMs() / 1000);
  return signToken(
    "override-ack+jwt",
    {
      iss: bench.agentId,
      aud: ["spiffe://console.local/pep"],
      iat: nowS,
      exp: nowS + 300,
      jti: crypto.randomUUID(),
      signal: { jti: watched.claims.jti, hash: hash ?? watched.digest },
      stage: "complied",
      at: nowS,
      state: "stopped",
      running_tasks: [],
      residue: [],
    },
    bench.agent,
  );
}

describe("the enforcement point", () => {
  it("lets an effect happen once, after everything was checked again", async () => {
    const point = await enforcementPoint();
    const task = await permitted(point, "build");
    let effects = 0;
    const perform = () => {
      effects += 1;
    };
    expect(await point.gateway.effect(point.bench.wid, task, point.bench.agentId, perform)).toMatchObject({ ok: true });
    expect(await point.gateway.effect(point.bench.wid, task, point.bench.agentId, perform)).toMatchObject({
      ok: false,
    });
    expect(effects).toBe(1);
  });

  it("[ACP-S1] [S3] lets an effect happen by nobody but the agent that was permitted to", async () => {
    const point = await enforcementPoint();
    const task = await permitted(point, "build");
    let effects = 0;
    const other = `${point.bench.agentId}-2`;
    const answer = await point.gateway.effect(point.bench.wid, task, other, () => {
      effects += 1;
    });
    expect(answer).toMatchObject({ ok: false, error: { code: "acp_subject_mismatch" } });
    expect(effects).toBe(0);
  });

  it("[OVR-11] [S8] refuses every effect from the moment a stop is verified, whatever the agent does", async () => {
    const point = await enforcementPoint();
    const task = await permitted(point, "build");
    const answer = await point.gateway.signal(await point.bench.stop());
    expect(answer).toMatchObject({ ok: true, value: { targets: 1, recorded: true } });
    expect(point.told).toHaveLength(1);
    let effects = 0;
    const refused = await point.gateway.effect(point.bench.wid, task, point.bench.agentId, () => {
      effects += 1;
    });
    expect(refused).toMatchObject({ ok: false, error: { code: "override_active" } });
    expect(effects).toBe(0);
  });

  it("[OVR-11] a stop that comes between the record and the effect still holds it back", async () => {
    const point = await enforcementPoint();
    const task = await permitted(point, "build");
    const stop = await point.bench.stop();
    let effects = 0;
    const [effect] = await Promise.all([
      point.gateway.effect(point.bench.wid, task, point.bench.agentId, () => {
        effects += 1;
      }),
      Promise.resolve().then(() =>
        point.gateway.latches.add({
          jti: "early",
          scope: { kind: "agent", id: point.bench.agentId },
          targets: new Set(),
          sinceMs: 0,
        }),
      ),
    ]);
    await point.gateway.signal(stop);
    expect(effect).toMatchObject({ ok: false, error: { code: "override_active" } });
    expect(effects).toBe(0);
  });

  it("[XA-16] [OVR-11] an effect refused before the stop is in the log is logged as refused, never as started", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const task = await permitted(point, "build");
    gateway.latches.add({
      jti: crypto.randomUUID(),
      scope: { kind: "agent", id: bench.agentId },
      targets: new Set(),
      sinceMs: 0,
    });
    const refused = await gateway.effect(bench.wid, task, bench.agentId, () => undefined);
    expect(refused).toMatchObject({ ok: false, error: { code: "override_active" } });
    await bench.engine.idle();
    const state = await bench.engine.read((all) => all.workflows.get(bench.wid)?.tasks.get(task));
    expect([state?.status, state?.code]).toEqual(["stopped", "override_active"]);
  });

  it("[OVR-S1] a forged stop has no effect, and a repeated one is answered the same", async () => {
    const point = await enforcementPoint();
    const stop = await point.bench.stop();
    const [header, payload, signature = ""] = stop.split(".");
    const forged = [
      header,
      payload,
      signature.startsWith("A") ? `B${signature.slice(1)}` : `A${signature.slice(1)}`,
    ].join(".");
    expect(await point.gateway.signal(forged)).toMatchObject({ ok: false, error: { code: "token_signature_invalid" } });
    expect(point.gateway.latches.all()).toEqual([]);
    const first = await point.gateway.signal(stop);
    expect(await point.gateway.signal(stop)).toMatchObject({
      ok: true,
      value: { recorded: true, targets: first.ok ? first.value.targets : -1 },
    });
    expect([point.told.length, point.gateway.latches.all().length]).toEqual([1, 1]);
  });
});

describe("a stop that storage will not take", () => {
  it("[S3] holds at once, is answered as not recorded, and is logged as soon as there is room", async () => {
    const point = await enforcementPoint();
    const { log } = point.bench.storage;
    const append = log.append;
    log.append = async () => err({ code: "storage_full", retry: true, detail: "no room" });
    const stop = await point.bench.stop();
    expect(await point.gateway.signal(stop)).toMatchObject({ ok: true, value: { recorded: false, targets: 1 } });
    expect(point.gateway.latches.all()).toHaveLength(1);
    // A repetition starts no second attempt.
    expect(await point.gateway.signal(stop)).toMatchObject({ ok: true, value: { recorded: false } });
    log.append = append;
    const waiting = point.deadlines.splice(0);
    for (const run of waiting) run();
    await expect.poll(() => point.monitor.all()[0]?.recorded).toBe(true);
    const reopened = await point.bench.reopen();
    expect(await reopened.read((state) => [...state.overrides.values()].map((signal) => signal.latched))).toEqual([
      true,
    ]);
  });
});

describe("messages of one agent", () => {
  it("[S7] count in the order they were sent: a question before the acknowledgement is no violation", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const stop = await bench.stop();
    await gateway.signal(stop);
    const intent = await bench.intent(bench.task("before"), "build_site");
    const ack = await acknowledgement(point, stop);
    const receive = bench.engine.receive;
    // The verification of what was sent first takes longer.
    bench.engine.receive = async (compact) => {
      const received = await receive(compact);
      if (compact === intent) for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      return received;
    };
    await Promise.all([gateway.propose(intent), gateway.acknowledge(ack)]);
    expect(point.verdicts).toEqual([]);
  });
});

describe("what an agent has said before", () => {
  it("[S7] a question that left before the acknowledgement is no violation where its joins are still being taken", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const stop = await bench.stop();
    await gateway.signal(stop);
    const intent = await bench.intent(bench.task("before"), "build_site");
    const ack = await acknowledgement(point, stop);
    const excused = gateway.excused(intent);
    await gateway.acknowledge(ack);
    await gateway.propose(intent, await excused);
    expect(point.verdicts).toEqual([]);
  });

  it("[S7] [OVR-S6] a question that left after the acknowledgement is one, though that is still being verified", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const stop = await bench.stop();
    await gateway.signal(stop);
    const intent = await bench.intent(bench.task("after"), "build_site");
    const ack = await acknowledgement(point, stop);
    const acknowledging = gateway.acknowledge(ack);
    const excused = gateway.excused(intent);
    await acknowledging;
    await gateway.propose(intent, await excused);
    expect(point.verdicts).toMatchObject([{ verdict: "violated" }]);
  });
});

describe("a report whose task the log has to be asked about", () => {
  const both = async (order: "report first" | "acknowledgement first") => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const stop = await bench.stop();
    await gateway.signal(stop);
    const report = await bench.ect(bench.task("never asked for"), "build_site");
    const ack = await acknowledgement(point, stop);
    const { read, submit } = bench.engine;
    let hear = (): void => undefined;
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    bench.engine.submit = (command) => {
      if (command.kind === "token" && command.fact.typ === "override-ack+jwt") hear();
      return submit(command);
    };
    // The log answers only after the acknowledgement was heard.
    bench.engine.read = async (reader) => {
      await heard;
      return read(reader);
    };
    const said = [() => gateway.report(report), () => gateway.acknowledge(ack)];
    await Promise.all((order === "report first" ? said : said.toReversed()).map((say) => say()));
    return point.verdicts.map(({ verdict }) => verdict);
  };

  it("[S7] is no violation of a stop it was sent before the acknowledgement of", async () => {
    expect(await both("report first")).toEqual([]);
  });

  it("[S7] [OVR-S6] is one when it was sent after it", async () => {
    expect(await both("acknowledgement first")).toEqual(["violated"]);
  });
});

describe("messages of several agents", () => {
  it("[S5] [OVR-12] wait for their own sender only: what one floods does not hold up what another says", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const intent = await bench.intent(bench.task("first of many"), "build_site");
    const { receive } = bench.engine;
    bench.engine.receive = (compact) => (compact === intent ? new Promise(() => undefined) : receive(compact));
    void gateway.propose(intent);
    // A person's order in place of an acknowledgement: what counts is that it is answered.
    expect(await gateway.acknowledge(await bench.stop())).toMatchObject({
      ok: false,
      error: { code: "token_wrong_type" },
    });
  });
});

describe("the stop monitor", () => {
  it("[S7] [OVR-4] goes on watching a latched stop after the host was opened again", async () => {
    const point = await enforcementPoint();
    const { bench } = point;
    await point.gateway.signal(await bench.stop());
    const again = await enforcementPoint();
    again.bench.clock.advance(2);
    const reopened = await bench.reopen();
    const [signal] = await reopened.read((state) => structuredClone([...state.overrides.values()]));
    again.monitor.restored(must(signal, "the stop is in the log"));
    again.deadlines.forEach((deadline) => {
      deadline();
    });
    expect(again.verdicts).toMatchObject([{ verdict: "late", agent: bench.agentId }]);
    again.monitor.sawCall(bench.agentId, "asked for permission", "x", "x");
    expect(again.verdicts.map(({ verdict }) => verdict)).toEqual(["late", "violated"]);
  });

  it("[S7] [OVR-4] an acknowledgement is not a verification: that takes evidence after the deadline", async () => {
    const point = await enforcementPoint();
    const stop = await point.bench.stop();
    await point.gateway.signal(stop);
    const facts = () => must(point.monitor.all()[0]?.targets.get(point.bench.agentId), "a target");
    expect([facts().acknowledgedMs, facts().verifiedMs]).toEqual([null, null]);
    await point.gateway.acknowledge(await acknowledgement(point, stop));
    expect(facts().acknowledgedMs).not.toBeNull();
    expect(facts().verifiedMs).toBeNull();
    for (const deadline of point.deadlines) deadline();
    expect(facts().verifiedMs).not.toBeNull();
    expect(point.verdicts).toMatchObject([
      { verdict: "compliant", observed: [{ kind: "ect" }, { kind: "heartbeat" }] },
    ]);
  });

  it("[S7] [OVR-4] an acknowledgement of something else by the same name counts for nothing", async () => {
    const point = await enforcementPoint();
    const stop = await point.bench.stop();
    await point.gateway.signal(stop);
    await point.gateway.acknowledge(await acknowledgement(point, stop, "B".repeat(43)));
    const target = must(point.monitor.all()[0]?.targets.get(point.bench.agentId), "a target");
    expect([target.deliveredMs, target.acknowledgedMs, target.compliedMs]).toEqual([null, null, null]);
  });

  it("[OVR-4] what cannot be observed is unverifiable, never compliant", async () => {
    const point = await enforcementPoint();
    point.halted = false;
    await point.gateway.signal(await point.bench.stop());
    for (const deadline of point.deadlines) deadline();
    expect(point.verdicts).toMatchObject([{ verdict: "unverifiable" }]);
  });

  it("[S4] a call after a release is judged by the policy, not by the stop that is over", async () => {
    const point = await enforcementPoint();
    const { bench, gateway } = point;
    const stop = await bench.stop();
    await gateway.signal(stop);
    await gateway.acknowledge(await acknowledgement(point, stop));
    const jti = must(point.monitor.all()[0], "a watched stop").claims.jti;
    const release = await bench.stop({
      level: "mandatory",
      action: "release",
      params: { of: jti },
      seq: 2,
      reason: "looked",
    });
    expect(await gateway.signal(release)).toMatchObject({ ok: true });
    await gateway.propose(await bench.intent(bench.task("again"), "build_site"));
    expect(point.verdicts).toEqual([]);
  });

  it("[OVR-20] [OVR-32] [S4] a stop that comes again after its release does not latch again", async () => {
    const { bench, gateway, monitor, told } = await enforcementPoint();
    const stop = await bench.stop();
    await gateway.signal(stop);
    const jti = must(monitor.all()[0], "a watched stop").claims.jti;
    await gateway.signal(await bench.stop({ level: "mandatory", action: "release", params: { of: jti }, seq: 2 }));
    expect(await gateway.signal(stop)).toMatchObject({ ok: true, value: { targets: 1, recorded: true } });
    expect([gateway.latches.all(), told]).toEqual([[], [jti]]);
  });

  it("[S7] [OVR-S6] a request for a human after the acknowledgement reads violated", async () => {
    const point = await enforcementPoint();
    const stop = await point.bench.stop();
    await point.gateway.signal(stop);
    await point.gateway.acknowledge(await acknowledgement(point, stop));
    const request = await point.bench.request(point.bench.task("deploy"), "deploy_site");
    await point.gateway.openGate(request, await point.bench.nodeOf(request));
    expect(point.verdicts).toMatchObject([
      { verdict: "violated", observed: [{ detail: "after the stop it asked for a human" }] },
    ]);
  });

  it("[BEH-63] [ACP-S7] a request that shows other arguments than its intent says it is about is none", async () => {
    const { bench, gateway } = await enforcementPoint();
    const shown = { order_id: "#W1", reason: "late" };
    const asked = async (name: string, args: JsonObject): Promise<string> => {
      const task = bench.task(name);
      const hashes = { inp_hash: digestOf(`in ${task}`), args_hash: argsDigest(shown) };
      const needs = { named: namesOf(args) };
      await gateway.propose(await intentToken(bench, task, "deploy_site", { args_hash: hashes.args_hash, needs }));
      const about = { jti: task, exec_act: "deploy_site", pred: [], ...hashes, args: shown };
      const request = await bench.request(task, "deploy_site", { task: about });
      const opened = await gateway.openGate(request, await bench.nodeOf(request));
      return opened.ok ? "opened" : opened.error.code;
    };
    expect(await asked("another", { order_id: "#W2" })).toBe("hitl_bind_mismatch");
    expect(await asked("nowhere", { order: "#W1" })).toBe("hitl_bind_mismatch");
    // What it leaves out is not said, and costs its window (BEH-63).
    expect(await asked("the same", { order_id: "#W1" })).toBe("opened");
    expect(await asked("nothing", {})).toBe("opened");
  });

  it("[OVR-4] an agent that the log has in scope and nobody told is told, watched and judged like the others", async () => {
    const point = await enforcementPoint();
    await point.gateway.signal(await point.bench.stop());
    const { jti } = must(point.monitor.all()[0], "a watched stop").claims;
    const late = "spiffe://console.local/agent/late";
    expect(point.monitor.joined(jti, [point.bench.agentId, late])).toEqual([late]);
    expect(point.monitor.joined(jti, [late])).toEqual([]);
    for (const deadline of point.deadlines) deadline();
    expect(point.verdicts.map(({ agent, verdict }) => [agent, verdict])).toEqual([
      [point.bench.agentId, "compliant"],
      [late, "compliant"],
    ]);
  });

  it("[S7] [OVR-S6] an agent that acknowledges and goes on reads violated at its next call", async () => {
    const point = await enforcementPoint();
    const stop = await point.bench.stop();
    await point.gateway.signal(stop);
    await point.gateway.acknowledge(await acknowledgement(point, stop));
    await point.gateway.propose(await point.bench.intent(point.bench.task("again"), "build_site"));
    expect(point.verdicts).toMatchObject([{ verdict: "violated" }]);
    for (const deadline of point.deadlines) deadline();
    expect(point.verdicts).toHaveLength(1);
    expect(must(point.monitor.all()[0]?.targets.get(point.bench.agentId), "a target").verifiedMs).toBeNull();
  });
});

describe("the monitor of a pause", () => {
  async function paused(params: object, scope?: object) {
    const point = await enforcementPoint();
    const { bench } = point;
    const token = await bench.stop({
      level: "mandatory",
      action: "pause",
      params,
      scope: scope ?? { kind: "agent", id: bench.agentId },
      deadline_ms: 10_000,
    });
    return { point, bench, token, answer: await point.gateway.signal(token) };
  }
  const facts = (point: Point) => must(point.monitor.all()[0]?.targets.get(point.bench.agentId), "a target");
  const acknowledge = async (point: Point, stage: string) => {
    const watched = must(point.monitor.all()[0], "a watched order");
    const nowS = Math.floor(point.bench.clock.nowMs() / 1000);
    const ack = await signToken(
      "override-ack+jwt",
      {
        iss: point.bench.agentId,
        aud: ["spiffe://console.local/pep"],
        iat: nowS,
        exp: nowS + 300,
        jti: crypto.randomUUID(),
        signal: { jti: watched.claims.jti, hash: watched.digest },
        stage,
        at: nowS,
        state: "paused",
        running_tasks: [],
        residue: [],
      },
      point.bench.agent,
    );
    expect(await point.gateway.acknowledge(ack)).toMatchObject({ ok: true });
  };

  it("[S7] [OVR-S6] reads violated when the agent acknowledges and asks all the same, which is refused", async () => {
    const { point, bench, answer } = await paused({ mode: "now" });
    expect(answer).toMatchObject({ ok: true, value: { targets: 1, recorded: true } });
    await acknowledge(point, "complied");
    expect(await point.gateway.propose(await bench.intent(bench.task("again"), "build_site"))).toMatchObject({
      ok: false,
      error: { code: "agent_paused" },
    });
    expect(point.verdicts).toMatchObject([
      { verdict: "violated", observed: [{ detail: "after the pause it asked for permission" }] },
    ]);
  });

  it("[OVR-27] judges an after_task pause when the agent has got there, which may be after the deadline", async () => {
    const { point, bench } = await paused({ mode: "after_task" });
    await acknowledge(point, "in_progress");
    bench.clock.advance(60);
    for (const deadline of point.deadlines) deadline();
    expect([point.verdicts, facts(point).verifiedMs]).toEqual([[], null]);
    await acknowledge(point, "complied");
    expect(point.verdicts).toMatchObject([
      { verdict: "compliant", observed: [{ kind: "ect" }, { kind: "heartbeat" }] },
    ]);
  });

  it("[OVR-4] a pause of one task says nothing about calls for another", async () => {
    const start = await enforcementPoint();
    const held = start.bench.task("held");
    const { point, bench } = await paused({ mode: "now" }, { kind: "task", id: held });
    bench.clock.advance(60);
    await point.gateway.propose(await bench.intent(bench.task("other"), "build_site"));
    expect(point.verdicts).toEqual([]);
    await point.gateway.propose(await bench.intent(held, "build_site"));
    expect(point.verdicts).toMatchObject([{ verdict: "violated" }]);
  });

  it("[OVR-9] reads violated when the agent answers that it refuses or fails an order", async () => {
    const { point } = await paused({ mode: "now" });
    await acknowledge(point, "failed");
    expect(point.verdicts).toMatchObject([
      { verdict: "violated", observed: [{ kind: "heartbeat", detail: 'it answered "failed" to an order' }] },
    ]);
  });

  it("watches no longer once the pause is resumed", async () => {
    const { point, bench } = await paused({ mode: "now" });
    await acknowledge(point, "complied");
    const { jti, scope } = must(point.monitor.all()[0], "a watched order").claims;
    bench.engine.onAppend((logged) => point.monitor.facts(logged));
    const resume = { level: "mandatory", action: "resume", params: { of: jti }, scope, seq: 2, deadline_ms: 10_000 };
    expect(await point.gateway.signal(await bench.stop(resume))).toMatchObject({ ok: true, value: { targets: 1 } });
    await point.gateway.propose(await bench.intent(bench.task("again"), "build_site"));
    expect(point.verdicts).toEqual([]);
  });
});
