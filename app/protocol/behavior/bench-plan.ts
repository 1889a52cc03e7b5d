import { utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import type { BenchProfile } from "./bench-profile.ts";

/** One run of a benchmark: which item of the task set, which time. A warm-up run is thrown away. */
export interface PlannedRun {
  readonly item: number;
  readonly repetition: number;
  readonly warmup: boolean;
}

/**
 * The order of the runs (B5): warm-up first, item by item; then every repetition of every item in an order that the seed
 * gives and nothing else does: ascending SHA-256 of `seed:item:repetition` [ours], so that anybody can compute it.
 */
export function plannedRuns(
  { seed, warmup, repetitions }: Pick<BenchProfile, "seed" | "warmup" | "repetitions">,
  items: number,
  sha256: Sha256,
): PlannedRun[] {
  const of = (times: number, isWarmup: boolean): PlannedRun[] =>
    Array.from({ length: items }, (_, item) =>
      Array.from({ length: times }, (__, repetition) => ({ item, repetition, warmup: isWarmup })),
    ).flat();
  const measured = of(repetitions, false)
    .map((run) => ({ run, key: hex(sha256(utf8(`${seed}:${run.item}:${run.repetition}`))) }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ run }) => run);
  return [...of(warmup, true), ...measured];
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
