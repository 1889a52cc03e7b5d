/** A measured value with its 95 % interval, and of how many observations. */
export interface Measured {
  readonly value: number;
  readonly ci_low: number;
  readonly ci_high: number;
  readonly n: number;
}

/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * A ratio with its Wilson score interval (B5), which needs no large sample and stays within 0..1. Wilson 1927; the values of
 * Newcombe 1998 (Statistics in Medicine 17, 857-872), table I method 3, are its test vectors.
 */
export function wilson(successes: number, n: number): Measured {
  const share = successes / n;
  const square = Z * Z;
  const centre = (2 * n * share + square) / (2 * (n + square));
  const half = (Z * Math.sqrt(square + 4 * n * share * (1 - share))) / (2 * (n + square));
  return {
    value: share,
    ci_low: successes === 0 ? 0 : centre - half,
    ci_high: successes === n ? 1 : centre + half,
    n,
  };
}

/** A mean with mean ± 1.96 sd/√n (B5), sd of the sample (n − 1). Of at least two. */
export function meanOf(values: readonly number[]): Measured {
  const n = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  const half = (1.96 * Math.sqrt(variance)) / Math.sqrt(n);
  return { value, ci_low: value - half, ci_high: value + half, n };
}

/**
 * A percentile by nearest rank, index ⌈p·n⌉ of the sorted list (BEH-17), with the interval between order statistics that
 * holds for any distribution: ranks of the binomial quantiles 2.5 % and 97.5 % of (n, p) [ours] (Conover, Practical
 * Nonparametric Statistics, 3.2). Where the list is too short for a rank above, the largest value is the end.
 */
export function percentile(values: readonly number[], p: number): Measured {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const at = (rank: number): number => sorted[Math.min(n, Math.max(1, rank)) - 1] ?? Number.NaN;
  const rank = nearestRank(n, p);
  const value = at(rank);
  const [low, high] = binomialQuantiles(n, p);
  return { value, ci_low: Math.min(value, at(low)), ci_high: Math.max(value, at(high + 1)), n };
}

/** BEH-17; what a product of decimals is off by must not move the rank (0.07 × 100 is 7.000000000000001). */
export const nearestRank = (n: number, p: number): number => Math.max(1, Math.ceil(p * n - 1e-9));

/** The smallest k with P(X <= k) at least 0.025 and 0.975, for X binomial (n, p), 0 < p < 1. */
function binomialQuantiles(n: number, p: number): [number, number] {
  let logTerm = n * Math.log1p(-p);
  let below = Math.exp(logTerm);
  let low = below >= 0.025 ? 0 : null;
  let k = 0;
  while (below < 0.975 && k < n) {
    logTerm += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p));
    k += 1;
    below += Math.exp(logTerm);
    if (low === null && below >= 0.025) low = k;
  }
  return [low ?? k, k];
}
