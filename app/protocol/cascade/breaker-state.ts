import type { BreakerRules } from "./breaker-rules.ts";
import { type CallWindow, emptyWindow, windowAt } from "./call-window.ts";
import type { CircuitReason, CircuitStateName } from "./claims.ts";

/**
 * One circuit breaker. Plain data, never changed in place.
 *
 *     closed --trip--> open --timer--> half_open --probes--> closed
 *                       ^------probe failed-----/
 *     any --force--> forced_open --release--> half_open      any --domain--> isolated --release--> half_open
 *
 * Always: `untilMs` is set in `open` only, `probesOut` holds something in `half_open` only, and `forced_open` and
 * `isolated` are left by their own release only. Both holds can be on at once; releasing one leaves the other (CAS-23).
 */
export interface Breaker {
  readonly state: CircuitStateName;
  /** Number of its newest transition; 0 before the first. */
  readonly seq: number;
  readonly sinceMs: number;
  /** End of the open period. */
  readonly untilMs: number | null;
  /** The table's k: how often it has reopened since it last closed. */
  readonly reopened: number;
  readonly forced: boolean;
  readonly isolated: boolean;
  readonly window: CallWindow;
  /** Failures in a row among the calls begun in this state. */
  readonly consecutive: number;
  readonly probesOut: readonly ProbeOut[];
  /** Probes asked for in this half-open period; numbers them. */
  readonly probesAsked: number;
  readonly probeSuccesses: number;
  /** Calls refused since the last transition. */
  readonly refused: number;
  /** Times of the transitions nobody ordered, within the last ten minutes (CAS-S7). */
  readonly recent: readonly number[];
}

export interface ProbeOut {
  readonly number: number;
  readonly deadlineMs: number;
}

/** The time, and what has to be random: a number from 0 up to 1, drawn anew for each moment. */
export interface Moment {
  readonly atMs: number;
  readonly jitter: number;
}

/** One transition: enough to publish it (CAS-5) and, folded in order, to restore the breaker without its counts. */
export interface CircuitChange {
  readonly seq: number;
  readonly from: CircuitStateName;
  readonly to: CircuitStateName;
  /** When it was due or caused; a timer that is looked at late has still run out at its time. */
  readonly atMs: number;
  readonly reason: CircuitReason;
  readonly untilMs: number | null;
  readonly reopened: number;
  readonly forced: boolean;
  readonly isolated: boolean;
  /** Of the window as it was before the transition: what led to it. */
  readonly stats: CircuitStats;
}

export interface CircuitStats {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly windowMs: number;
}

/** A breaker after something happened, with the transitions that this caused, in order. */
export interface Moved {
  readonly breaker: Breaker;
  readonly changes: readonly CircuitChange[];
}

const FLAPPING_MS = 600_000;
const FLAPPING_TRANSITIONS = 10;
/** CAS-S6: an open period lasts up to a tenth longer, so that breakers that tripped together do not reopen together. */
const REOPENING_JITTER = 0.1;
export const NO_CHANGES: readonly CircuitChange[] = [];

/** A callee that is not known yet has to prove itself: its breaker starts half-open. */
export function createBreaker(rules: BreakerRules, callee: "known" | "unknown", atMs: number): Breaker {
  return {
    state: callee === "known" ? "closed" : "half_open",
    seq: 0,
    sinceMs: atMs,
    untilMs: null,
    reopened: 0,
    forced: false,
    isolated: false,
    window: emptyWindow(rules.windowMs, atMs),
    consecutive: 0,
    probesOut: [],
    probesAsked: 0,
    probeSuccesses: 0,
    refused: 0,
    recent: [],
  };
}

/** The two holds; whoever sets or lifts one hands on the other as it is. */
export type Holds = Pick<Breaker, "forced" | "isolated">;

/** One transition of the table, and with it the forced one when there were too many (CAS-S7). */
export function transition(
  rules: BreakerRules,
  before: Moved,
  to: CircuitStateName,
  reason: CircuitReason,
  moment: Moment,
  { forced, isolated }: Holds = before.breaker,
): Moved {
  const { breaker } = before;
  const atMs = Math.max(moment.atMs, breaker.sinceMs);
  const reopened = to === "open" && breaker.state === "half_open" ? breaker.reopened + 1 : breaker.reopened;
  const change: CircuitChange = {
    seq: breaker.seq + 1,
    from: breaker.state,
    to,
    atMs,
    reason,
    untilMs: to === "open" ? atMs + openPeriodMs(rules, reopened, moment.jitter) : null,
    reopened: to === "closed" ? 0 : reopened,
    forced,
    isolated,
    stats: statsAt(rules, breaker, atMs),
  };
  const after = applyChange(rules, breaker, change);
  const moved = { breaker: after, changes: [...before.changes, change] };
  return after.recent.length > FLAPPING_TRANSITIONS
    ? transition(rules, moved, "forced_open", "flapping", moment, { forced: true, isolated })
    : moved;
}

/**
 * The breaker after a transition that is in the log. Folding all of them restores a breaker but for its counts and the
 * probes that were out, which nobody logs.
 */
export function applyChange(rules: BreakerRules, breaker: Breaker, change: CircuitChange): Breaker {
  const { to, atMs } = change;
  return {
    state: to,
    seq: change.seq,
    sinceMs: atMs,
    untilMs: change.untilMs,
    reopened: change.reopened,
    forced: change.forced,
    isolated: change.isolated,
    // Half-open starts empty too [ours], so that what is shown there is what the probes brought.
    window: to === "closed" || to === "half_open" ? emptyWindow(rules.windowMs, atMs) : breaker.window,
    consecutive: 0,
    probesOut: [],
    probesAsked: 0,
    probeSuccesses: 0,
    refused: 0,
    recent: recentAfter(breaker.recent, change),
  };
}

/** What people order is no flapping; and what is forced open flaps no more, so that it is counted anew after that. */
function recentAfter(recent: readonly number[], { to, reason, atMs }: CircuitChange): readonly number[] {
  if (to === "forced_open") return [];
  if (reason === "operator" || reason === "override") return recent;
  return [...recent.filter((earlier) => earlier > atMs - FLAPPING_MS), atMs];
}

function openPeriodMs(rules: BreakerRules, reopened: number, jitter: number): number {
  const period = Math.min(rules.openMs * rules.backoff ** reopened, rules.openMaxMs);
  return period + Math.floor(period * REOPENING_JITTER * jitter);
}

export function statsAt(rules: BreakerRules, breaker: Breaker, atMs: number): CircuitStats {
  const { calls, failures, slow } = windowAt(breaker.window, atMs).sum;
  return { calls, failures, slow, windowMs: rules.windowMs };
}
