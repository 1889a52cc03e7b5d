import { describe, expect, it } from "vitest";
import { BreakerBench } from "./breaker.fixture.ts";
import {
  advance,
  askCall,
  circuitRefusal,
  forceOpen,
  giveBack,
  isolate,
  nextDueMs,
  noteResult,
  releaseForced,
  releaseIsolated,
  trip,
} from "./breaker.ts";
import { breakerId, breakerRules } from "./breaker-rules.ts";
import { applyChange, createBreaker } from "./breaker-state.ts";
import { breakerConfigSchema, FAILURE_CLASSES } from "./claims.ts";

const opened = (config = {}) => new BreakerBench(config).calls(5, "error");

describe("configuration", () => {
  it("[CAS-22] the defaults are those of the specification", () => {
    expect(breakerConfigSchema.parse({})).toEqual({
      window_s: 60,
      min_calls: 10,
      failure_rate: 0.5,
      slow_ms: 5000,
      slow_rate: 0.8,
      consecutive: 5,
      open_s: 30,
      backoff: 2,
      open_max_s: 900,
      probes: 3,
      probe_success: 3,
      probe_timeout_s: 30,
      count_classes: FAILURE_CLASSES.filter((failure) => failure !== "policy"),
    });
  });

  it.each([
    [{ probes: 1 }, "probe_success"],
    [{ failure_rate: 0 }, "failure_rate"],
    [{ open_s: 901 }, "open_max_s"],
    [{ window: 10 }, ""],
  ])("refuses %j, under which the machine could not work", (config, place) => {
    const read = breakerConfigSchema.safeParse(config);
    expect(read.error?.issues[0]?.path.join(".")).toBe(place);
  });

  it("each caller, callee and action group has a breaker of its own", () => {
    const ids = [breakerId("a:1", "a:2", "read"), breakerId("a:2", "a:1", "read"), breakerId("a:1", "a:2", "write")];
    expect(new Set(ids).size).toBe(3);
  });
});

describe("closed", () => {
  it("[CAS-2] the walk-through: open 30 s, a failed probe, open 60 s, three good probes, next time 30 s again", () => {
    const bench = new BreakerBench();
    for (const failure of [null, "error", null, "error", null, "error", null, "error", null] as const)
      bench.calls(1, failure);
    expect(bench.breaker.state).toBe("closed");
    bench.calls(1, "error");
    expect(bench.story).toEqual(["closed open failure_rate"]);
    expect(bench.pass(29.999).ask()).toMatchObject({ allowed: false, retryAfterMs: 1 });
    bench.pass(0.001).calls(1, "timeout");
    expect(bench.ask()).toMatchObject({ allowed: false, retryAfterMs: 60_000 });
    bench.pass(60).calls(3);
    expect(bench.breaker.state).toBe("closed");
    bench.calls(5, "error");
    expect(bench.ask()).toMatchObject({ allowed: false, retryAfterMs: 30_000 });
    expect(bench.story.slice(1)).toEqual([
      "open half_open timer",
      "half_open open probe_failed",
      "open half_open timer",
      "half_open closed probe_ok",
      "closed open consecutive",
    ]);
  });

  it("[CAS-2] below min_calls no rate trips; five failures in a row do", () => {
    const bench = new BreakerBench().calls(4, "error").calls(1).calls(4, "error");
    expect(bench.story).toEqual([]);
    expect(new BreakerBench().calls(5, "error").story).toEqual(["closed open consecutive"]);
  });

  it("[CAS-2] trips on the share of slow calls, successful ones included", () => {
    const bench = new BreakerBench().calls(2).calls(7, null, 5000);
    expect(bench.story).toEqual([]);
    expect(bench.calls(1, null, 5000).story).toEqual(["closed open slow_rate"]);
    expect(new BreakerBench().calls(20, null, 4999).story).toEqual([]);
  });

  it("[CAS-2] what lies outside the window no longer counts", () => {
    const bench = new BreakerBench({ consecutive: 1000 }).calls(9, "error");
    expect(bench.pass(60).calls(5).calls(4, "error").story).toEqual([]);
    expect(new BreakerBench({ consecutive: 1000 }).calls(9, "error").pass(50).calls(1).story).toHaveLength(1);
  });

  it("[CAS-2] classes that are not counted are in no figure and end no row of failures", () => {
    const bench = new BreakerBench().calls(4, "error").calls(50, "policy");
    expect(bench.breaker.window.sum.calls).toBe(4);
    expect(bench.calls(1, "crash").story).toEqual(["closed open consecutive"]);
  });

  it("[CAS-20] a verdict, a confirmed signal or the containment of a cascade opens it at once", () => {
    for (const reason of ["behavior", "failure_signal", "cascade"] as const) {
      const bench = new BreakerBench();
      bench.do(trip(bench.rules, bench.breaker, reason, bench.now));
      expect(bench.story).toEqual([`closed open ${reason}`]);
      expect(bench.ask()).toMatchObject({ allowed: false, code: "circuit_open", state: "open" });
      bench.do(trip(bench.rules, bench.breaker, reason, bench.now));
      expect(bench.story).toHaveLength(1);
    }
  });

  it("a clock that goes back, and durations that are none, do no harm", () => {
    const bench = new BreakerBench().calls(3);
    bench.pass(-1000).calls(1, "error", Number.NaN).calls(1, "error", -5);
    expect(bench.breaker.window.sum).toMatchObject({ calls: 5, failures: 2, durationMs: 30 });
  });
});

describe("open", () => {
  it("[CAS-3] every call fails at once, with the time to wait, and nothing is handed out to be called with", () => {
    const bench = opened();
    for (let second = 0; second < 30; second += 1) {
      const answer = bench.ask();
      expect(answer).toEqual({
        allowed: false,
        code: "circuit_open",
        state: "open",
        retryAfterMs: (30 - second) * 1000,
      });
      bench.pass(1);
    }
    expect(bench.breaker.refused).toBe(30);
    expect(circuitRefusal("half_open")).toEqual({
      code: "circuit_open",
      status: 503,
      detail: "the circuit breaker is half open",
    });
  });

  it("[CAS-2] open periods multiply up to open_max_s", () => {
    const bench = opened();
    const periods: unknown[] = [];
    for (let round = 0; round < 7; round += 1) {
      const answer = bench.ask();
      const waitMs = answer.allowed ? 0 : (answer.retryAfterMs ?? 0);
      periods.push(waitMs / 1000);
      bench.pass(waitMs / 1000).calls(1, "error");
    }
    expect(periods).toEqual([30, 60, 120, 240, 480, 900, 900]);
  });

  it("[CAS-S6] breakers that tripped together reopen apart, at most a tenth later and never earlier", () => {
    const dues = Array.from({ length: 100 }, (_, at) => {
      const bench = new BreakerBench();
      bench.jitter = at / 100;
      bench.calls(5, "error");
      return (nextDueMs(bench.breaker) ?? 0) - bench.atMs;
    });
    expect(Math.min(...dues)).toBe(30_000);
    expect(Math.max(...dues)).toBeLessThan(33_000);
    expect(new Set(dues).size).toBe(100);
  });

  it("[CAS-2] results of calls begun before are counted, and move nothing, whatever they are", () => {
    const bench = new BreakerBench();
    const before = Array.from({ length: 20 }, () => bench.begin());
    bench.calls(5, "error");
    for (const call of before.slice(0, 6)) bench.end(call, "crash");
    expect(bench.breaker.window.sum).toMatchObject({ calls: 11, failures: 11, lateFailures: 6 });
    bench.pass(30);
    for (const call of before.slice(6, 12)) bench.end(call);
    expect(bench.breaker.state).toBe("half_open");
    bench.calls(3);
    for (const call of before.slice(12)) bench.end(call, "crash");
    // Neither at once nor with the next call: twelve late failures are not the new state's.
    bench.calls(12);
    expect(bench.breaker.state).toBe("closed");
    expect(bench.breaker.window.sum).toMatchObject({ calls: 20, failures: 8, lateFailures: 8 });
  });
});

describe("half-open", () => {
  const halfOpen = (config = {}) => opened(config).pass(30);

  it("[CAS-4] [CAS-S6] of a stampede as many get through as there are probes", () => {
    const bench = halfOpen();
    const answers = Array.from({ length: 1000 }, () => bench.ask());
    expect(answers.map(({ allowed }) => allowed).indexOf(false)).toBe(3);
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(3);
    expect(answers.at(-1)).toEqual({ allowed: false, code: "circuit_open", state: "half_open", retryAfterMs: 30_000 });
  });

  it("[CAS-4] a probe that succeeded keeps its place, one that was ignored or not made gives it back", () => {
    const bench = halfOpen({ probes: 3 });
    bench.calls(1);
    const [second, third] = [bench.begin(), bench.begin()];
    expect(bench.ask().allowed).toBe(false);
    bench.end(second, "policy");
    const again = bench.begin();
    expect(bench.ask().allowed).toBe(false);
    bench.do(giveBack(bench.rules, bench.breaker, third, bench.now));
    expect(bench.ask().allowed).toBe(true);
    bench.end(again).end(again);
    expect(bench.breaker.probeSuccesses).toBe(2);
  });

  it("[CAS-2] a probe without a result is a failed one at its deadline, whoever looks and when", () => {
    const bench = halfOpen();
    const probe = bench.begin();
    const looked = structuredClone(bench.breaker);
    const dueMs = bench.atMs + 30_000;
    bench.pass(29.999).ask();
    expect(bench.breaker.state).toBe("half_open");
    bench.pass(0.001).end(probe);
    expect(bench.changes.at(-1)).toMatchObject({ to: "open", reason: "probe_failed", atMs: dueMs });
    const later = advance(bench.rules, looked, { atMs: dueMs + 60_000, jitter: 0 });
    expect(later.changes.map(({ to, atMs }) => [to, atMs])).toEqual([
      ["open", dueMs],
      ["half_open", dueMs + 60_000],
    ]);
  });

  it("[CAS-20] a verdict opens it again", () => {
    const bench = halfOpen();
    bench.do(trip(bench.rules, bench.breaker, "behavior", bench.now));
    expect(bench.changes.at(-1)).toMatchObject({ from: "half_open", to: "open", reason: "behavior", reopened: 1 });
  });

  it("[CAS-2] a callee nobody knows starts here", () => {
    const bench = new BreakerBench({}, "unknown");
    expect(Array.from({ length: 4 }, () => bench.ask().allowed)).toEqual([true, true, true, false]);
    expect(new BreakerBench({}, "unknown").calls(3).story).toEqual(["half_open closed probe_ok"]);
  });
});

describe("forced and isolated", () => {
  it("[CAS-19] neither time, results, signals nor the other's release leave forced_open; its own does, to half_open", () => {
    const bench = opened().pass(30);
    const probe = bench.begin();
    bench.do(forceOpen(bench.rules, bench.breaker, "override", bench.now));
    bench.end(probe).pass(100_000);
    expect(bench.ask()).toMatchObject({ allowed: false, state: "forced_open", retryAfterMs: null });
    bench.do(trip(bench.rules, bench.breaker, "behavior", bench.now));
    bench.do(releaseIsolated(bench.rules, bench.breaker, "timer", bench.now));
    bench.do(forceOpen(bench.rules, bench.breaker, "operator", bench.now));
    expect(bench.story.at(-1)).toBe("half_open forced_open override");
    bench.do(releaseForced(bench.rules, bench.breaker, bench.now));
    expect(bench.story.at(-1)).toBe("forced_open half_open operator");
  });

  it("[CAS-19] isolated is left by the domain's release only", () => {
    const bench = new BreakerBench();
    bench.do(isolate(bench.rules, bench.breaker, "cascade", bench.now));
    bench.pass(100_000).do(releaseForced(bench.rules, bench.breaker, bench.now));
    bench.do(trip(bench.rules, bench.breaker, "failure_signal", bench.now));
    bench.do(isolate(bench.rules, bench.breaker, "operator", bench.now));
    expect(bench.ask()).toMatchObject({ allowed: false, state: "isolated", retryAfterMs: null });
    bench.do(releaseIsolated(bench.rules, bench.breaker, "timer", bench.now));
    expect(bench.story).toEqual(["closed isolated cascade", "isolated half_open timer"]);
  });

  it("[CAS-23] [S13] under both holds it stays shut until both are released, in either order", () => {
    for (const forcedFirst of [true, false])
      for (const forcedReleasedFirst of [true, false]) {
        const bench = new BreakerBench();
        const { rules } = bench;
        const hold = [
          () => bench.do(forceOpen(rules, bench.breaker, "operator", bench.now)),
          () => bench.do(isolate(rules, bench.breaker, "cascade", bench.now)),
        ];
        const free = [
          () => bench.do(releaseForced(rules, bench.breaker, bench.now)),
          () => bench.do(releaseIsolated(rules, bench.breaker, "operator", bench.now)),
        ];
        for (const step of forcedFirst ? hold : hold.toReversed()) step();
        const [first, second] = forcedReleasedFirst ? free : free.toReversed();
        first?.();
        expect(bench.breaker.state).toBe(forcedReleasedFirst ? "isolated" : "forced_open");
        expect(bench.ask().allowed).toBe(false);
        second?.();
        expect(bench.breaker.state).toBe("half_open");
      }
  });

  it("[CAS-S7] the eleventh transition within ten minutes forces it open, and people's own do not count", () => {
    const flap = new BreakerBench({ open_s: 1, open_max_s: 1 });
    for (let round = 0; round < 3; round += 1) flap.calls(5, "error").pass(1).calls(3);
    flap.calls(5, "error").pass(1);
    expect(flap.ask()).toMatchObject({ allowed: false, state: "forced_open" });
    expect(flap.story.slice(-3)).toEqual([
      "closed open consecutive",
      "open half_open timer",
      "half_open forced_open flapping",
    ]);
    expect(flap.changes.map(({ seq }) => seq)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));

    const slowly = new BreakerBench({ open_s: 1, open_max_s: 1 });
    for (let round = 0; round < 20; round += 1) slowly.calls(5, "error").pass(1).calls(3).pass(240);
    expect(slowly.changes).toHaveLength(60);

    const people = new BreakerBench();
    for (let round = 0; round < 20; round += 1) {
      people.do(forceOpen(people.rules, people.breaker, "operator", people.now));
      people.do(releaseForced(people.rules, people.breaker, people.now));
    }
    expect(people.changes).toHaveLength(40);
  });

  it("[CAS-S7] [CAS-23] a domain that is isolated and released over and over ends forced open, and stays isolated", () => {
    const bench = new BreakerBench();
    for (let round = 0; round < 6; round += 1) {
      bench.do(isolate(bench.rules, bench.breaker, "cascade", bench.now));
      if (round < 5) bench.do(releaseIsolated(bench.rules, bench.breaker, "timer", bench.now));
    }
    expect(bench.story.slice(-2)).toEqual(["half_open isolated cascade", "isolated forced_open flapping"]);
    bench.do(releaseForced(bench.rules, bench.breaker, bench.now));
    expect(bench.breaker.state).toBe("isolated");
  });

  it("[CAS-S8] an emergency passes every state, and its results say nothing to the breaker", () => {
    const bench = opened();
    bench.do(forceOpen(bench.rules, bench.breaker, "operator", bench.now));
    const { breaker } = bench;
    const answer = bench.ask("emergency");
    if (!answer.allowed) throw new Error("an emergency was held up");
    bench.end(answer.call, "crash");
    expect(bench.breaker).toEqual(breaker);
  });
});

describe("as a fold", () => {
  it("[CAS-5] transitions count up by one, and folding them gives the breaker back but for its counts", () => {
    const bench = new BreakerBench({ open_s: 1, open_max_s: 1 });
    bench.calls(5, "error").pass(1).calls(1, "error").pass(1).calls(3);
    bench.do(isolate(bench.rules, bench.breaker, "cascade", bench.now));
    bench.do(forceOpen(bench.rules, bench.breaker, "operator", bench.now));
    expect(bench.changes.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const folded = bench.changes.reduce(
      (breaker, change) => applyChange(bench.rules, breaker, structuredClone(change)),
      createBreaker(bench.rules, "known", 0),
    );
    const { window: _, ...known } = bench.breaker;
    expect(folded).toMatchObject(known);
  });

  it("changes nothing it was given, and nothing at all for a call while closed", () => {
    const rules = breakerRules(breakerConfigSchema.parse({}));
    const breaker = Object.freeze(createBreaker(rules, "known", 0));
    Object.freeze(breaker.window.buckets);
    const asked = askCall(rules, breaker, { atMs: 5, jitter: 0 });
    expect(asked.breaker).toBe(breaker);
    if (!asked.answer.allowed) throw new Error("closed");
    const end = { failure: "error", durationMs: 1 } as const;
    const noted = noteResult(rules, breaker, asked.answer.call, end, { atMs: 5, jitter: 0 });
    expect(structuredClone(noted.breaker)).toEqual(noted.breaker);
    expect(breaker).toEqual(createBreaker(rules, "known", 0));
  });
});
