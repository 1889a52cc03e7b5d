import { describe, expect, it } from "vitest";
import { settled } from "../base/settled.fixture.ts";
import { parseCompact } from "../protocol/jose/compact.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { heartbeatClaimsSchema } from "../protocol/liveness/heartbeat.ts";
import type { LinkLossPlan } from "../protocol/liveness/terms.ts";
import { createHeartbeats } from "./heartbeats.ts";
import type { FromAgent } from "./messages.ts";

const AGENTS = 25;

/** One worker with its agents, and a host that may answer or not. */
async function worker(plan: LinkLossPlan) {
  let nowMs = 1_772_064_000_000;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const sent: Extract<FromAgent, { t: "heartbeats" }>[] = [];
  const done: string[] = [];
  const host = { answers: true };
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (ms: number, run: () => void) => {
      timers.push({ atMs: nowMs + ms, run });
      return () => undefined;
    },
  };
  const beats = createHeartbeats({
    clock,
    send: (message) => {
      if (message.t !== "heartbeats") return;
      sent.push(message);
      if (host.answers) for (const { agent } of message.beats) beats.heard(agent);
    },
  });
  for (let at = 0; at < AGENTS; at += 1) {
    const { signer } = await generateSigner();
    const agent = `spiffe://console.local/agent/w/a${at}`;
    const told = (what: string) => () => void done.push(`${agent} ${what}`);
    beats.begin(
      {
        agent,
        signer,
        pepId: "spiffe://console.local/pep",
        nowMs: () => clock.nowMs(),
        state: () => "running",
        lost: told("lost"),
        found: told("found"),
      },
      plan,
    );
  }
  const jump = async (ms: number): Promise<void> => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
    await settled();
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) await jump(1000);
  };
  await settled();
  return { sent, done, host, jump, pass };
}

const claimsOf = (token: string) => {
  const parsed = parseCompact(token);
  return heartbeatClaimsSchema.parse(parsed.ok ? parsed.value.payload : null);
};

describe("the heartbeats of a worker", () => {
  it("[OVR-7] each agent says by its own signature that it is there, every 10 s, many in one message", async () => {
    const { sent, pass } = await worker({ do: "hold", after_s: 45 });
    await pass(10);
    const before = sent.length;
    await pass(30);
    const after = sent.slice(before);
    const beats = after.flatMap((message) => message.beats);
    expect(beats).toHaveLength(3 * AGENTS);
    // Spread over the ten seconds between two: no burst, and far fewer messages than heartbeats.
    expect(after.length).toBeLessThanOrEqual(30);
    expect(Math.max(...after.map((message) => message.beats.length))).toBeLessThanOrEqual(3);
    const own = beats.filter(({ agent }) => agent.endsWith("/a7")).map(({ token }) => claimsOf(token));
    expect(own.map(({ iss }) => iss)).toEqual(Array(3).fill("spiffe://console.local/agent/w/a7"));
    expect(own.map(({ seq }) => seq - (own[0]?.seq ?? 0))).toEqual([0, 1, 2]);
  });

  it("[L3] [OVR-38] an agent that nobody answers does as its plan says, to the second, by its own clock, and is found again", async () => {
    const { done, host, pass, sent } = await worker({ do: "hold", after_s: 45 });
    await pass(10);
    host.answers = false;
    await pass(34);
    expect(done).toEqual([]);
    await pass(12);
    expect(done.filter((what) => what.endsWith("lost"))).toHaveLength(AGENTS);
    const last = sent.at(-1)?.beats[0];
    expect(claimsOf(last?.token ?? "").state).toBe("degraded");
    host.answers = true;
    await pass(10);
    expect(done.filter((what) => what.endsWith("found"))).toHaveLength(AGENTS);
  });

  it("[L6] [OVR-37] a worker that was not let run has lost nobody", async () => {
    const { done, host, jump } = await worker({ do: "safe_stop", after_s: 60 });
    host.answers = false;
    for (let minute = 0; minute < 20; minute += 1) await jump(60_000);
    expect(done).toEqual([]);
  });
});
