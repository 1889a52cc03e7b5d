/**
 * How much a drift score of so many tasks says (BEH-35, BEH-36). √JS of a sample is never 0, and the more actions there
 * are and the fewer tasks, the higher it is though nothing has changed. Everything here is arithmetic on counts, the same
 * on every machine: no random numbers, no state.
 */

/** How sure the bounds are: 95 %, as in the intervals of benchmarks (B5). */
export const CONFIDENCE = 0.95;

/** The 0.95 quantile of the normal distribution. */
const Z = 1.6448536269514722;

export interface DriftInterval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * Where the drift of the conduct behind a window lies, whose own score is `drift` (actions only, 0..1). `keys` counts the
 * actions of baseline and window together.
 *
 * √JS is a metric, so the two drifts differ by no more than the distance between the window and the conduct it is a sample
 * of. That distance squared is χ² with `keys - 1` degrees over 8·n·ln 2, and in small windows up to a third more, whatever
 * the conduct is: hence an interval that is not fooled by the score's own upward bias. It is wider than it would have to be.
 */
export function driftInterval(drift: number, samples: number, keys: number): DriftInterval {
  const radius = samples === 0 ? 1 : Math.sqrt(squaredRadius(samples, keys));
  return { low: Math.max(0, drift - radius), high: Math.min(1, drift + radius), confidence: CONFIDENCE };
}

function squaredRadius(samples: number, keys: number): number {
  if (keys <= 1) return 0;
  const more = 1 + Math.min(1 / 3, (3 * keys) / samples);
  // An action that came not once may still be one in n/3 (as often as not in 20 windows): that far off is always possible.
  return Math.max((chiSquareUpper(keys - 1) / scaleOf(samples)) * more, UNSEEN / samples);
}

/** Half of the share 3/n of what is missed in one window of 20, in tasks. */
const UNSEEN = 1.5;

export interface UnchangedDrift {
  /** The score that windows of this size have on average. */
  readonly expected: number;
  /** 95 % of windows of this size score no more. */
  readonly upper: number;
}

/**
 * What the drift score shows when nothing has changed: `shares` are those of the baseline, `samples` the tasks of the
 * window, `strength` that of the baseline where it has one (single workflows then differ by more than chance).
 */
export function unchangedDrift(shares: readonly number[], samples: number, strength?: number): UnchangedDrift {
  if (samples === 0) return { expected: 1, upper: 1 };
  const mean = shares.reduce((sum, share) => sum + meanPart(share, samples), 0);
  const spread = strength === undefined ? 1 : (samples + strength) / (1 + strength);
  const scale = scaleOf(samples);
  // As many degrees of freedom as the exact mean has: rare actions count for less than one.
  const degrees = mean * scale;
  const more = 1 + Math.min(0.15, (1.5 * shares.length) / samples);
  const missed = shares.map((share) =>
    (1 - share) ** samples > 1 - CONFIDENCE ? divergencePart(0, share) + divergencePart(1, 1 - share) : 0,
  );
  const square = Math.max((chiSquareUpper(degrees) / scale) * more, ...missed);
  return {
    expected: Math.min(1, Math.sqrt((Math.max(degrees - 0.5, degrees / 2) / scale) * spread)),
    upper: Math.min(1, Math.sqrt(square * spread)),
  };
}

const scaleOf = (samples: number): number => 8 * samples * Math.LN2;

/** The 0.95 quantile of χ² after Wilson and Hilferty; good to a hundredth from two degrees on. */
function chiSquareUpper(degrees: number): number {
  if (degrees <= 0) return 0;
  const ninth = 2 / (9 * degrees);
  return degrees * (1 - ninth + Z * Math.sqrt(ninth)) ** 3;
}

/** Exact mean of what an action of this share adds to JS (base 2) in a window of n tasks: its count is binomial. */
function meanPart(share: number, n: number): number {
  if (share <= 0 || share >= 1) return 0;
  const mode = Math.min(n, Math.floor((n + 1) * share));
  const odds = share / (1 - share);
  let weights = 0;
  let sum = 0;
  const add = (count: number, weight: number): void => {
    weights += weight;
    sum += weight * divergencePart(count / n, share);
  };
  let weight = 1;
  for (let count = mode; count <= n && weight > 1e-12; count += 1) {
    add(count, weight);
    weight *= ((n - count) / (count + 1)) * odds;
  }
  weight = mode / ((n - mode + 1) * odds);
  for (let count = mode - 1; count >= 0 && weight > 1e-12; count -= 1) {
    add(count, weight);
    weight *= count / ((n - count + 1) * odds);
  }
  return sum / weights;
}

function divergencePart(p: number, q: number): number {
  const middle = (p + q) / 2;
  return (p === 0 ? 0 : (p / 2) * Math.log2(p / middle)) + (q === 0 ? 0 : (q / 2) * Math.log2(q / middle));
}
