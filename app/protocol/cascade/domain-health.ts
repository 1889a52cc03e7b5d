/**
 * Error rate and latency of a whole domain, in steps of 10 s over one hour (C3, CAS-8). Plain data, never changed in
 * place.
 */
export interface DomainHealth {
  /** Number of the running step: its start divided by 10 s. */
  readonly step: number;
  readonly calls: number;
  readonly errors: number;
  /** Calls of the running step whose duration is known, by it; see `binOf`. */
  readonly bins: readonly number[];
  /** Ended steps that had calls, oldest first. */
  readonly past: readonly HealthStep[];
}

export interface HealthStep {
  readonly step: number;
  readonly calls: number;
  readonly errors: number;
  /** Of how many the duration is known. */
  readonly timed: number;
  /** Upper end of the bin the 95th percentile of those is in: at most a tenth above the true one; null of none. */
  readonly p95Ms: number | null;
}

export interface HealthAlert {
  readonly kind: "error_rate" | "latency";
  /** What was measured last, and the hour's mean it is compared with: a share, or milliseconds. */
  readonly value: number;
  readonly mean: number;
}

const STEP_MS = 10_000;
const HOUR_STEPS = 360;
const TIMES_MEAN = 3;
const LATENCY_STEPS = 3;
/** Fewer calls in a step say nothing [ours]: the breakers' `min_calls`. */
const MIN_CALLS = 10;
/** Steps with calls before a mean means something [ours]: five minutes. */
const MIN_PAST = 30;
/** A domain without errors is not in alarm for its first one [ours]. */
const LEAST_ERROR_MEAN = 0.01;

/** Bins by a tenth: bin n ends at 1.1^n ms; the last one, at about 3.7 hours, takes all above. */
const BINS = 173;
const GROWTH = Math.log(1.1);
const binOf = (durationMs: number): number =>
  durationMs > 1 ? Math.min(BINS - 1, Math.ceil(Math.log(durationMs) / GROWTH - 1e-9)) : 0;
const NO_CALLS: readonly number[] = Array.from({ length: BINS }, () => 0);

export const createHealth = (atMs: number): DomainHealth => ({
  step: Math.floor(atMs / STEP_MS),
  calls: 0,
  errors: 0,
  bins: NO_CALLS,
  past: [],
});

/** Counts one ended call, a duration that nobody knows as none; a time before the running step is taken for it. */
export function noteCall(
  health: DomainHealth,
  { failed, durationMs }: { readonly failed: boolean; readonly durationMs: number | null },
  atMs: number,
): DomainHealth {
  const now = healthAt(health, atMs);
  const bins = now.bins.slice();
  if (durationMs !== null) bins[binOf(durationMs)] = (bins[binOf(durationMs)] ?? 0) + 1;
  return { ...now, calls: now.calls + 1, errors: now.errors + (failed ? 1 : 0), bins };
}

export function healthAt(health: DomainHealth, atMs: number): DomainHealth {
  const step = Math.floor(atMs / STEP_MS);
  if (!(step > health.step)) return health;
  const { calls, errors, bins } = health;
  const timed = bins.reduce((sum, count) => sum + count, 0);
  const ended = calls === 0 ? [] : [{ step: health.step, calls, errors, timed, p95Ms: p95Of(bins, timed) }];
  const past = [...health.past, ...ended].filter((one) => one.step >= step - HOUR_STEPS);
  return { step, calls: 0, errors: 0, bins: NO_CALLS, past };
}

/**
 * What is out of proportion as of `atMs`: the error rate of the step that ended last above three times the mean of the
 * hour before it, and the 95th percentile of each of the last three steps above three times the mean of the hour before
 * them. The mean of latency is the mean of the steps' 95th percentiles [ours]: like is compared with like.
 */
export function healthAlerts(health: DomainHealth, atMs: number): readonly HealthAlert[] {
  const { step, past } = healthAt(health, atMs);
  const alerts: HealthAlert[] = [];
  const [last] = endedSteps(past, step, 1, "calls");
  const before = past.filter((one) => one.step < step - 1);
  if (last !== undefined && before.length >= MIN_PAST) {
    const mean = total(before, "errors") / total(before, "calls");
    const value = last.errors / last.calls;
    if (value > TIMES_MEAN * Math.max(mean, LEAST_ERROR_MEAN)) alerts.push({ kind: "error_rate", value, mean });
  }
  const recent = latencies(endedSteps(past, step, LATENCY_STEPS, "timed"));
  const earlier = latencies(past.filter((one) => one.step < step - LATENCY_STEPS));
  if (recent.length === LATENCY_STEPS && earlier.length >= MIN_PAST) {
    const mean = earlier.reduce((sum, p95Ms) => sum + p95Ms, 0) / earlier.length;
    if (recent.every((p95Ms) => p95Ms > TIMES_MEAN * mean))
      alerts.push({ kind: "latency", value: recent.at(-1) ?? 0, mean });
  }
  return alerts;
}

/** Of the last `count` steps those with enough calls, or enough whose duration is known. */
const endedSteps = (
  past: readonly HealthStep[],
  step: number,
  count: number,
  of: "calls" | "timed",
): readonly HealthStep[] => past.filter((one) => one.step >= step - count && one[of] >= MIN_CALLS);

const latencies = (steps: readonly HealthStep[]): readonly number[] =>
  steps.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms]));

const total = (steps: readonly HealthStep[], member: "calls" | "errors"): number =>
  steps.reduce((sum, step) => sum + step[member], 0);

function p95Of(bins: readonly number[], timed: number): number | null {
  if (timed === 0) return null;
  const rank = Math.ceil(0.95 * timed);
  let counted = 0;
  for (const [bin, count] of bins.entries()) {
    counted += count;
    if (counted >= rank) return 1.1 ** bin;
  }
  return 1.1 ** (BINS - 1);
}
