import { describe, expect, it } from "vitest";
import { fromPairs } from "./measurement.ts";
import { median, percentile, spread } from "./stats.ts";

describe("order statistics", () => {
  it("gives measured values as percentiles, by nearest rank", () => {
    const samples = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.5, 0.95, 1].map((share) => percentile(samples, share))).toEqual([1, 1, 3, 5, 5]);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it("gives the middle of odd and of even numbers of samples", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
    expect(median([])).toBeNaN();
  });

  it("measures the spread by the quartiles, so that one outlier does not make it", () => {
    expect(spread([10, 10, 10, 10, 10, 10, 10, 100])).toBe(0);
    expect(spread([8, 9, 10, 11, 12])).toBeCloseTo(0.2);
  });
});

describe("a measurement of pairs", () => {
  const labels = { row: "append", label: "appends", where: "node", unit: "entries/s", floorLabel: "raw" };

  it("takes the ratio pair by pair, so that a machine that slows down does not change it", () => {
    const pairs = [
      { value: 100, floor: 200 },
      { value: 50, floor: 100 },
      { value: 10, floor: 20 },
    ];
    expect(fromPairs({ ...labels, kind: "rate", pairs })).toMatchObject({ value: 50, floor: 100, ratio: 2, spread: 0 });
  });

  it("is above 1 where we are worse, for rates as for times", () => {
    const pairs = [{ value: 10, floor: 5 }];
    expect(fromPairs({ ...labels, kind: "rate", pairs }).ratio).toBe(0.5);
    expect(fromPairs({ ...labels, kind: "time", pairs }).ratio).toBe(2);
  });
});
