import type { BreakerConfig, FailureClass } from "./claims.ts";

/** A breaker configuration as the machine uses it: periods in milliseconds. One object may serve thousands of breakers. */
export interface BreakerRules {
  /** Length of the sliding window, in ten buckets. */
  readonly windowMs: number;
  readonly minCalls: number;
  readonly failureRate: number;
  readonly slowMs: number;
  readonly slowRate: number;
  readonly consecutive: number;
  readonly openMs: number;
  readonly backoff: number;
  readonly openMaxMs: number;
  readonly probes: number;
  readonly probeSuccess: number;
  readonly probeTimeoutMs: number;
  readonly countClasses: readonly FailureClass[];
}

export function breakerRules(config: BreakerConfig): BreakerRules {
  return {
    windowMs: config.window_s * 1000,
    minCalls: config.min_calls,
    failureRate: config.failure_rate,
    slowMs: config.slow_ms,
    slowRate: config.slow_rate,
    consecutive: config.consecutive,
    openMs: config.open_s * 1000,
    backoff: config.backoff,
    openMaxMs: config.open_max_s * 1000,
    probes: config.probes,
    probeSuccess: config.probe_success,
    probeTimeoutMs: config.probe_timeout_s * 1000,
    countClasses: config.count_classes,
  };
}

/** One breaker for each caller (or domain), callee and action group. Agent ids hold no space, so the name is unique. */
export const breakerId = (caller: string, callee: string, actionGroup: string): string =>
  `${caller} ${callee} ${actionGroup}`;
