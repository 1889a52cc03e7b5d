import fc from "fast-check";
import { expect, test } from "vitest";
import type { Baseline } from "./profile.ts";
import { drawn, seeded, wobbled } from "./random.fixture.ts";
import {
  FALSE_ALARM_RATE,
  observeAction,
  observeActions,
  type SequentialState,
  type SequentialTest,
  sequentialTest,
  startTest,
  testStanding,
} from "./sequential.ts";

const EIGHT = [0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02];
const nameOf = (at: number): string => `act_${at}`;
const baselineOf = (shares: readonly number[], strength?: number): Baseline => ({
  action_freq: Object.fromEntries(shares.map((share, at) => [nameOf(at), share])),
  ...(strength === undefined ? {} : { strength }),
});

function prepare(baseline: Baseline): SequentialTest {
  const prepared = sequentialTest(baseline);
  if (prepared === null) throw new Error("the baseline has bursts");
  return prepared;
}

/** When it alarms, over so many tasks; null where it does not. */
function alarmAt(baseline: Baseline, tasks: number, next: (at: number) => number): number | null {
  const prepared = prepare(baseline);
  let state = startTest(prepared);
  for (let at = 0; at < tasks && state.alarmAt === null; at += 1)
    state = observeAction(prepared, state, nameOf(next(at)));
  return state.alarmAt;
}

const shareOfAlarms = (streams: number, run: () => number | null): number => {
  let alarms = 0;
  for (let at = 0; at < streams; at += 1) if (run() !== null) alarms += 1;
  return alarms / streams;
};

// 500 streams at 1 %: 10 alarms or more would come once in 30 cases of a rate of just 1 %; it is below. Seeds are fixed.
const STREAMS = 500;
const MOST = 0.02;

test("[BEH-37] conduct that follows the baseline is alarmed in at most 1 of 100 instances, looked at after every task", () => {
  const random = seeded(37);
  const rate = shareOfAlarms(STREAMS, () => alarmAt(baselineOf(EIGHT), 200, () => drawn(EIGHT, random)));
  expect(FALSE_ALARM_RATE).toBe(0.01);
  expect(rate).toBeLessThan(MOST);
});

test("[BEH-38] so it is where each workflow has shares of its own, by the strength of the baseline", () => {
  const random = seeded(38);
  const wobbling = (strength?: number) => () => {
    const own = wobbled(EIGHT, 40, random);
    return alarmAt(baselineOf(EIGHT, strength), 200, () => drawn(own, random));
  };
  expect(shareOfAlarms(STREAMS, wobbling(40))).toBeLessThan(MOST);
  // A baseline that is taken for exact and is not alarms without end: what the strength is for.
  expect(shareOfAlarms(100, wobbling())).toBeGreaterThan(0.2);
});

test("[BEH-38] so it is for a baseline that was itself counted from a few hundred tasks", () => {
  const random = seeded(39);
  const counted = 300;
  const rate = shareOfAlarms(STREAMS, () => {
    const seen = EIGHT.map(() => 1);
    for (let at = 0; at < counted; at += 1) {
      const which = drawn(EIGHT, random);
      seen[which] = (seen[which] ?? 0) + 1;
    }
    const total = counted + EIGHT.length;
    const estimated = seen.map((count) => count / total);
    return alarmAt(baselineOf(estimated, counted), 200, () => drawn(EIGHT, random));
  });
  expect(rate).toBeLessThan(MOST);
});

test("[BEH-37] a change is told within a few tasks, early or late in the life of an instance", () => {
  const random = seeded(40);
  const changed = [...EIGHT].reverse();
  for (const change of [0, 100, 600]) {
    const delays = Array.from(
      { length: 40 },
      () =>
        (alarmAt(baselineOf(EIGHT), change + 300, (at) => drawn(at < change ? EIGHT : changed, random)) ?? 1e9) -
        change,
    ).sort((a, b) => a - b);
    // 20 in 100 may need longer, half may not: drift 0.55.
    expect(delays[19], `median delay of a change after ${change} tasks`).toBeLessThan(30);
    expect(delays[31], `80 % of delays of a change after ${change} tasks`).toBeLessThan(45);
  }
});

test("[BEH-38] a baseline whose actions come in bursts is not tested, for no rate would hold", () => {
  const inBursts = () => (at: number) => Math.floor(at / 20) % EIGHT.length;
  expect(alarmAt(baselineOf(EIGHT.map(() => 1 / 8)), 160, inBursts())).not.toBeNull();
  expect(sequentialTest({ ...baselineOf(EIGHT), bursts: true })).toBeNull();
});

test("[BEH-37] one action outside the baseline is no alarm, conduct outside it is one at once", () => {
  const prepared = prepare(baselineOf(EIGHT));
  const one = observeAction(prepared, startTest(prepared), "something_new");
  expect(testStanding(prepared, one)).toMatchObject({ alarm: false, tasks: 1, threshold: 100 });
  const many = observeActions(prepared, one, new Array<string>(9).fill("something_new"));
  expect(testStanding(prepared, many).alarm).toBe(true);
});

test("[BEH-37] an alarm stays until the test is started again, though the agent comes back to its baseline", () => {
  const random = seeded(41);
  const prepared = prepare(baselineOf(EIGHT));
  const alarmed = observeActions(prepared, startTest(prepared), new Array<string>(20).fill("something_new"));
  const back = observeActions(
    prepared,
    alarmed,
    Array.from({ length: 500 }, () => nameOf(drawn(EIGHT, random))),
  );
  const { alarm, alarmAt: at, evidence, highest } = testStanding(prepared, back);
  expect({ alarm, at }).toEqual({ alarm: true, at: alarmed.alarmAt });
  expect(evidence).toBeLessThan(highest);
  expect(testStanding(prepared, startTest(prepared))).toMatchObject({ alarm: false, highest: 1, tasks: 0 });
});

const actionArb = fc.integer({ min: 0, max: 9 }).map(nameOf);
const baselineArb = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }),
    fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
  )
  .map(([parts, strength]) => {
    const total = parts.reduce((sum, part) => sum + part, 0);
    return baselineOf(
      parts.map((part) => part / total),
      strength,
    );
  });

test("[BEH-37] a state that was stored and read again, at any task, goes on as if it had not been", () => {
  fc.assert(
    fc.property(baselineArb, fc.array(actionArb, { maxLength: 60 }), fc.nat(60), (baseline, actions, cut) => {
      const prepared = prepare(baseline);
      const whole = observeActions(prepared, startTest(prepared), actions);
      const first = observeActions(prepared, startTest(prepared), actions.slice(0, cut));
      const stored = JSON.parse(JSON.stringify(first)) as SequentialState; // It was written by the line itself.
      // Prepared anew, from a profile whose members came in another order.
      const again = prepare({
        ...baseline,
        action_freq: Object.fromEntries(Object.entries(baseline.action_freq).reverse()),
      });
      expect(observeActions(again, stored, actions.slice(cut))).toEqual(whole);
    }),
    { numRuns: 60, seed: 37 },
  );
});

test("[BEH-38] against either bookmaker no bet is expected to win: the stake is a supermartingale", () => {
  fc.assert(
    fc.property(baselineArb, fc.array(actionArb, { maxLength: 40 }), (baseline, actions) => {
      const exact = { action_freq: baseline.action_freq };
      const prepared = prepare(exact);
      const state = observeActions(prepared, startTest(prepared), actions);
      const held = testStanding(prepared, state).evidence;
      const entries = Object.entries(baseline.action_freq);
      // As the next action comes by the baseline, 1 in 100 outside it or none.
      for (const outside of [0, 0.01]) {
        const after = (action: string) => testStanding(prepared, observeAction(prepared, state, action)).evidence;
        const mean =
          outside * after("outside") +
          (1 - outside) * entries.reduce((sum, [action, share]) => sum + share * after(action), 0);
        expect(mean).toBeLessThanOrEqual(held * (1 + 1e-9));
      }
    }),
    { numRuns: 60, seed: 38 },
  );
});
