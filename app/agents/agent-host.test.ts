import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { type Bench, digestOf, startedWorkflow } from "../engine/engine.fixture.ts";
import { createGateway } from "../gateway/gateway.ts";
import { createStopMonitor } from "../gateway/stop-monitor.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { createAgentHost } from "./agent-host.ts";
import type { AgentTask, FromAgent } from "./messages.ts";

async function residence() {
  const bench = await startedWorkflow();
  const said: FromAgent[] = [];
  const timers: (() => void)[] = [];
  let flagged = false;
  const clock = {
    ...bench.clock,
    after: (_ms: number, callback: () => void) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
  };
  const host = createAgentHost({
    clock,
    ids: { uuid: () => v4() },
    send: (message) => said.push(message),
    flagged: () => flagged,
    busy: () => undefined,
  });
  const monitor = createStopMonitor({
    clock,
    targets: () => [bench.agentId],
    observe: () => ({ halted: true, detail: "idle" }),
    verdict: () => undefined,
    deadline: () => undefined,
    changed: () => undefined,
  });
  const gateway = createGateway({ engine: bench.engine, clock, monitor, onStop: () => undefined });
  await host.receive({
    t: "agent",
    agent: bench.agentId,
    signer: bench.agent,
    flag: 0,
    pepId: "spiffe://console.local/pep",
  });
  await host.receive({ t: "clock", wid: bench.wid, epochMs: bench.clock.nowMs(), virtualMs: 0, speed: 10 });
  const last = <T extends FromAgent["t"]>(t: T): Extract<FromAgent, { t: T }> =>
    must(
      said.findLast((message): message is Extract<FromAgent, { t: T }> => message.t === t),
      `a message ${t}`,
    );
  const wake = () => {
    for (const timer of timers.splice(0)) timer();
  };
  return { bench, host, gateway, monitor, said, last, wake, raiseFlag: () => (flagged = true) };
}

const taskOf = (bench: Bench, name: string, execAct: string): AgentTask => ({
  wid: bench.wid,
  jti: bench.task(name),
  execAct,
  inpHash: digestOf(`in ${name}`),
  argsHash: digestOf(`args ${name}`),
  args: null,
  outHash: digestOf(`out ${name}`),
  target: null,
  pred: [],
  acp: bench.acp,
  outcome: "success",
  summary: "Build the site",
  needs: { duration_s: 1 },
});

const claimsOf = (token: string): JsonObject => {
  const parsed = parseCompact(token);
  return must(parsed.ok ? parsed.value.payload : null, "a token");
};
const predOf = (token: string): Json[] => {
  const { pred } = claimsOf(token);
  return Array.isArray(pred) ? pred : [];
};

describe("a re-enacting agent", () => {
  it("[ECT-1] [ECT-3] asks, works for the recorded time, and states its task once the effect was let through", async () => {
    const { bench, host, gateway, said, last, wake } = await residence();
    const task = taskOf(bench, "build", "build_site");
    await host.receive({ t: "ask", agent: bench.agentId, task });
    expect(await gateway.propose(last("intent").token)).toEqual({ ok: true, value: { kind: "permitted" } });
    await host.receive({ t: "work", agent: bench.agentId, task, endVirtualMs: 20_000 });
    bench.clock.advance(1);
    wake();
    expect(said.some((message) => message.t === "worked")).toBe(false);
    bench.clock.advance(1);
    wake();
    expect(last("worked").task).toBe(task.jti);
    expect(await gateway.effect(bench.wid, task.jti, bench.agentId, () => undefined)).toMatchObject({ ok: true });
    await host.receive({ t: "report", agent: bench.agentId, task, pred: [], argsHash: null });
    expect(await gateway.report(last("ect").token)).toMatchObject({ ok: true });
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task.jti)?.status)).toBe(
      "done",
    );
  });

  it("[ACP-14] asks for a human under the terms it is given, which the engine holds against the policy", async () => {
    const { bench, host, gateway, last } = await residence();
    const task = taskOf(bench, "deploy", "deploy_site");
    await host.receive({ t: "ask", agent: bench.agentId, task });
    expect(await gateway.propose(last("intent").token)).toEqual({
      ok: true,
      value: { kind: "gate_required", ruleIds: ["r1"] },
    });
    const terms = {
      ruleIds: ["r1"],
      role: "operator",
      approvals: 1,
      roles: [{ role: "operator", approvals: 1 }],
      consequence: "irreversible",
      timeoutS: 60,
    } as const;
    await host.receive({ t: "gate", agent: bench.agentId, task, terms });
    expect(await gateway.openGate(last("request").token, last("request").node)).toMatchObject({ ok: true });
    expect(await bench.engine.read((state) => state.workflows.get(bench.wid)?.tasks.get(task.jti)?.status)).toBe(
      "waiting",
    );
  });

  it("[OVR-8] [OVR-14] acknowledges a stop with what was running, and does nothing after it", async () => {
    const { bench, host, gateway, monitor, said, last } = await residence();
    const task = taskOf(bench, "build", "build_site");
    await host.receive({ t: "ask", agent: bench.agentId, task });
    await gateway.propose(last("intent").token);
    await host.receive({ t: "work", agent: bench.agentId, task, endVirtualMs: 20_000 });
    await gateway.signal(await bench.stop());
    const signal = must(monitor.all()[0], "a watched stop");
    await host.receive({
      t: "stop",
      agent: bench.agentId,
      signal: { jti: signal.claims.jti, hash: signal.digest },
      operator: signal.claims.iss,
    });
    expect(await gateway.acknowledge(last("ack").token)).toMatchObject({ ok: true });
    const ack = parseCompact(last("ack").token);
    expect(ack.ok && ack.value.payload.running_tasks).toEqual([task.jti]);
    const before = said.length;
    await host.receive({ t: "ask", agent: bench.agentId, task: taskOf(bench, "next", "build_site") });
    expect(said).toHaveLength(before);
  });

  it("[S13] an agent that is admitted halted asks and works for nothing until it is revived", async () => {
    const { bench, host, said } = await residence();
    const { agentId: agent, agent: signer } = bench;
    await host.receive({ t: "agent", agent, signer, flag: 0, pepId: "spiffe://console.local/pep", halted: true });
    const task = taskOf(bench, "late", "build_site");
    await host.receive({ t: "ask", agent, task });
    expect(said).toEqual([]);
    await host.receive({ t: "revive", agent });
    await host.receive({ t: "ask", agent, task });
    expect(said.map(({ t }) => t)).toEqual(["intent"]);
  });

  it("a raised flag counts like a stop that was read", async () => {
    const { bench, host, said, raiseFlag } = await residence();
    raiseFlag();
    await host.receive({ t: "ask", agent: bench.agentId, task: taskOf(bench, "build", "build_site") });
    expect(said).toEqual([]);
  });

  it("[ECT-16] bundles more than 100 predecessors into joins of at most 100", async () => {
    const { bench, host, last } = await residence();
    const pred = Array.from({ length: 250 }, (_, index) => bench.task(`p${index}`));
    await host.receive({
      t: "report",
      agent: bench.agentId,
      task: taskOf(bench, "sink", "build_site"),
      pred,
      argsHash: null,
    });
    const sizes = [...last("ect").joins, last("ect").token].map((token) => predOf(token).length);
    expect(sizes).toEqual([100, 100, 50, 3]);
  });

  it("[ECT-53] joins more than 100 predecessors before its intent, and names the same joins in its ECT", async () => {
    const { bench, host, gateway, last } = await residence();
    const first = taskOf(bench, "first", "build_site");
    await host.receive({ t: "ask", agent: bench.agentId, task: first });
    await gateway.propose(last("intent").token);
    await gateway.effect(bench.wid, first.jti, bench.agentId, () => undefined);
    await host.receive({ t: "report", agent: bench.agentId, task: first, pred: [], argsHash: null });
    expect(await gateway.report(last("ect").token)).toMatchObject({ ok: true });
    // Its predecessors are 150 joins of one task: any ECTs that are in the log will do.
    const pred = Array.from({ length: 150 }, () => v4());
    for (const jti of pred) {
      const token = await signToken(
        "exec+jwt",
        { ...claimsOf(last("ect").token), jti, exec_act: "join", pred: [first.jti] },
        bench.agent,
      );
      expect(await gateway.report(token)).toMatchObject({ ok: true });
    }

    const task = { ...taskOf(bench, "sink", "build_site"), pred };
    await host.receive({ t: "ask", agent: bench.agentId, task });
    const asked = last("intent");
    expect(asked.joins.map((join) => predOf(join).length)).toEqual([100, 50]);
    expect(predOf(asked.token)).toHaveLength(2);
    for (const join of asked.joins) expect(await gateway.report(join)).toMatchObject({ ok: true });
    expect(await gateway.propose(asked.token)).toEqual({ ok: true, value: { kind: "permitted" } });
    await gateway.effect(bench.wid, task.jti, bench.agentId, () => undefined);
    const forged = await signToken(
      "exec+jwt",
      { ...claimsOf(last("ect").token), jti: task.jti, pred: [], inp_hash: task.inpHash },
      bench.agent,
    );
    expect(await gateway.report(forged)).toMatchObject({ error: { code: "ect_pred_mismatch", tasks: [first.jti] } });
    await host.receive({ t: "report", agent: bench.agentId, task, pred, argsHash: null });
    expect([last("ect").joins, predOf(last("ect").token)]).toEqual([[], predOf(asked.token)]);
    expect(await gateway.report(last("ect").token)).toMatchObject({ ok: true });
  });

  it("[ECT-16] names the tasks it called beside its predecessors, joined when they are too many together", async () => {
    const { bench, host, last } = await residence();
    const pred = Array.from({ length: 60 }, (_, index) => bench.task(`p${index}`));
    const called = Array.from({ length: 60 }, (_, index) => bench.task(`c${index}`));
    const task = { ...taskOf(bench, "caller", "build_site"), pred };
    await host.receive({
      t: "report",
      agent: bench.agentId,
      task,
      pred: [...pred, ...called.slice(0, 40)],
      argsHash: null,
    });
    expect(predOf(last("ect").token)).toEqual([...pred, ...called.slice(0, 40)]);
    await host.receive({ t: "report", agent: bench.agentId, task, pred: [...pred, ...called], argsHash: null });
    expect(last("ect").joins.flatMap(predOf)).toEqual([...pred, ...called]);
    expect(predOf(last("ect").token)).toHaveLength(2);
  });
});
