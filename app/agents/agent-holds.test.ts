import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { digestOf, startedWorkflow } from "../engine/engine.fixture.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { createAgentHost } from "./agent-host.ts";
import type { AgentTask, FromAgent, Order, ToAgent } from "./messages.ts";

type Hold = Extract<ToAgent, { t: "hold" }>;

/** One agent whose clock stands still until it is advanced, and who works at the recorded speed. */
async function residence() {
  const bench = await startedWorkflow();
  const said: FromAgent[] = [];
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  let busy = 0;
  const host = createAgentHost({
    clock: {
      ...bench.clock,
      after: (ms, run) => {
        const timer = { atMs: bench.clock.nowMs() + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    ids: { uuid: () => v4() },
    send: (message) => said.push(message),
    flagged: () => false,
    busy: (_flag, tasks) => {
      busy = tasks;
    },
  });
  const agent = bench.agentId;
  await host.receive({ t: "agent", agent, signer: bench.agent, flag: 0, pepId: "spiffe://console.local/pep" });
  await host.receive({ t: "clock", wid: bench.wid, epochMs: bench.clock.nowMs(), virtualMs: 0, speed: 1 });
  const task = (name: string): AgentTask => ({
    wid: bench.wid,
    jti: bench.task(name),
    execAct: "build_site",
    inpHash: digestOf("in"),
    argsHash: digestOf("args"),
    outHash: digestOf("out"),
    target: null,
    pred: [],
    acp: bench.acp,
    outcome: "success",
    summary: "",
    needs: {},
    args: {},
  });
  const order = (): Order => ({ jti: v4(), hash: digestOf("signal"), operator: "spiffe://console.local/human/alice" });
  /** Acknowledgements of an order so far: stage and state. */
  const acks = async (of: Order): Promise<string[]> => {
    // Acknowledgements go out one after another: after the last of another order all before it are out.
    await host.receive({ t: "tell", agent, order: order(), state: "running" });
    return said.flatMap((message) => {
      if (message.t !== "ack") return [];
      const parsed = parseCompact(message.token);
      const claims = must(parsed.ok ? parsed.value.payload : null, "a token");
      const signal = claims.signal as { readonly jti: string };
      return signal.jti === of.jti ? [`${String(claims.stage)} ${String(claims.state)}`] : [];
    });
  };
  return {
    bench,
    said,
    task,
    order,
    acks,
    busy: () => busy,
    told: (kind: FromAgent["t"]) => said.filter((message) => message.t === kind).length,
    work: (name: string, endVirtualMs: number) => host.receive({ t: "work", agent, task: task(name), endVirtualMs }),
    ask: (name: string) => host.receive({ t: "ask", agent, task: task(name) }),
    hold: (of: Order, change: Partial<Hold> = {}) =>
      host.receive({
        t: "hold",
        agent,
        order: of,
        task: null,
        finishing: [],
        state: "paused",
        known: false,
        ...change,
      }),
    unhold: (of: Order, by: Order | null) => host.receive({ t: "unhold", agent, of: of.jti, order: by }),
    send: (message: ToAgent) => host.receive(message),
    pass: (seconds: number) => {
      bench.clock.advance(seconds);
      const due = timers.filter(({ atMs }) => atMs <= bench.clock.nowMs());
      timers = timers.filter((timer) => !due.includes(timer));
      for (const { run } of due) run();
    },
  };
}

describe("an agent that is paused", () => {
  it("[OVR-6] [OVR-8] [OVR-9] now: stops its work at once, and acknowledges it in stages", async () => {
    const at = await residence();
    await at.work("build", 10_000);
    at.pass(4);
    const pause = at.order();
    await at.hold(pause);
    expect(at.busy()).toBe(0);
    expect(await at.acks(pause)).toEqual(["received paused", "accepted paused", "complied paused"]);
    at.pass(60);
    await at.ask("next");
    expect([at.told("worked"), at.told("intent")]).toEqual([0, 0]);
    const resume = at.order();
    await at.unhold(pause, resume);
    expect(await at.acks(resume)).toEqual(["received running", "accepted running", "complied running"]);
    // Given out again with what was left of it.
    await at.work("build", 64_000 + 6000);
    at.pass(5);
    expect(at.told("worked")).toBe(0);
    at.pass(1);
    expect(at.told("worked")).toBe(1);
  });

  it("[OVR-8] [OVR-27] after the task: works to its end, takes nothing new, and complies when it works on nothing", async () => {
    const at = await residence();
    await at.work("build", 10_000);
    const pause = at.order();
    await at.hold(pause, { finishing: [at.task("build").jti] });
    await at.ask("next");
    expect(await at.acks(pause)).toEqual(["received pausing", "accepted pausing", "in_progress pausing"]);
    at.pass(10);
    expect([at.told("worked"), at.told("intent"), at.busy()]).toEqual([1, 0, 0]);
    expect((await at.acks(pause)).at(-1)).toBe("complied paused");
  });

  it("[S13] goes on only when every hold on it is over, each of which it has acknowledged", async () => {
    const at = await residence();
    await at.work("build", 10_000);
    const [first, second] = [at.order(), at.order()];
    await at.hold(first, { finishing: [at.task("build").jti] });
    await at.hold(second);
    expect((await at.acks(first)).at(-1)).toBe("complied paused");
    await at.unhold(second, null);
    await at.ask("next");
    expect(at.told("intent")).toBe(0);
    await at.unhold(first, null);
    await at.ask("next");
    expect(at.told("intent")).toBe(1);
  });

  it("[OVR-6] of one task goes on with the others", async () => {
    const at = await residence();
    await at.work("build", 10_000);
    await at.work("pack", 10_000);
    const pause = at.order();
    await at.hold(pause, { task: at.task("build").jti });
    expect(at.busy()).toBe(1);
    expect((await at.acks(pause)).at(-1)).toBe("complied running");
    at.pass(10);
    expect(at.said.flatMap((message) => (message.t === "worked" ? [message.task] : []))).toEqual([at.task("pack").jti]);
  });

  it("[OVR-8] [OVR-10] [OVR-S8] refuses advice with a reason and alternatives, and works on", async () => {
    const at = await residence();
    await at.work("build", 10_000);
    const advice = at.order();
    await at.send({ t: "advise", agent: at.bench.agentId, order: advice });
    expect(await at.acks(advice)).toEqual(["received running", "refused running"]);
    const refused = at.said.flatMap((message) => {
      const parsed = message.t === "ack" ? parseCompact(message.token) : null;
      return parsed?.ok === true && parsed.value.payload.stage === "refused" ? [parsed.value.payload] : [];
    });
    expect(refused).toMatchObject([{ code: "follows_recording", alternatives: expect.stringContaining("Pause me") }]);
    at.pass(10);
    expect(at.told("worked")).toBe(1);
  });

  it("obeys a hold it has acknowledged before without saying so again", async () => {
    const at = await residence();
    const pause = at.order();
    await at.hold(pause, { known: true });
    await at.ask("next");
    expect([await at.acks(pause), at.told("intent")]).toEqual([[], 0]);
  });

  it("[S3] stays held after a stop and a new start", async () => {
    const at = await residence();
    const pause = at.order();
    await at.hold(pause);
    const { jti, hash, operator } = at.order();
    await at.send({ t: "stop", agent: at.bench.agentId, signal: { jti, hash }, operator });
    await at.send({ t: "revive", agent: at.bench.agentId });
    await at.ask("next");
    expect(at.told("intent")).toBe(0);
  });
});
