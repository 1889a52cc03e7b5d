import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drained, STEP } from "../../base/steps.ts";
import { CHATTER, chatterRuns, LIMITS } from "../../protocol/attention/limits.ts";
import { agentNamed, person, START, WID, writtenLog } from "./attention.fixture.ts";
import { DEMAND_KINDS, type Demand } from "./demand.ts";
import { chatterOf, loadSteps, mixOf, THERE_S } from "./load.ts";
import { MIN_CASES, quantile, rateOf } from "./rate.ts";

const HOUR_S = 3600;
const uuidEnding = (end: string): string => `0195400c-0000-7000-8000-0000${end}`;

describe("demands on people", () => {
  it("[A1] are what asks somebody for something, each once, and nothing else", () => {
    const log = writtenLog();
    log.policy(START, ["halt"], ["duty_manager"]);
    log.request({ at: START + 1, rules: ["halt"], consequence: "irreversible", role: "finance" });
    const second = log.request({ at: START + 2 });
    log.answer({ request: second, at: START + 3, by: person("alice"), outcome: "escalate" });
    log.record(START + 4, "gate_escalated", { request: "other", role: "approver", agent: agentNamed("executor") });
    log.violated(START + 5, agentNamed("executor"));
    log.record(START + 6, "cascade_alert", { action: "isolate" });
    log.record(START + 7, "finding_flagged", { code: "handoff_unanswered" });
    log.record(START + 8, "review_overdue", { agent: agentNamed("executor") });
    // The draw of a lease's id says when it is asked for: 0 is the latest, with 15 in 100 of it left.
    log.lease(START, "executor", uuidEnding("00000000"), 1000);
    for (const to of ["nonconformant", "conformant"])
      log.record(START + 9, "behavior_appraised", { agent: "a", change: { from: "drifting", to } });
    log.record(START + 9, "behavior_appraised", { agent: "a", change: null });
    log.put(START + 9, "failure-signal+jwt", { iss: "v", class: "behavior", code: "drift", subject: "a", wid: WID });
    for (const kind of ["permitted", "effect_started", "link_returned", "domain_state"]) log.record(START + 9, kind);
    const { demands } = log.now(START + HOUR_S);
    expect(demands.map(({ kind, priority, at, roles }) => [kind, priority, at - START, roles[0]])).toEqual([
      ["request", "high", 1, "finance"],
      ["request", "low", 2, "operator"],
      ["escalation", "medium", 3, "duty_manager"],
      ["escalation", "medium", 4, "approver"],
      ["stop", "high", 5, "operator"],
      ["cascade", "high", 6, "operator"],
      ["finding", "low", 7, "operator"],
      ["review", "medium", 8, "operator"],
      ["behavior", "medium", 9, "operator"],
      ["lease", "low", 850, "operator"],
    ]);
    expect(new Set(demands.map(({ kind }) => kind))).toEqual(new Set(DEMAND_KINDS));
  });

  it("[A1] [L5] a lease is asked for once while it runs: not after its workflow, not before its time, again when renewed", () => {
    const log = writtenLog();
    log.lease(START, "executor", uuidEnding("00000000"), 1000);
    expect(log.now(START + 849).demands).toEqual([]);
    log.lease(START + 900, "executor", uuidEnding("00000001"), 1000);
    const ended = log.record(START + 1000, "run_finished");
    expect(log.now(START + 9000).demands.map(({ at }) => at - START)).toEqual([850]);
    // As of before it was over, the second one would have been asked for.
    expect(log.account.upTo(ended, START + 9000).demands.map(({ at }) => at - START)).toEqual([850, 1750]);
  });

  it("[A11] [BEH-24] a lease that quarantine ended before its prompt is asked for by nobody, one that ran out was", () => {
    const log = writtenLog();
    log.lease(START, "held", uuidEnding("00000000"), 1000);
    log.lease(START, "other", uuidEnding("00000000"), 1000);
    log.record(START + 400, "lease_ended", { agent: agentNamed("held") });
    log.record(START + 1000, "lease_ended", { agent: agentNamed("other") });
    expect(log.now(START + 9000).demands.map(({ at, agent }) => [at - START, agent])).toEqual([
      [850, agentNamed("other")],
    ]);
  });

  it("[A11] [L5] a start gives the leases it declares, a later one those there were, each in the place of the one before", () => {
    const log = writtenLog();
    const start = (at: number, jti: string, lease?: object) =>
      log.put(at, "exec+jwt", {
        ...{ iss: person("alice"), jti, wid: WID, exec_act: "run_start" },
        ...(lease === undefined ? {} : { ect_ext: { "org.signalbox.liveness": { lease } } }),
      });
    start(START, uuidEnding("00000000"), { duration_s: 1000, agents: [agentNamed("executor"), agentNamed("other")] });
    start(START + 600, uuidEnding("00000000"));
    expect(log.now(START + 9000).demands.map(({ at, agent }) => [at - START, agent])).toEqual([
      [1450, agentNamed("executor")],
      [1450, agentNamed("other")],
    ]);
  });

  it("[A11] [BEH-37] an alarm of the sequential test is asked about once, beside no verdict that asks as well", () => {
    const log = writtenLog();
    const window = (raised: boolean, version = 1) => ({
      alarm: { raised, statistic: 1, threshold: 100, falseAlarmRate: 0.01, at: null },
      profile: { profile_id: "p", version, hash: "h" },
    });
    const appraised = (at: number, agent: string, of: object, to: string | null = null) =>
      log.record(START + at, "behavior_appraised", {
        agent: agentNamed(agent),
        window: of,
        change: to === null ? null : { from: "conformant", to },
      });
    appraised(1, "a", window(false));
    appraised(2, "a", window(true));
    appraised(3, "a", window(true));
    appraised(4, "a", window(true, 2));
    appraised(5, "b", window(true), "quarantined");
    appraised(6, "b", window(true));
    appraised(7, "c", { ...window(true), alarm: null });
    expect(log.now(START + 60).demands.map(({ kind, at, about }) => [kind, at - START, about])).toEqual([
      ["behavior", 2, "drift alarm"],
      ["behavior", 4, "drift alarm"],
      ["behavior", 5, "quarantined"],
    ]);
  });

  it("[A11] [S12] what a drill or a self-test asks is asked of nobody", () => {
    const log = writtenLog();
    log.put(START, "exec+jwt", {
      ...{ iss: person("alice"), jti: "start", exec_act: "run_start", wid: WID },
      ect_ext: { "org.signalbox.drill": { script: "self-test", size: 1, again_days: 7 } },
    });
    const request = log.request({ at: START + 1 });
    log.answer({ request, at: START + 2, by: person("alice") });
    log.violated(START + 3, agentNamed("executor"));
    log.record(START + 4, "cascade_alert");
    log.lease(START + 5, "executor", uuidEnding("00000000"), 1000);
    expect(log.now(START + HOUR_S)).toMatchObject({ demands: [], requests: new Map() });
    // Another workflow's are.
    log.record(START + 6, "cascade_alert", {}, "0195400c-0000-7000-8000-00000000000b");
    expect(log.now(START + HOUR_S).demands).toHaveLength(1);
  });

  it("[A1] as of an entry nothing later counts", () => {
    const log = writtenLog();
    log.request({ at: START });
    const size = log.size();
    log.request({ at: START + 1 });
    expect(log.account.upTo(size, START + 2).demands).toHaveLength(1);
    expect(log.now(START + 2).demands).toHaveLength(2);
  });
});

/** Demands by second from the start, and who did something when. */
const loadArbitrary = fc.record({
  demands: fc.array(fc.oneof(fc.integer({ min: 0, max: 7199 }), fc.integer({ min: 3000, max: 3300 })), {
    maxLength: 60,
  }),
  acts: fc.array(fc.record({ at: fc.integer({ min: -4000, max: 7199 }), who: fc.constantFrom("ben", "cara") }), {
    maxLength: 4,
  }),
});

describe("how much is asked of people", () => {
  it("[A1] is, for any load that is generated, what was generated: by the hour, each person, and by the second in a flood", () => {
    fc.assert(
      fc.property(loadArbitrary, ({ demands, acts }) => {
        const log = writtenLog();
        for (const at of demands.toSorted((a, b) => a - b)) log.request({ at: START + at });
        for (const { at, who } of acts) log.account.seen(person(who), START + at, -1);
        const load = drained(loadSteps(log.now(START + 7200), START, START + 7200));
        const hourOf = (at: number): number => Math.floor(at / HOUR_S);
        expect(load.hours).toEqual(
          [0, 1].map((hour) => ({
            at: START + hour * HOUR_S,
            demands: demands.filter((at) => hourOf(at) === hour).length,
            operators: new Set(acts.filter(({ at }) => hourOf(at) === hour).map(({ who }) => who)).size,
          })),
        );
        // Second by second, the plain way.
        let seconds = 0;
        for (let now = 0; now < 7200; now += 1) {
          const asked = demands.filter((at) => at <= now && at > now - 600).length;
          const there = new Set(acts.filter(({ at }) => at <= now && at > now - THERE_S).map(({ who }) => who)).size;
          if (asked / Math.max(1, there) > LIMITS.tenMinutes.flood) seconds += 1;
        }
        expect(load.floodS).toBe(seconds);
        expect(load.floods.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(seconds);
      }),
      { numRuns: 60 },
    );
  });

  it("[A1] [A6] a flood begins with the eleventh demand in ten minutes, names the first of them, and ends when one is older", () => {
    const log = writtenLog();
    log.request({ at: START + 100, action: "root" });
    for (let at = 1; at <= 10; at += 1) log.request({ at: START + 100 + at, action: "follows" });
    const { floods, floodS, lastTenMinutes } = drained(loadSteps(log.now(START + 200), START, START + 200));
    expect(floods).toMatchObject([
      { from: START + 110, to: START + 200, demands: 11, first: { about: "root", at: START + 100 } },
    ]);
    expect(floodS).toBe(90);
    expect(lastTenMinutes).toEqual({ demands: 11, operators: 0, each: 11 });
    const later = drained(loadSteps(log.now(START + HOUR_S), START, START + HOUR_S));
    expect(later.floods).toMatchObject([{ from: START + 110, to: START + 700 }]);
  });

  it("[S5] [A1] is found in steps, so that a stop waits for none of it", () => {
    const log = writtenLog();
    for (let at = 0; at < 10 * STEP; at += 1) log.request({ at: START + at });
    let steps = 0;
    for (const work = loadSteps(log.now(START + HOUR_S), START, START + HOUR_S); work.next().done !== true; )
      steps += 1;
    expect(steps).toBeGreaterThanOrEqual(30);
  });

  it("[S5] [A1] many floods are told by looking at each demand a few times, not at each once a flood", () => {
    const log = writtenLog();
    const bursts = 200;
    for (let burst = 0; burst < bursts; burst += 1)
      for (let of = 0; of < 11; of += 1) log.request({ at: START + burst * 1200 + of });
    let looks = 0;
    const { demands, ...rest } = log.now(START + bursts * 1200);
    const counted = demands.map((demand) => ({
      ...demand,
      get at() {
        looks += 1;
        return demand.at;
      },
    }));
    const { floods } = drained(loadSteps({ ...rest, demands: counted }, START, START + bursts * 1200));
    expect(floods).toHaveLength(bursts);
    for (const { demands: during, first, from, to } of floods)
      expect({ during, first: first.at, length: to - from }).toEqual({ during: 11, first: from - 10, length: 590 });
    expect(looks).toBeLessThan(40 * counted.length);
  });

  it("[A2] priorities are counted against 80, 15 and 5 in 100, and called near or not only where there are enough", () => {
    const of = (low: number, medium: number, high: number): Demand[] => {
      const one = (priority: Demand["priority"], count: number): Demand[] =>
        Array.from({ length: count }, (_, seq) => ({
          ...{ kind: "request", priority, at: START, seq, wid: WID, sameness: "", about: "", agent: null, roles: [] },
        }));
      return [...one("low", low), ...one("medium", medium), ...one("high", high)];
    };
    const near = (low: number, medium: number, high: number) =>
      mixOf(of(low, medium, high)).priorities.map(({ isNear }) => isNear);
    expect(near(80, 15, 5)).toEqual([true, true, true]);
    expect(near(40, 50, 10)).toEqual([false, false, true]);
    expect(near(8, 1, 1)).toEqual([null, null, null]);
    expect(mixOf(of(8, 1, 1)).priorities[0]?.share).toMatchObject({ n: 8, of: 10, rate: null });
  });

  it("[A4] three of the same within a minute are chatter, in runs that share none, whatever comes between", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 }), (found) => {
        const times = found.toSorted((a, b) => a - b);
        const runs = chatterRuns(times);
        const inRun = new Set(
          runs.flatMap(([from, to]) => times.flatMap((_, at) => (at >= from && at <= to ? [at] : []))),
        );
        const expected = times.flatMap((_, at) => {
          const isIn = [at, at + 1, at + 2].some((end) => {
            const [first, last] = [times[end - 2], times[end]];
            return first !== undefined && last !== undefined && last - first <= CHATTER.withinS;
          });
          return isIn ? [at] : [];
        });
        expect([...inRun]).toEqual(expected);
        expect(runs.every(([from, to], at) => to - from >= 2 && from > (runs[at - 1]?.[1] ?? -1))).toBe(true);
      }),
    );
    const log = writtenLog();
    for (const at of [0, 20, 40, 55, 500]) log.request({ at: START + at, action: "poll" });
    for (const at of [1, 2]) log.request({ at: START + at, action: "other" });
    expect(chatterOf(log.now(START + 600).demands)).toMatchObject([
      { demand: { about: "poll" }, count: 4, from: START, to: START + 55 },
    ]);
  });
});

describe("a rate", () => {
  it("[R1] has an interval that holds what was seen, and no figure where there are too few cases", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (of, some) => {
        const n = some % (of + 1);
        const { rate, low, high } = rateOf(n, of);
        expect(rate).toBe(of < MIN_CASES ? null : n / of);
        expect(low).toBeLessThanOrEqual(n / of);
        expect(high).toBeGreaterThanOrEqual(n / of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
    // Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20.
    expect(rateOf(81, 263).low).toBeCloseTo(0.2553, 4);
    expect(rateOf(81, 263).high).toBeCloseTo(0.3662, 4);
    expect(rateOf(0, 20).high).toBeCloseTo(0.1611, 4);
    expect(rateOf(0, 0)).toEqual({ n: 0, of: 0, rate: null, low: 0, high: 1 });
    expect([quantile([3, 1, 2], 0.5), quantile([], 0.5), quantile([1, 2, 3, 4], 0.95)]).toEqual([2, null, 4]);
  });
});
