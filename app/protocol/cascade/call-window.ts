import { addSliding, type Counting, emptySliding, type SlidingWindow, slidingAt } from "./sliding-window.ts";

/** What a stretch of time held. All counts include the late ones. */
export interface CallCounts {
  /** Successes and failures; ignored results are in no count. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly slowFailures: number;
  /** Of all calls together. */
  readonly durationMs: number;
  /** Of these, the results of calls begun before the last transition: shown, never judged. */
  readonly lateCalls: number;
  readonly lateFailures: number;
  readonly lateSlow: number;
}

export type CallWindow = SlidingWindow<CallCounts>;

/** One counted result. */
export interface CallResult {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly late: boolean;
  readonly durationMs: number;
}

const CALLS: Counting<CallCounts> = {
  nothing: {
    calls: 0,
    failures: 0,
    slow: 0,
    slowFailures: 0,
    durationMs: 0,
    lateCalls: 0,
    lateFailures: 0,
    lateSlow: 0,
  },
  plus: (one, other) => ({
    calls: one.calls + other.calls,
    failures: one.failures + other.failures,
    slow: one.slow + other.slow,
    slowFailures: one.slowFailures + other.slowFailures,
    durationMs: one.durationMs + other.durationMs,
    lateCalls: one.lateCalls + other.lateCalls,
    lateFailures: one.lateFailures + other.lateFailures,
    lateSlow: one.lateSlow + other.lateSlow,
  }),
};

export const emptyWindow = (windowMs: number, atMs: number): CallWindow => emptySliding(CALLS, windowMs, atMs);

export const windowAt = (window: CallWindow, atMs: number): CallWindow => slidingAt(CALLS, window, atMs);

export function record(window: CallWindow, { failed, slow, late, durationMs }: CallResult, atMs: number): CallWindow {
  const one: CallCounts = {
    calls: 1,
    failures: failed ? 1 : 0,
    slow: slow ? 1 : 0,
    slowFailures: slow && failed ? 1 : 0,
    durationMs,
    lateCalls: late ? 1 : 0,
    lateFailures: late && failed ? 1 : 0,
    lateSlow: late && slow ? 1 : 0,
  };
  return addSliding(CALLS, window, one, atMs);
}
