import { expect, test } from "vitest";
import { driftOf } from "./drift.ts";
import { drawn, seeded } from "./random.fixture.ts";
import { driftInterval, unchangedDrift } from "./uncertainty.ts";

const TWO = [0.6, 0.4];
const SELDOM = [0.9, 0.1];
const FIVE = [0.4, 0.3, 0.15, 0.1, 0.05];
const EIGHT = [0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02];
const MANY = Array.from({ length: 20 }, (_, at) => 1 / (at + 1) / 3.5977396571436819);

const nameOf = (at: number): string => `act_${at}`;
const freqOf = (shares: readonly number[]) => ({
  action_freq: Object.fromEntries(shares.map((share, at) => [nameOf(at), share])),
});

/** The true drift of conduct of these shares; counts need not be whole. */
const trueDrift = (shares: readonly number[], baseline: readonly number[]): number =>
  driftOf(
    shares.map((share, at) => [nameOf(at), share] as const),
    {},
    freqOf(baseline),
  ).overall;

function sampled(shares: readonly number[], n: number, random: () => number): [string, number][] {
  const counts = shares.map(() => 0);
  for (let at = 0; at < n; at += 1) {
    const which = drawn(shares, random);
    counts[which] = (counts[which] ?? 0) + 1;
  }
  return counts.flatMap((count, at) => (count === 0 ? [] : [[nameOf(at), count] as [string, number]]));
}

test("[BEH-35] the interval has the true drift inside in at least 95 of 100 windows, whatever the change and the size", () => {
  const random = seeded(35);
  for (const baseline of [TWO, SELDOM, FIVE, EIGHT, MANY])
    for (const conduct of [
      baseline,
      [...baseline].reverse(),
      baseline.map((share, at) => (at === 0 ? share / 4 : share)),
    ])
      for (const n of [10, 20, 40, 200]) {
        const truth = trueDrift(conduct, baseline);
        let inside = 0;
        for (let window = 0; window < 200; window += 1) {
          const drift = driftOf(sampled(conduct, n, random), {}, freqOf(baseline));
          const { low, high } = driftInterval(drift.actions ?? 0, n, drift.contributions.length);
          if (low <= truth + 1e-9 && truth <= high + 1e-9) inside += 1;
        }
        // 200 windows at 95 %: fewer than 181 would happen once in 1,000 cases.
        expect(inside, `${baseline.length} actions, ${n} tasks, true drift ${truth.toFixed(3)}`).toBeGreaterThan(180);
      }
});

test("[BEH-35] more tasks make it narrower, no tasks say nothing, and it stays within 0..1", () => {
  const widths = [10, 100, 1000, 10_000].map((n) => {
    const { low, high, confidence } = driftInterval(0.4, n, 6);
    expect(confidence).toBe(0.95);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeLessThanOrEqual(1);
    return high - low;
  });
  expect([...widths].sort((a, b) => b - a)).toEqual(widths);
  expect(widths[3]).toBeLessThan(0.04);
  expect(driftInterval(0.4, 0, 6)).toMatchObject({ low: 0, high: 1 });
});

test("[BEH-36] what the score shows though nothing has changed: its mean, and what 95 of 100 windows stay below", () => {
  const random = seeded(36);
  for (const baseline of [TWO, SELDOM, FIVE, EIGHT, MANY])
    for (const n of [10, 20, 40, 200]) {
      const scores = Array.from(
        { length: 600 },
        () => driftOf(sampled(baseline, n, random), {}, freqOf(baseline)).overall,
      );
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const { expected, upper } = unchangedDrift(baseline, n);
      const about = `${baseline.length} actions, ${n} tasks`;
      expect(Math.abs(expected - mean), about).toBeLessThan(0.02);
      const above = scores.filter((score) => score > upper + 1e-9).length / scores.length;
      // 600 windows at 5 %: more than 7.5 % would come once in 300 cases.
      expect(above, about).toBeLessThan(0.075);
      // It is no idle bound either: some windows come near it.
      expect(scores.filter((score) => score > upper * 0.8).length, about).toBeGreaterThan(2);
    }
});

test("[BEH-36] a small window scores high though nothing has changed, and the more so where workflows differ", () => {
  expect(unchangedDrift(EIGHT, 20).expected).toBeGreaterThan(0.2);
  expect(unchangedDrift(EIGHT, 2000).upper).toBeLessThan(0.04);
  expect(unchangedDrift(EIGHT, 200, 20).upper).toBeGreaterThan(2 * unchangedDrift(EIGHT, 200).upper);
  expect(unchangedDrift([1], 5)).toEqual({ expected: 0, upper: 0 });
});
