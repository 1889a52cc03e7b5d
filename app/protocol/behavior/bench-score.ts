import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { BenchProfile } from "./bench-profile.ts";
import type { Measured } from "./bench-stats.ts";
import { METRICS, type Metric } from "./metrics.ts";

export type BenchResults = Partial<Readonly<Record<Metric, Measured>>>;

/** n = clamp((x − worst) / (goal − worst), 0, 1): 1 at the goal, whichever side of it is the better one (B5). */
export function normalised(x: number, { goal, worst }: { readonly goal: number; readonly worst: number }): number {
  return Math.min(1, Math.max(0, (x - worst) / (goal - worst)));
}

/** One metric's part in a score. */
export interface ScorePart {
  readonly metric: Metric;
  readonly weight: number;
  readonly normalised: number;
  /** weight × normalised × 100. */
  readonly points: number;
}

export function scoreParts(
  { weights, targets }: Pick<BenchProfile, "weights" | "targets">,
  results: BenchResults,
): ScorePart[] {
  return METRICS.flatMap((metric) => {
    const [weight, target, measured] = [weights[metric], targets[metric], results[metric]];
    if (weight === undefined || target === undefined || measured === undefined) return [];
    const part = normalised(measured.value, target);
    return [{ metric, weight, normalised: part, points: weight * part * 100 }];
  });
}

/** Σ weight × n × 100 (B5). A score in which something with a weight was not measured would be another score: there is none. */
export function benchScore(
  profile: Pick<BenchProfile, "weights" | "targets">,
  results: BenchResults,
): Result<number, Refusal> {
  const missing = METRICS.filter((metric) => profile.weights[metric] !== undefined && results[metric] === undefined);
  if (missing.length > 0)
    return err(refusal("bench_aborted", `nothing was measured of ${missing.join(", ")}, which has a weight`));
  const sum = scoreParts(profile, results).reduce((total, { points }) => total + points, 0);
  return ok(Math.min(100, sum));
}
