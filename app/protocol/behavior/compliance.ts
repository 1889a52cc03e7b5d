import { assert } from "../../base/assert.ts";

/** Findings per severity, 1 to 5, in this order. All are counted, also those that no list has room for. */
export type SeverityTally = readonly [number, number, number, number, number];
export const NO_FINDINGS: SeverityTally = [0, 0, 0, 0, 0];

/** B2, in hundredths so that sums are exact. */
const WEIGHT: SeverityTally = [5, 10, 25, 50, 100];
const FACTOR = 10;
/** Finer than what two recomputations may differ by (B1), coarser than the noise of a subtraction. */
const DIGITS = 1e12;

export function tallyOf(severities: Iterable<number>): SeverityTally {
  const tally: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  for (const severity of severities) {
    const at = severity - 1;
    const so = tally[at];
    assert(so !== undefined, "a severity is 1 to 5");
    tally[at] = so + 1;
  }
  return tally;
}

export const plusTally = (one: SeverityTally, other: SeverityTally): SeverityTally => [
  one[0] + other[0],
  one[1] + other[1],
  one[2] + other[2],
  one[3] + other[3],
  one[4] + other[4],
];

/** B2: the share of what was due, 0 to 1; nothing is left after one finding of severity 5. */
export function complianceOf(samples: number, tally: SeverityTally): number {
  if (tally[4] > 0) return 0;
  let weighed = 0;
  for (const [at, count] of tally.entries()) weighed += count * (WEIGHT[at] ?? 0);
  const loss = (weighed * FACTOR) / (100 * Math.max(1, samples));
  return Math.min(1, Math.max(0, rounded(1 - loss)));
}

/** 1 - compliance, as thresholds are compared with it. */
export const lossOf = (compliance: number): number => rounded(1 - compliance);

const rounded = (value: number): number => Math.round(value * DIGITS) / DIGITS;
