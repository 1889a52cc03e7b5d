import { describe, expect, it } from "vitest";
import { startedWorkflow } from "../engine/engine.fixture.ts";
import { createOverrideTimers } from "./override-timers.ts";

const DAY_S = 86_400;

async function timed(untilS: number) {
  const bench = await startedWorkflow();
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const waits: number[] = [];
  const clock = {
    ...bench.clock,
    after: (ms: number, run: () => void) => {
      waits.push(ms);
      const timer = { atMs: bench.clock.nowMs() + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const pass = async (seconds: number): Promise<void> => {
    bench.clock.advance(seconds);
    const due = timers.filter(({ atMs }) => atMs <= bench.clock.nowMs());
    timers = timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    await bench.engine.idle();
  };
  const jti = crypto.randomUUID();
  const give = async (change: object): Promise<void> => {
    const result = await bench.submit(
      await bench.stop({
        level: "mandatory",
        scope: { kind: "agent", id: bench.agentId },
        deadline_ms: 10_000,
        ...change,
      }),
    );
    expect(result.ok).toBe(true);
  };
  const pause = () =>
    give({
      action: "pause",
      jti,
      params: { mode: "now" },
      effect_until: Math.floor(bench.clock.nowMs() / 1000) + untilS,
    });
  const inForce = () => bench.engine.read((state) => state.overrides.get(jti)?.inForce);
  return { bench, clock, waits, pass, jti, give, pause, inForce };
}

describe("the end a signal sets itself", () => {
  it("[OVR-28] [L6] comes by the host's clock, once", async () => {
    const at = await timed(60);
    const timers = createOverrideTimers(at.bench.engine, at.clock);
    at.bench.engine.onAppend((logged) => timers.facts(logged));
    await at.pause();
    expect(timers.remainingMs(at.jti)).toBe(60_000);
    await at.pass(59);
    expect(await at.inForce()).toBe(true);
    await at.pass(1);
    expect([await at.inForce(), timers.remainingMs(at.jti)]).toEqual([false, null]);
  });

  it("[OVR-28] runs on with what is left of it when the host is opened again, also where it is over by then", async () => {
    const at = await timed(60);
    await at.pause();
    at.bench.clock.advance(40);
    const timers = createOverrideTimers(at.bench.engine, at.clock);
    await timers.open();
    expect(timers.remainingMs(at.jti)).toBe(20_000);
    timers.close();
    at.bench.clock.advance(3600);
    await createOverrideTimers(at.bench.engine, at.clock).open();
    await at.pass(0);
    expect(await at.inForce()).toBe(false);
  });

  it("is forgotten when an operator ends the signal before", async () => {
    const at = await timed(60);
    const timers = createOverrideTimers(at.bench.engine, at.clock);
    at.bench.engine.onAppend((logged) => timers.facts(logged));
    await at.pause();
    await at.give({ action: "resume", params: { of: at.jti }, seq: 2 });
    expect(timers.remainingMs(at.jti)).toBeNull();
  });

  it("waits in turns for what is further away than a timer reaches", async () => {
    const at = await timed(30 * DAY_S);
    const timers = createOverrideTimers(at.bench.engine, at.clock);
    at.bench.engine.onAppend((logged) => timers.facts(logged));
    await at.pause();
    for (let day = 0; day < 30; day += 1) {
      expect(await at.inForce()).toBe(true);
      await at.pass(DAY_S);
    }
    expect(await at.inForce()).toBe(false);
    expect(Math.max(...at.waits)).toBeLessThan(2 ** 31);
  });
});
