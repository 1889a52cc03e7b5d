import { describe, expect, it } from "vitest";
import { histogram, mergeSamples, placeAt, samplePlaces, spanOf, ticks } from "./axis-model.ts";

describe("time axis", () => {
  it("samples a log at few places that a growing log keeps", () => {
    expect(samplePlaces(0)).toEqual([]);
    expect(samplePlaces(3)).toEqual([0, 1, 2]);
    const at100k = samplePlaces(100_000);
    expect(at100k.length).toBeLessThanOrEqual(65);
    expect(at100k.at(-1)).toBe(99_999);
    const at101k = new Set(samplePlaces(101_000));
    expect(at100k.slice(0, -1).every((seq) => at101k.has(seq))).toBe(true);
  });

  it("counts every entry once, spread over the time between samples", () => {
    const samples = [
      { seq: 0, at: 100 },
      { seq: 10, at: 110 },
      { seq: 90, at: 110 },
      { seq: 99, at: 200 },
    ];
    const span = spanOf(samples) ?? { from: 0, to: 1 };
    const bins = histogram(samples, span, 10);
    expect(bins.reduce((sum, count) => sum + count, 0)).toBeCloseTo(100);
    expect(bins[0]).toBeCloseTo(10);
    expect(bins[1]).toBeCloseTo(81);
    expect(bins[9]).toBeCloseTo(2);
  });

  it("keeps a log of one instant drawable", () => {
    const samples = [
      { seq: 0, at: 100 },
      { seq: 5, at: 100 },
    ];
    const span = spanOf(samples);
    expect(span).toEqual({ from: 100, to: 101 });
    expect(histogram(samples, span ?? { from: 0, to: 1 }, 4)).toEqual([6, 0, 0, 0]);
    expect(spanOf([])).toBeNull();
  });

  it("takes what the list has loaded for exact", () => {
    const samples = [
      { seq: 0, at: 100 },
      { seq: 4, at: 200 },
    ];
    const rows = [
      { seq: 3, receivedAt: 110 },
      { seq: 4, receivedAt: 200 },
      { seq: 2, receivedAt: 105 },
    ];
    const merged = mergeSamples(samples, rows);
    expect(merged.map(({ seq, at }) => [seq, at])).toEqual([
      [0, 100],
      [2, 105],
      [3, 110],
      [4, 200],
    ]);
    const bins = histogram(merged, { from: 100, to: 200 }, 10);
    expect(bins.map(Math.round)).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("finds the place of a time between samples", () => {
    const samples = [
      { seq: 0, at: 100 },
      { seq: 100, at: 200 },
    ];
    expect(placeAt(samples, 150)).toBe(50);
    expect(placeAt(samples, 50)).toBe(0);
    expect(placeAt(samples, 500)).toBe(100);
    expect(placeAt([], 1)).toBeNull();
  });

  it("labels round times of the local zone", () => {
    const { at, stepS } = ticks({ from: 3_601, to: 3_601 + 3_600 }, 6, 1_800);
    expect(stepS).toBe(600);
    expect(at.every((time) => (time + 1_800) % 600 === 0)).toBe(true);
    expect(at.length).toBeGreaterThan(4);
    expect(ticks({ from: 0, to: 86_400 * 400 }, 6, 0).at.length).toBeLessThanOrEqual(8);
  });
});
