import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanOf, nearestRank, percentile, wilson } from "./bench-stats.ts";

/** Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (score, without continuity correction). */
const NEWCOMBE = [
  { of: 81, n: 263, low: 0.2553, high: 0.3662 },
  { of: 15, n: 148, low: 0.0624, high: 0.1605 },
  { of: 0, n: 20, low: 0, high: 0.1611 },
  { of: 1, n: 29, low: 0.0061, high: 0.1718 },
];

describe("intervals of a benchmark", () => {
  it.each(NEWCOMBE)("[BEH-15] the Wilson interval of $of of $n is the published one", ({ of, n, low, high }) => {
    const { value, ci_low, ci_high } = wilson(of, n);
    expect(value).toBe(of / n);
    expect(ci_low).toBeCloseTo(low, 4);
    expect(ci_high).toBeCloseTo(high, 4);
  });

  it("[BEH-15] a ratio lies in its interval, that lies in 0..1, and the other way about it is mirrored", () => {
    const counts = fc
      .integer({ min: 1, max: 5000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(counts, ([of, n]) => {
        const one = wilson(of, n);
        const other = wilson(n - of, n);
        expect(one.ci_low).toBeGreaterThanOrEqual(0);
        expect(one.ci_high).toBeLessThanOrEqual(1);
        expect(one.ci_low).toBeLessThanOrEqual(one.value);
        expect(one.ci_high).toBeGreaterThanOrEqual(one.value);
        expect(other.ci_high).toBeCloseTo(1 - one.ci_low, 9);
      }),
    );
  });

  it("[BEH-15] a mean has 1.96 standard errors to each side, of the sample's standard deviation", () => {
    // sd 2 with n - 1 = 4; 1.96 × 2 / √5.
    const { value, ci_low, ci_high, n } = meanOf([8, 8, 10, 12, 12]);
    expect({ value, n }).toEqual({ value: 10, n: 5 });
    expect(ci_high - value).toBeCloseTo(1.753077, 6);
    expect(value - ci_low).toBeCloseTo(1.753077, 6);
  });

  it("[BEH-17] a percentile is the value at index ⌈p·n⌉ of the sorted list, and is one of its values", () => {
    const list = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.95, 0.99].map((p) => percentile(list, p).value)).toEqual([50, 95, 99]);
    expect([0.5, 0.95, 0.99].map((p) => percentile([30, 20, 10, 50, 40], p).value)).toEqual([30, 50, 50]);
    expect(nearestRank(100, 0.07)).toBe(7);
    const lists = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(lists, fc.constantFrom(0.5, 0.95, 0.99), (values, p) => {
        const { value, ci_low, ci_high } = percentile(values, p);
        expect(values).toContain(value);
        expect(values.filter((one) => one <= value).length).toBeGreaterThanOrEqual(p * values.length - 1e-9);
        expect(values.filter((one) => one < value).length).toBeLessThan(p * values.length);
        expect(ci_low).toBeLessThanOrEqual(value);
        expect(ci_high).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it("[BEH-15] [BEH-47] the interval of a median is between the order statistics of the binomial quantiles", () => {
    // Binomial (100, 0.5): P(X <= 39) = 0.0176, P(X <= 40) = 0.0284; P(X <= 59) = 0.9716, P(X <= 60) = 0.9824.
    const list = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(percentile(list, 0.5)).toEqual({ value: 50, ci_low: 40, ci_high: 61, n: 100 });
    // Too few for anything above the 99th: its end is the largest that was seen.
    expect(percentile(list.slice(0, 10), 0.99)).toMatchObject({ value: 10, ci_high: 10 });
  });
});
