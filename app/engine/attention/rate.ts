import { wilson } from "../../protocol/behavior/bench-stats.ts";

/** Fewer cases are told as a count, never as a rate [ours]. */
export const MIN_CASES = 20;

/** `n` of `of`, with the range in which the true rate lies 19 times in 20; `rate` is null where there are too few cases. */
export interface Rate {
  readonly n: number;
  readonly of: number;
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
}

/** A share with its Wilson score interval (B5), which holds for few cases and near 0 and 1 too. */
export function rateOf(n: number, of: number): Rate {
  if (of === 0) return { n, of, rate: null, low: 0, high: 1 };
  const { value, ci_low, ci_high } = wilson(n, of);
  return { n, of, rate: of < MIN_CASES ? null : value, low: ci_low, high: ci_high };
}

/** The value below which that share of them lies, by nearest rank; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
