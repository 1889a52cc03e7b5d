import { describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { Clock } from "../base/ports.ts";
import type { Bench, Person } from "../engine/engine.fixture.ts";
import type { Engine } from "../engine/engine.ts";
import { REVIEW_WITHIN_S } from "../engine/gate/break-glass.ts";
import { agentOf, DEPLOY, review, ruled, waiting, withdrawal } from "../engine/gate/gate-tokens.fixture.ts";
import { createGateTimers, type GateTimers } from "./gate-timers.ts";
import { waitUntil } from "./long-wait.ts";

const DAY_MS = 86_400_000;
/** The longest time-out a browser keeps; a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Wall and monotonic time that move when told, each by itself. */
function handClock(startMs: number) {
  let [wallMs, monoMs] = [startMs, 5_000];
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => wallMs,
    monotonicMs: () => monoMs,
    after: (delayMs, run) => {
      const timer = { atMs: monoMs + (delayMs > LONGEST_MS ? 1 : delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    clock,
    waiting: () => timers.length,
    setWall: (ms: number) => {
      wallMs = ms;
    },
    /** Time passes; what is due meanwhile happens in its order. */
    pass: (ms: number) => {
      const untilMs = monoMs + ms;
      for (;;) {
        const next = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        wallMs += next.atMs - monoMs;
        monoMs = next.atMs;
        next.run();
      }
      wallMs += untilMs - monoMs;
      monoMs = untilMs;
    },
  };
}

function timed(engine: Engine, clock: Clock): { timers: GateTimers; end(): void } {
  const timers = createGateTimers(engine, clock);
  const forget = engine.onAppend((logged) => timers.facts(logged));
  return {
    timers,
    end: () => {
      forget();
      timers.close();
    },
  };
}

/** One request that two would approve, and somebody who may alone. */
async function emergency() {
  const bench = await ruled([{ ...DEPLOY, approvals: 2, break_glass: true }]);
  const [bob, carol] = [await bench.person("bob", ["operator"]), await bench.person("carol", ["duty_manager"])];
  const hand = handClock(bench.clock.nowMs());
  const host = timed(bench.engine, hand.clock);
  await host.timers.open();
  const { request } = await waiting(bench, "deploy", { approvals: 2 });
  return { bench, bob, carol, hand, host, request };
}

async function approveAlone(bench: Bench, by: Person, request: string): Promise<void> {
  const given = await bench.submit(await by.decision(request, "approve", { break_glass: true }));
  must(given.ok ? given : null, JSON.stringify(given));
  await bench.engine.idle();
}

const isOverdue = async (engine: Engine, request: string) => {
  await engine.idle();
  return engine.read((state) => state.gates.get(request)?.breakGlass?.overdue);
};
const dueMs = (bench: Bench, request: string) =>
  bench.engine.read((state) => must(state.gates.get(request)?.breakGlass, "approved alone").dueAt * 1000);

describe("the day within which an approval given alone is reviewed", () => {
  it("[D6] [ACP-43] ends by the monotonic clock, wherever the wall clock is set meanwhile", async () => {
    for (const shiftMs of [0, -2 * DAY_MS, 2 * DAY_MS]) {
      const { bench, bob, hand, host, request } = await emergency();
      await approveAlone(bench, bob, request);
      hand.setWall(hand.clock.nowMs() + shiftMs);
      hand.pass(REVIEW_WITHIN_S * 1000 - 1);
      expect(await isOverdue(bench.engine, request)).toBe(false);
      hand.pass(1);
      expect(await isOverdue(bench.engine, request)).toBe(true);
      host.end();
    }
  });

  it("[D6] goes on over a host that is opened again, with what is left by the wall clock", async () => {
    const { bench, bob, hand, host, request } = await emergency();
    await approveAlone(bench, bob, request);
    hand.pass(20 * 3_600_000);
    host.end();
    expect(hand.waiting()).toBe(0);
    const later = handClock((await dueMs(bench, request)) - 4 * 3_600_000);
    const engine = await bench.reopen();
    const again = timed(engine, later.clock);
    await again.timers.open();
    later.pass(4 * 3_600_000 - 1);
    expect(await isOverdue(engine, request)).toBe(false);
    later.pass(1);
    expect(await isOverdue(engine, request)).toBe(true);
    again.end();
  });

  it("[D6] that ended while no host was open is said at once when one opens, and only once", async () => {
    const { bench, bob, host, request } = await emergency();
    await approveAlone(bench, bob, request);
    host.end();
    const later = handClock((await dueMs(bench, request)) + 3 * DAY_MS);
    const engine = await bench.reopen();
    const again = timed(engine, later.clock);
    await again.timers.open();
    later.pass(0);
    expect(await isOverdue(engine, request)).toBe(true);
    const size = await engine.read((_state, head) => head.size);
    again.end();
    const third = await bench.reopen();
    const once = timed(third, later.clock);
    await once.timers.open();
    later.pass(DAY_MS);
    await third.idle();
    expect(await third.read((_state, head) => head.size)).toBe(size);
    once.end();
  });

  it("[D6] is over with the review, also where the host was opened in between", async () => {
    for (const reopened of [false, true]) {
      const { bench, bob, carol, hand, host, request } = await emergency();
      await approveAlone(bench, bob, request);
      if (reopened) await host.timers.open();
      await bench.submit(await review(bench, carol, request));
      await bench.engine.idle();
      expect(hand.waiting()).toBe(0);
      hand.pass(2 * DAY_MS);
      expect(await isOverdue(bench.engine, request)).toBe(false);
      host.end();
    }
  });

  it("[D6] does not end at once where a clock that was wrong makes it longer than a timer can be", async () => {
    const { bench, bob, host, request } = await emergency();
    await approveAlone(bench, bob, request);
    host.end();
    const leftMs = 60 * DAY_MS;
    expect(leftMs).toBeGreaterThan(LONGEST_MS);
    const early = handClock((await dueMs(bench, request)) - leftMs);
    const engine = await bench.reopen();
    const again = timed(engine, early.clock);
    await again.timers.open();
    early.pass(leftMs - 1);
    expect(await isOverdue(engine, request)).toBe(false);
    early.pass(1);
    expect(await isOverdue(engine, request)).toBe(true);
    again.end();
  });

  it("[D6] is not begun by an approval that others share", async () => {
    const { bench, bob, hand, host, request } = await emergency();
    await bench.submit(await bob.decision(request, "approve"));
    await bench.engine.idle();
    // The deadline alone.
    expect(hand.waiting()).toBe(1);
    host.end();
  });
});

describe("the deadline of a request", () => {
  it("[ACP-39] [ACP-S6] ends with a withdrawal", async () => {
    const { bench, hand, host, request } = await emergency();
    await bench.engine.idle();
    expect(host.timers.remainingMs(request)).toBe(600_000);
    await bench.submit(await withdrawal(bench, agentOf(bench), request));
    await bench.engine.idle();
    expect(host.timers.remainingMs(request)).toBeNull();
    expect(hand.waiting()).toBe(0);
    host.end();
  });
});

describe("a wait", () => {
  it("may be longer than a timer, and is cancelled in whichever turn it is", () => {
    const hand = handClock(0);
    let times = 0;
    const run = (): void => {
      times += 1;
    };
    const atMs = hand.clock.monotonicMs() + 100 * DAY_MS;
    waitUntil(hand.clock, atMs, run);
    const cancel = waitUntil(hand.clock, atMs, run);
    hand.pass(99 * DAY_MS);
    cancel();
    expect(times).toBe(0);
    hand.pass(DAY_MS);
    expect([times, hand.waiting()]).toEqual([1, 0]);
  });

  it("that is over already ends in the next turn", () => {
    const hand = handClock(0);
    let done = false;
    waitUntil(hand.clock, hand.clock.monotonicMs() - 1, () => {
      done = true;
    });
    hand.pass(0);
    expect(done).toBe(true);
  });
});
