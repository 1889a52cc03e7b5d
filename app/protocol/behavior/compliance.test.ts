import fc from "fast-check";
import { expect, it } from "vitest";
import { complianceOf, lossOf, NO_FINDINGS, plusTally, tallyOf } from "./compliance.ts";

const severity = fc.integer({ min: 1, max: 5 });

it.each([
  { samples: 200, severities: [3, 3], expected: 0.975 },
  { samples: 100, severities: [1], expected: 0.995 },
  { samples: 100, severities: [2, 1], expected: 0.985 },
  { samples: 50, severities: [4], expected: 0.9 },
  { samples: 1_000_000, severities: [5], expected: 0 },
  { samples: 10, severities: [4, 4, 4], expected: 0 },
  { samples: 0, severities: [1], expected: 0.5 },
  { samples: 0, severities: [], expected: 1 },
])(
  "[BEH-6] works out compliance by B2: $severities among $samples tasks leave $expected",
  ({ samples, severities, expected }) => {
    expect(complianceOf(samples, tallyOf(severities))).toBe(expected);
  },
);

it("[BEH-6] has the loss of a threshold exactly, so that 0.9 compliance meets a limit of 0.1", () => {
  expect(lossOf(0.9)).toBe(0.1);
  expect(lossOf(complianceOf(50, tallyOf([4])))).toBe(0.1);
});

it("[BEH-6] stays within 0 and 1, falls with every finding, and ends at one of severity 5", () => {
  fc.assert(
    fc.property(fc.array(severity, { maxLength: 300 }), severity, fc.nat(5000), (severities, more, samples) => {
      const tally = tallyOf(severities);
      const compliance = complianceOf(samples, tally);
      const after = complianceOf(samples, plusTally(tally, tallyOf([more])));
      expect(compliance).toBeGreaterThanOrEqual(0);
      expect(compliance).toBeLessThanOrEqual(1);
      expect(after).toBeLessThanOrEqual(compliance);
      if (compliance > 0 && samples < 5000) expect(after).toBeLessThan(compliance);
      expect(compliance === 0).toBe(tally[4] > 0 || naive(samples, severities) <= 1e-9);
    }),
  );
});

it("[BEH-6] counts findings the same in one list or in two", () => {
  fc.assert(
    fc.property(fc.array(severity), fc.array(severity), (one, other) => {
      expect(plusTally(tallyOf(one), tallyOf(other))).toEqual(tallyOf([...one, ...other]));
    }),
  );
  expect(tallyOf([])).toEqual(NO_FINDINGS);
});

/** B2 as the text has it. */
function naive(samples: number, severities: readonly number[]): number {
  const weight = [0, 0.05, 0.1, 0.25, 0.5, 1];
  const sum = severities.reduce((so, one) => so + (weight[one] ?? 0), 0);
  return severities.includes(5) ? 0 : Math.max(0, 1 - (sum / Math.max(1, samples)) * 10);
}
