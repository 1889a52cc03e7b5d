import { describe, expect, it } from "vitest";
import { ticksOf } from "./axis.ts";

const START = Date.UTC(2026, 2, 1, 12, 0, 0);

describe("the time axis", () => {
  it.each([
    ["days", 20 * 86_400_000, /^\d{1,2} [A-Z][a-z]{2,3}$|^\d\d:\d\d$/],
    ["minutes", 3_600_000, /^\d\d:\d\d$/],
    ["seconds", 30_000, /^\d\d:\d\d(:\d\d)?$/],
    ["milliseconds", 900, /^\d\d:\d\d:\d\d\.\d{3}$/],
    ["parts of a millisecond", 4, /^\d\d:\d\d:\d\d\.\d{3,5}$/],
  ])("labels %s, in order and not too many", (_, length, form) => {
    const span = { fromMs: START + 13, toMs: START + 13 + length };
    const ticks = ticksOf(span, 8);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(20);
    for (const { atMs, text } of ticks) {
      expect(text).toMatch(form);
      expect(atMs).toBeGreaterThanOrEqual(span.fromMs);
      expect(atMs).toBeLessThanOrEqual(span.toMs);
    }
    expect(ticks.map(({ atMs }) => atMs)).toEqual(ticks.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
  });
});
