import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { digestOf } from "../../engine/engine.fixture.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import type { AgentTask, FromAgent } from "../messages.ts";
import { createDrillAgentHost } from "./drill-agent-host.ts";
import type { Fault } from "./faults.ts";

const AGENT = "spiffe://console.local/agent/one";
const PEER = "spiffe://console.local/agent/two";
const WID = v4();

/** An agent with these faults and a sound one beside it, in one worker. */
async function worker(faults: readonly Fault[], drill: string | null = null) {
  let nowMs = 1_772_064_000_000;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const said: FromAgent[] = [];
  const ended: string[] = [];
  const busy = new Map<number, number>();
  const host = createDrillAgentHost({
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (ms, run) => {
        const timer = { atMs: nowMs + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    ids: { uuid: () => v4() },
    send: (message) => said.push(message),
    flagged: () => false,
    busy: (flag, tasks) => void busy.set(flag, tasks),
    worker: { spin: () => void ended.push("spin"), end: () => void ended.push("end") },
  });
  const { signer } = await generateSigner();
  await host.receive({ t: "agent", agent: AGENT, signer, flag: 0, pepId: "spiffe://console.local/pep", faults, drill });
  await host.receive({ t: "agent", agent: PEER, signer, flag: 1, pepId: "spiffe://console.local/pep" });
  await host.receive({ t: "clock", wid: WID, epochMs: nowMs, virtualMs: 0, speed: 1 });
  return {
    host,
    said,
    ended,
    busy,
    count: (kind: FromAgent["t"]) => said.filter((message) => message.t === kind).length,
    /** Lets the time pass; what is signed meanwhile is waited for. */
    pass: (ms: number) => {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter((timer) => !due.includes(timer));
      for (const { run } of due) run();
    },
    stop: () =>
      host.receive({
        t: "stop",
        agent: AGENT,
        signal: { jti: v4(), hash: digestOf("stop") },
        operator: "spiffe://console.local/human/alice",
      }),
  };
}

const task = (): AgentTask => ({
  wid: WID,
  jti: v4(),
  execAct: "build_site",
  inpHash: digestOf("in"),
  argsHash: digestOf("args"),
  args: null,
  outHash: digestOf("out"),
  target: null,
  pred: [],
  acp: { jti: v4(), hash: digestOf("policy") },
  outcome: "success",
  summary: "Build",
  needs: {},
});

const stageOf = (message: FromAgent | undefined) => {
  const parsed = message?.t === "ack" ? parseCompact(message.token) : null;
  return parsed?.ok === true ? parsed.value.payload.stage : null;
};

describe("an agent of a drill", () => {
  it("[S7] that lies says that it has complied, shows its work or hides it, and asks on", async () => {
    for (const hides of [false, true]) {
      const { host, said, busy, count, pass, stop } = await worker([{ kind: "lie", everyMs: 100, hides }]);
      await host.receive({ t: "ask", agent: AGENT, task: task() });
      await host.receive({ t: "work", agent: AGENT, task: task(), endVirtualMs: 60_000 });
      await stop();
      expect(stageOf(said.at(-1))).toBe("complied");
      expect(busy.get(0)).toBe(hides ? 0 : 1);
      pass(100);
      await expect.poll(() => count("intent")).toBe(2);
      await host.receive({ t: "revive", agent: AGENT });
      pass(100);
      pass(100);
      expect(count("intent")).toBe(2);
    }
  });

  it("that evades obeys itself, and has another agent ask in its own name", async () => {
    const { host, said, count, pass, stop } = await worker([{ kind: "evade", everyMs: 100 }]);
    await host.receive({ t: "ask", agent: AGENT, task: task() });
    await stop();
    await host.receive({ t: "ask", agent: AGENT, task: task() });
    expect([stageOf(said.at(-1)), count("intent")]).toEqual(["complied", 1]);
    pass(100);
    await expect.poll(() => count("intent")).toBe(3);
    expect(said.filter((message) => message.t === "intent").map(({ agent }) => agent)).toEqual([AGENT, PEER, PEER]);
  });

  it("[OVR-25] that evades finds no agents beside it but those of its drill, and ends when the drill is over", async () => {
    const { host, said, count, pass, stop } = await worker([{ kind: "evade", everyMs: 100 }], "drill");
    await host.receive({ t: "ask", agent: AGENT, task: task() });
    await stop();
    pass(100);
    const { signer } = await generateSigner();
    const child = "spiffe://console.local/agent/child";
    await host.receive({ t: "agent", agent: child, signer, flag: 2, pepId: "p:ep", drill: "drill" });
    pass(100);
    await expect.poll(() => count("intent")).toBe(3);
    const asking = said.flatMap((message) => (message.t === "intent" ? [message.agent] : []));
    expect(asking).toEqual([AGENT, child, child]);
    host.dismiss(AGENT);
    pass(100);
    await host.receive({ t: "ask", agent: PEER, task: task() });
    expect(count("intent")).toBe(4);
  });

  it.each([
    ["hangs", "hang", "spin"],
    ["crashes", "crash", "end"],
  ] as const)("that %s does it in the middle of a task, and is not heard of again", async (_what, kind, how) => {
    const { host, said, ended, busy, stop } = await worker([{ kind, onTask: 2 }]);
    await host.receive({ t: "work", agent: AGENT, task: task(), endVirtualMs: 60_000 });
    expect(ended).toEqual([]);
    await host.receive({ t: "work", agent: AGENT, task: task(), endVirtualMs: 60_000 });
    await stop();
    expect([ended, said, busy.get(0)]).toEqual([[how], [], 2]);
    await host.receive({ t: "ask", agent: PEER, task: task() });
    expect(said).toHaveLength(1);
  });

  it("[S5] that floods asks for thousands of tasks with its first one", async () => {
    const { host, count } = await worker([{ kind: "flood", intents: 2000 }]);
    await host.receive({ t: "ask", agent: AGENT, task: task() });
    await expect.poll(() => count("intent"), { timeout: 20_000 }).toBe(2001);
  }, 30_000);

  it("that is cut off loses what is sent in the meantime, in that direction alone", async () => {
    const cut = { kind: "partition", afterMs: 100, forMs: 100 } as const;
    const out = await worker([{ ...cut, lost: "out" }]);
    await out.host.receive({ t: "ask", agent: AGENT, task: task() });
    out.pass(100);
    await out.host.receive({ t: "ask", agent: AGENT, task: task() });
    out.pass(100);
    await out.host.receive({ t: "ask", agent: AGENT, task: task() });
    expect(out.count("intent")).toBe(2);
    const into = await worker([{ ...cut, lost: "in" }]);
    into.pass(100);
    await into.stop();
    into.pass(100);
    await into.host.receive({ t: "ask", agent: AGENT, task: task() });
    expect([into.count("ack"), into.count("intent")]).toEqual([0, 1]);
  });

  it("that is late acknowledges when its time has come", async () => {
    const { count, pass, stop } = await worker([{ kind: "late", byMs: 1200 }]);
    await stop();
    pass(1199);
    expect(count("ack")).toBe(0);
    pass(1);
    expect(count("ack")).toBe(1);
  });

  it("[OVR-20] that replays sends the same tokens again", async () => {
    const { host, said, pass, stop } = await worker([{ kind: "replay", everyMs: 50 }]);
    await host.receive({ t: "ask", agent: AGENT, task: task() });
    await stop();
    const [intent, ack] = [...said];
    for (let count = 0; count < 4; count += 1) pass(50);
    expect(said.slice(2)).toEqual([ack, intent, ack, intent]);
  });

  it("[OVR-S9] that drifts dates what it signs by its own clock", async () => {
    const { said, stop } = await worker([{ kind: "drift", byMs: 5 * 60_000 }]);
    await stop();
    const parsed = parseCompact(said[0]?.t === "ack" ? said[0].token : "");
    expect(must(parsed.ok ? parsed.value : null, "a token").payload.iat).toBe(1_772_064_300);
  });

  it("has several faults at once, and none any more once it is admitted without", async () => {
    const { host, said, ended, stop } = await worker([
      { kind: "lie", everyMs: 100, hides: true },
      { kind: "late", byMs: 500 },
      { kind: "hang", onTask: 1 },
    ]);
    await stop();
    expect(said).toEqual([]);
    await host.receive({ t: "work", agent: AGENT, task: task(), endVirtualMs: 1 });
    expect(ended).toEqual(["spin"]);
    const { signer } = await generateSigner();
    await host.receive({ t: "agent", agent: AGENT, signer, flag: 0, pepId: "spiffe://console.local/pep" });
    await stop();
    expect(stageOf(said.at(-1))).toBe("complied");
  });
});
