import fc from "fast-check";
import { expect, it } from "vitest";
import type { Verdict } from "./result.ts";
import { belowFloor, startTrust, type Trust, trustAfter, trustAt, trustReleased } from "./trust.ts";

const DAY_S = 86_400;
const trust = (score: number, updatedAtS = 0): Trust => ({ score, floor: 0.2, updatedAtS });

it("[BEH-12] begins at 0.5", () => {
  expect(startTrust(7)).toEqual({ score: 0.5, floor: 0.2, updatedAtS: 7 });
});

it.each([
  { verdict: "conformant", from: 0.5, to: 0.52 },
  { verdict: "conformant", from: 0.99, to: 1 },
  { verdict: "drifting", from: 0.56, to: 0.504 },
  { verdict: "nonconformant", from: 0.56, to: 0.28 },
] as const)("[BEH-12] goes from $from to $to by a $verdict window", ({ verdict, from, to }) => {
  const after = trustAfter(trust(from), verdict, false, 60);
  expect(after.trust).toEqual({ score: to, floor: 0.2, updatedAtS: 60 });
  expect(after.changes).toEqual([{ atS: 60, delta: expect.closeTo(to - from, 9), cause: verdict }]);
});

it.each(["insufficient", "unverifiable"] as const)("[BEH-12] is not moved by a window that is %s", (verdict) => {
  expect(trustAfter(trust(0.4), verdict, false, 60)).toEqual({ trust: trust(0.4), changes: [] });
});

it("[BEH-13] falls below the floor at once by a finding of severity 5, from wherever it was", () => {
  for (const score of [1, 0.5, 0.2, 0.05]) {
    const after = trustAfter(trust(score), "nonconformant", true, 60);
    expect(belowFloor(after.trust, 60)).toBe(true);
    expect(after.trust.score).toBeLessThanOrEqual(score);
    expect(after.changes).toEqual([expect.objectContaining({ cause: "severity_5" })]);
  }
});

it("[BEH-12] goes back toward where it began after 30 idle days, from either side, and never past it", () => {
  expect(trustAt(trust(0.9), 30 * DAY_S)).toBe(0.9);
  expect(trustAt(trust(0.9), 31 * DAY_S - 1)).toBe(0.9);
  expect(trustAt(trust(0.9), 35 * DAY_S)).toBe(0.85);
  expect(trustAt(trust(0.1), 35 * DAY_S)).toBe(0.15);
  expect(trustAt(trust(0.9), 900 * DAY_S)).toBe(0.5);
  expect(trustAt(trust(0.1), 900 * DAY_S)).toBe(0.5);
});

it("[BEH-12] tells what idle time did before what was found then", () => {
  const after = trustAfter(trust(0.9), "conformant", false, 40 * DAY_S);
  expect(after.trust.score).toBe(0.82);
  expect(after.changes).toEqual([
    { atS: 40 * DAY_S, delta: -0.1, cause: "idle" },
    { atS: 40 * DAY_S, delta: 0.02, cause: "conformant" },
  ]);
});

it("[BEH-33] is at the floor after a release: one bad window leads back, and nothing that was earned is lost", () => {
  const { trust: released } = trustReleased(trust(0.1), 60);
  expect(released.score).toBe(0.2);
  expect(belowFloor(released, 60)).toBe(false);
  expect(belowFloor(trustAfter(released, "drifting", false, 120).trust, 120)).toBe(true);
  expect(trustReleased(trust(0.6), 60).trust.score).toBe(0.6);
});

it("[BEH-12] stays within 0 and 1, and its history adds up to it, whatever happens", () => {
  const event = fc.record({
    verdict: fc.constantFrom<Verdict>("conformant", "drifting", "nonconformant", "insufficient", "unverifiable"),
    severity5: fc.boolean(),
    afterS: fc.integer({ min: 0, max: 60 * DAY_S }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let now = startTrust(0);
      let atS = 0;
      let sum = now.score;
      for (const { verdict, severity5, afterS } of events) {
        atS += afterS;
        const moved = trustAfter(now, verdict, severity5, atS);
        now = moved.trust;
        sum += moved.changes.reduce((so, { delta }) => so + delta, 0);
        expect(now.score).toBeGreaterThanOrEqual(0);
        expect(now.score).toBeLessThanOrEqual(1);
        expect(sum).toBeCloseTo(now.score, 6);
      }
    }),
  );
});
