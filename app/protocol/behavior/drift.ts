import { actionKeys } from "./action-key.ts";
import { type Metric, metricSchema } from "./metrics.ts";
import type { Baseline } from "./profile.ts";

/** How far a window is from the baseline (B3), and what it comes from. */
export interface Drift {
  /** The maximum of all below, 0 to 1; 0 where there is nothing to compare with. */
  readonly overall: number;
  /** Jensen-Shannon distance of the actions (square root of the divergence, base 2); null where none was observed. */
  readonly actions: number | null;
  readonly numeric: readonly NumericDrift[];
  /** Largest first. */
  readonly contributions: readonly ActionDrift[];
}

export interface NumericDrift {
  readonly metric: Metric;
  readonly value: number;
  readonly z: number;
  /** min(1, z / 6) */
  readonly drift: number;
}

/** One action's part: "the most telling actions" are the first of them. */
export interface ActionDrift {
  /** Pattern of the baseline, or the name of an action that none of them matches. */
  readonly action: string;
  readonly observed: number;
  readonly expected: number;
  /** Its part of the divergence, never negative; the parts add up to the square of `Drift.actions`. */
  readonly part: number;
}

/** Drift is what is being worked out; and what is held against an agent as findings is not held against it again [ours]. */
const DERIVED: ReadonlySet<Metric> = new Set<Metric>(["drift", "safety_compliance"]);
/** Standard deviations at which a number has drifted as far as it can. */
const FULL_Z = 6;

/**
 * B3. `counts` has each action's name or, as in a BET, whatever stands for it; `metrics` the window's numbers, where null
 * or absent is not known and drifts nowhere. An action counts for the pattern it is, otherwise for the longest it begins with.
 */
export function driftOf(
  counts: Iterable<readonly [action: string, count: number]>,
  metrics: Readonly<Partial<Record<Metric, number | null>>>,
  baseline: Baseline,
): Drift {
  const contributions = actionDrifts(counts, new Map(Object.entries(baseline.action_freq)));
  const numeric = numericDrifts(metrics, baseline.numeric ?? {});
  const divergence = contributions?.reduce((sum, { part }) => sum + part, 0) ?? null;
  const actions = divergence === null ? null : Math.sqrt(Math.min(1, divergence));
  return {
    overall: Math.max(0, actions ?? 0, ...numeric.map(({ drift }) => drift)),
    actions,
    numeric,
    contributions: contributions ?? [],
  };
}

/** Null where nothing was observed: no frequencies, no distance. */
function actionDrifts(
  counts: Iterable<readonly [string, number]>,
  expected: ReadonlyMap<string, number>,
): readonly ActionDrift[] | null {
  const { observed, total } = byPattern(counts, [...expected.keys()]);
  if (total === 0) return null;
  return [...new Set([...expected.keys(), ...observed.keys()])]
    .map((action) => {
      const p = (observed.get(action) ?? 0) / total;
      const q = expected.get(action) ?? 0;
      const middle = (p + q) / 2;
      return { action, observed: p, expected: q, part: Math.max(0, half(p, middle) + half(q, middle)) };
    })
    .sort((one, other) => other.part - one.part || (one.action < other.action ? -1 : 1));
}

/** What does not occur adds nothing. */
const half = (share: number, middle: number): number => (share === 0 ? 0 : (share / 2) * Math.log2(share / middle));

function byPattern(
  counts: Iterable<readonly [string, number]>,
  patterns: readonly string[],
): { readonly observed: ReadonlyMap<string, number>; readonly total: number } {
  const keyOf = actionKeys(patterns);
  const observed = new Map<string, number>();
  let total = 0;
  for (const [action, count] of counts) {
    const key = keyOf(action) ?? action;
    observed.set(key, (observed.get(key) ?? 0) + count);
    total += count;
  }
  return { observed, total };
}

function numericDrifts(
  metrics: Readonly<Partial<Record<Metric, number | null>>>,
  expected: NonNullable<Baseline["numeric"]>,
): readonly NumericDrift[] {
  const drifts: NumericDrift[] = [];
  for (const metric of metricSchema.options) {
    if (DERIVED.has(metric)) continue;
    const normal = expected[metric];
    const value = metrics[metric];
    if (normal === undefined || value === undefined || value === null) continue;
    const z = Math.abs(value - normal.mean) / normal.sd;
    drifts.push({ metric, value, z, drift: Math.min(1, z / FULL_Z) });
  }
  return drifts;
}
