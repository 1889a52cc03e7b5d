import { median, percentile, spread } from "./stats.ts";

/** One figure of ours beside its floor: the least the same machine can do for the same work, measured in the same run. */
export interface Measurement {
  readonly row: string;
  readonly label: string;
  /** `chromium`, `node` or `build`. */
  readonly where: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  readonly floorUnit: string;
  readonly floorLabel: string;
  /** How many times worse than the floor, median over the pairs; 1 is as good as it gets. */
  readonly ratio: number;
  /** Distance of the quartiles over the median: of the ratios where there are pairs, otherwise of the values. */
  readonly spread: number;
  readonly samples: Samples;
  readonly details: Readonly<Record<string, number | string>>;
}

export interface Samples {
  readonly value: readonly number[];
  readonly floor: readonly number[];
  readonly ratio: readonly number[];
}

/** A figure and its floor, measured one right after the other. */
export interface Pair {
  readonly value: number;
  readonly floor: number;
}

export interface Pairs {
  readonly row: string;
  readonly label: string;
  readonly where: string;
  readonly unit: string;
  readonly floorLabel: string;
  /** `rate`: more is better; `time` (or a size): less is better. */
  readonly kind: "rate" | "time";
  readonly pairs: readonly Pair[];
  readonly details?: Measurement["details"];
}

/** Medians of both sides; the ratio is taken pair by pair, so that it holds while the machine's speed drifts. */
export function fromPairs({ kind, pairs, details = {}, unit, ...labels }: Pairs): Measurement {
  const value = pairs.map((pair) => pair.value);
  const floor = pairs.map((pair) => pair.floor);
  const ratio = pairs.map((pair) => (kind === "rate" ? pair.floor / pair.value : pair.value / pair.floor));
  return {
    ...labels,
    unit,
    floorUnit: unit,
    value: median(value),
    floor: median(floor),
    ratio: median(ratio),
    spread: spread(ratio),
    samples: { value, floor, ratio },
    details,
  };
}

export interface Distributions extends Omit<Pairs, "kind" | "pairs"> {
  /** 0.5 or 0.99: which part of the distributions is compared. */
  readonly share: number;
  readonly value: readonly number[];
  readonly floor: readonly number[];
}

/** One percentile of two distributions of times: for what happens seldom enough that its tail matters. */
export function fromDistributions({ share, value, floor, details = {}, unit, ...labels }: Distributions): Measurement {
  const ours = percentile(value, share);
  const least = percentile(floor, share);
  return {
    ...labels,
    unit,
    floorUnit: unit,
    value: ours,
    floor: least,
    ratio: ours / least,
    spread: spread(value),
    samples: { value, floor, ratio: [] },
    details,
  };
}
