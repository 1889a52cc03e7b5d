import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { readCheckpoint } from "../../protocol/cascade/checkpoint.ts";
import type { EctClaims } from "../../protocol/ect/claims.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { createAgentHost } from "../agent-host.ts";
import type { AgentTask, FromAgent } from "../messages.ts";
import { boundDesk } from "./desk-messages.ts";
import { AGENT, act, NOW_MS, uri, value, write } from "./resource-store.suite.ts";
import type { StoredValues } from "./resource-store.ts";
import { createResourceStore } from "./values-store.ts";

const HASH = "A".repeat(43);
/** The agent's own words. */
const claimsOf = (token: string): EctClaims => {
  const parsed = parseCompact(token);
  // Signed by the agent under test with claims of this type.
  return must(parsed.ok ? parsed.value.payload : null, "a token") as unknown as EctClaims;
};

/** One agent with its hands on a store, that may be started anew over it. */
async function acting() {
  const wid = v4();
  const timers: (() => void)[] = [];
  const clock: Clock = {
    nowMs: () => NOW_MS,
    monotonicMs: () => NOW_MS,
    after: (_ms, run) => {
      timers.push(run);
      return () => timers.splice(timers.indexOf(run), 1);
    },
  };
  const { values } = createMemoryStorage();
  let out = false;
  const flaky: StoredValues = {
    ...values,
    put: (key, given) =>
      out
        ? Promise.resolve({ ok: false, error: { code: "storage_full", detail: "no room", retry: true } })
        : values.put(key, given),
  };
  const store = createResourceStore(flaky, () => NOW_MS, nobleSha256);
  const { signer } = await generateSigner();
  const said: FromAgent[] = [];
  const start = async () => {
    const host = createAgentHost({
      clock,
      ids: { uuid: v4 },
      send: (message) => said.push(message),
      flagged: () => false,
      busy: () => undefined,
      desk: (agent) => boundDesk(store, agent),
    });
    await host.receive({ t: "agent", agent: AGENT, signer, flag: 0, pepId: "spiffe://console.local/pep" });
    await host.receive({ t: "clock", wid, epochMs: NOW_MS, virtualMs: 0, speed: 1 });
    return host;
  };
  const task: AgentTask = {
    wid,
    jti: v4(),
    execAct: "configure",
    inpHash: HASH,
    argsHash: HASH,
    args: null,
    outHash: HASH,
    target: null,
    pred: [],
    acp: { jti: v4(), hash: HASH },
    outcome: "success",
    summary: "",
    needs: { resources: [uri(wid, "r1")] },
    effect: { deeds: [write(wid, "r1", "new")], undo: "automatic", compensation: null, tell: ["the desk"] },
  };
  const last = async <T extends FromAgent["t"]>(t: T) => {
    const found = () => said.findLast((message): message is Extract<FromAgent, { t: T }> => message.t === t);
    await expect.poll(found).toBeDefined();
    return must(found(), t);
  };
  const text = async () => value(await store.read(uri(wid, "r1")))?.text ?? null;
  const wake = () => {
    for (const timer of timers.splice(0)) timer();
  };
  const fill = (on: boolean) => {
    out = on;
  };
  return { wid, store, task, start, last, text, wake, fill, said, timers };
}

describe("an agent that acts", () => {
  it("[CAS-10] [CAS-11] declares in its intent, saves what it will write when its work is over, and writes when it is let", async () => {
    const { start, task, last, text, store, wid } = await acting();
    const before = await act(store, wid, "before", [write(wid, "r1", "old")]);
    const host = await start();
    await host.receive({ t: "ask", agent: AGENT, task });
    expect(claimsOf((await last("intent")).token)).toMatchObject({
      undo: { effect: true, kind: "automatic", tell: ["the desk"] },
    });
    await host.receive({ t: "work", agent: AGENT, task, endVirtualMs: 0 });
    await host.receive({ t: "clock", wid, epochMs: NOW_MS, virtualMs: 1, speed: 1 });
    const claims = claimsOf(must((await last("worked")).checkpoint, "a checkpoint"));
    expect(claims).toMatchObject({ iss: AGENT, pred: [before.task], ect_ext: { target_jti: task.jti } });
    const read = readCheckpoint(claims);
    expect(read.ok && [read.value.scope, read.value.hash]).toEqual([[uri(wid, "r1")], before.hash]);
    expect(await text()).toBe("old");
    await host.receive({ t: "report", agent: AGENT, task, pred: [], argsHash: null });
    expect(await text()).toBe("new");
    const hash = value(await store.digest([uri(wid, "r1")]));
    expect(claimsOf((await last("ect")).token)).toMatchObject({
      out_hash: HASH,
      ect_ext: { "org.signalbox.outcome": "success", "org.signalbox.written": hash },
    });
  });

  it("writes what it had saved, also when it was begun anew in between", async () => {
    const { start, task, last, text } = await acting();
    const first = await start();
    await first.receive({ t: "work", agent: AGENT, task, endVirtualMs: 0 });
    await first.receive({ t: "clock", wid: task.wid, epochMs: NOW_MS, virtualMs: 1, speed: 1 });
    await last("worked");
    const second = await start();
    for (let times = 0; times < 2; times += 1)
      await second.receive({ t: "report", agent: AGENT, task, pred: [], argsHash: null });
    expect(await text()).toBe("new");
  });

  it("says that it failed, and why, where it could not write", async () => {
    const { start, task, last, text } = await acting();
    const host = await start();
    await host.receive({ t: "report", agent: AGENT, task, pred: [], argsHash: null });
    const claims = claimsOf((await last("ect")).token);
    expect(claims.ect_ext).toMatchObject({
      "org.signalbox.outcome": "failure",
      "org.signalbox.problem": "checkpoint_missing",
    });
    expect([claims.out_hash, await text()]).toEqual([undefined, null]);
  });

  it("[ACP-11] writes nothing with other arguments than those it knows the outcome of", async () => {
    const { start, task, last, text, said } = await acting();
    const host = await start();
    await host.receive({ t: "work", agent: AGENT, task, endVirtualMs: 0 });
    await host.receive({ t: "clock", wid: task.wid, epochMs: NOW_MS, virtualMs: 1, speed: 1 });
    await last("worked");
    await host.receive({ t: "report", agent: AGENT, task, pred: [], argsHash: HASH });
    expect(claimsOf((await last("ect")).token).ect_ext).not.toHaveProperty(["org.signalbox.written"]);
    expect(await text()).toBeNull();
    expect(said.filter(({ t }) => t === "ect")).toHaveLength(1);
  });

  it("waits for a storage that has no room, and decides nothing meanwhile", async () => {
    const { start, task, last, text, fill, wake, said, timers } = await acting();
    const host = await start();
    await host.receive({ t: "work", agent: AGENT, task, endVirtualMs: 0 });
    await host.receive({ t: "clock", wid: task.wid, epochMs: NOW_MS, virtualMs: 1, speed: 1 });
    await last("worked");
    fill(true);
    const reporting = host.receive({ t: "report", agent: AGENT, task, pred: [], argsHash: null });
    await expect.poll(() => timers.length).toBe(1);
    expect(said.some(({ t }) => t === "ect")).toBe(false);
    fill(false);
    wake();
    await reporting;
    expect(await text()).toBe("new");
  });
});
