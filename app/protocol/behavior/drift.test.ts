import fc from "fast-check";
import { expect, it } from "vitest";
import { driftOf } from "./drift.ts";
import type { Baseline } from "./profile.ts";

const BASELINE: Baseline = { action_freq: { apply_change: 0.6, read_state: 0.4 } };
const counts = (of: Record<string, number>): [string, number][] => Object.entries(of);

it("[BEH-6] finds no drift where the shares are those of the baseline (the example of the text)", () => {
  expect(driftOf(counts({ apply_change: 120, read_state: 80 }), {}, BASELINE).overall).toBeCloseTo(0, 12);
});

it("[BEH-6] finds all the drift there is where nothing is as in the baseline", () => {
  expect(driftOf(counts({ egress: 7, delete: 2 }), {}, BASELINE).overall).toBe(1);
});

it("[BEH-6] is the square root of the Jensen-Shannon divergence with base 2", () => {
  // P = (1, 0), Q = (1/2, 1/2): JS = 3/2 - 3/4 log2 3 = 0.31127812…
  const drift = driftOf(counts({ a: 5 }), {}, { action_freq: { a: 0.5, b: 0.5 } });
  expect(drift.actions).toBeCloseTo(Math.sqrt(1.5 - 0.75 * Math.log2(3)), 12);
});

it("[BEH-6] counts an action for its own name first, then for the longest beginning it has", () => {
  const baseline = { action_freq: { "tool_*": 0.5, "tool_read_*": 0.25, tool_read_all: 0.25 } };
  const observed = counts({ tool_x: 1, tool_y: 1, tool_read_one: 1, tool_read_all: 1 });
  expect(driftOf(observed, {}, baseline).overall).toBe(0);
});

it("[BEH-6] drifts by a number as far as it is from the usual, six deviations being all", () => {
  const baseline: Baseline = { ...BASELINE, numeric: { latency_p95_ms: { mean: 800, sd: 20 } } };
  const usual = counts({ apply_change: 3, read_state: 2 });
  const drift = driftOf(usual, { latency_p95_ms: 860 }, baseline);
  expect(drift.numeric).toEqual([{ metric: "latency_p95_ms", value: 860, z: 3, drift: 0.5 }]);
  expect(drift.overall).toBe(0.5);
  expect(driftOf(usual, { latency_p95_ms: 100 }, baseline).overall).toBe(1);
  expect(driftOf(usual, { latency_p95_ms: null }, baseline).overall).toBeCloseTo(0, 12);
});

it("[BEH-6] says nothing of actions where none was observed", () => {
  expect(driftOf([], {}, BASELINE)).toEqual({ overall: 0, actions: null, numeric: [], contributions: [] });
});

it("[J5] tells the actions that the drift comes from, the most telling first", () => {
  const { contributions } = driftOf(counts({ apply_change: 50, read_state: 5, egress: 45 }), {}, BASELINE);
  expect(contributions.map(({ action }) => action)).toEqual(["egress", "read_state", "apply_change"]);
  expect(contributions[0]).toMatchObject({ observed: 0.45, expected: 0, part: 0.225 });
});

const shares = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d", "__proto__", "constructor"), fc.integer({ min: 1, max: 50 }), {
    minKeys: 1,
    noNullPrototype: true,
  })
  .map((weights) => {
    const sum = Object.values(weights).reduce((so, one) => so + one, 0);
    return Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, weight / sum]));
  });
const observedCounts = fc.array(
  fc.tuple(fc.constantFrom("a", "b", "c", "x", "__proto__", "toString"), fc.integer({ min: 1, max: 99 })),
  { minLength: 1, maxLength: 8 },
);

it("[BEH-6] keeps every drift within 0 and 1, its parts adding up, whatever the names are", () => {
  fc.assert(
    fc.property(observedCounts, shares, (observed, action_freq) => {
      const { overall, actions, contributions } = driftOf(observed, {}, { action_freq });
      expect(overall).toBeGreaterThanOrEqual(0);
      expect(overall).toBeLessThanOrEqual(1);
      const sum = contributions.reduce((so, { part }) => so + part, 0);
      expect((actions ?? 0) ** 2).toBeCloseTo(sum, 9);
      expect(contributions.reduce((so, one) => so + one.observed, 0)).toBeCloseTo(1, 9);
    }),
  );
});

it("[BEH-6] hides no drift behind many names: made-up ones drift as far as one that is unknown", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 500 }), (names, usual) => {
      const made = Array.from({ length: names }, (_, at): [string, number] => [`made-up-${at}`, 1]);
      const many = driftOf([["apply_change", usual], ...made], {}, BASELINE).overall;
      const one = driftOf(counts({ apply_change: usual, unknown: names }), {}, BASELINE).overall;
      expect(many).toBeCloseTo(one, 9);
    }),
  );
});
