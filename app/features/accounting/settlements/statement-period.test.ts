import fc from "fast-check";
import { expect, it, test } from "vitest";
import { instantOf, instantText, lastMonth, sinceLastMonth } from "./statement-period.ts";

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000;

test.each([
  ["2026-11-26T10:17:30Z", "2026-10-01", "2026-11-01"],
  ["2026-01-01T00:00:00Z", "2025-12-01", "2026-01-01"],
  ["2028-03-31T23:59:59Z", "2028-02-01", "2028-03-01"],
])("[XDA-50] at %s the last month that is over is from %s until %s", (now, from, to) => {
  expect(lastMonth(Date.parse(now))).toEqual({ from: day(from), to: day(to) });
});

it("[XDA-50] neither of the times that are offered ends later than now, unless the month has just begun", () => {
  const anyTime = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(anyTime, (date) => {
      const nowMs = date.getTime();
      const since = sinceLastMonth(nowMs);
      expect(lastMonth(nowMs).to * 1000).toBeLessThanOrEqual(nowMs);
      expect(lastMonth(nowMs).to).toBe(since.from);
      expect(since.to).toBeGreaterThan(since.from);
      fc.pre(nowMs >= (since.from + 60) * 1000);
      expect(since.to * 1000).toBeLessThanOrEqual(nowMs);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["2026-02-01", "2026-02-01T00:00:00.000Z"],
  ["2026-02-01 14:30", "2026-02-01T14:30:00.000Z"],
  ["2026-02-01T14:30", "2026-02-01T14:30:00.000Z"],
])("%s is an instant, and is written as it was typed", (text, iso) => {
  const at = instantOf(text);
  expect(at).toBe(Date.parse(iso) / 1000);
  expect(instantText(at ?? 0)).toBe(text.replace("T", " "));
});

test.each(["", "2026-02-30", "2026-02-01 24:30", "2026-2-1", "tomorrow"])('"%s" is none', (text) => {
  expect(instantOf(text)).toBeNull();
});
