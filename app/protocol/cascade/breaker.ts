import type { Refusal } from "../jose/refusal.ts";
import type { BreakerRules } from "./breaker-rules.ts";
import { type Breaker, type Moment, type Moved, NO_CHANGES, transition } from "./breaker-state.ts";
import { type CallCounts, record } from "./call-window.ts";
import type { CircuitReason, CircuitStateName, FailureClass } from "./claims.ts";

/** A call that was let through, to be handed back with its result. Plain data. */
export type Call = { readonly kind: "call"; readonly seq: number; readonly probe: number | null } | typeof BYPASS;

/** An emergency override asks no breaker, and its results say nothing to one (CAS-S8). */
const BYPASS = { kind: "bypass" } as const;

export type CallAnswer =
  | { readonly allowed: true; readonly call: Call }
  | {
      readonly allowed: false;
      readonly code: "circuit_open";
      readonly state: CircuitStateName;
      /** Null: only a person or the domain's release ends it. */
      readonly retryAfterMs: number | null;
    };

/** How a call ended: `failure` null is a success. The duration is the call's own, not the time until it was reported. */
export interface CallEnd {
  readonly failure: FailureClass | null;
  readonly durationMs: number;
}

/**
 * Asked before every call to another agent (CAS-1). While it is not closed the answer comes from the breaker alone
 * (CAS-3), and half-open no more than `probes` are out or have succeeded (CAS-4).
 */
export function askCall(
  rules: BreakerRules,
  breaker: Breaker,
  now: Moment,
  urgency: "normal" | "emergency" = "normal",
): Moved & { readonly answer: CallAnswer } {
  if (urgency === "emergency") return { breaker, changes: NO_CHANGES, answer: { allowed: true, call: BYPASS } };
  const { breaker: current, changes } = advance(rules, breaker, now);
  const { state, seq } = current;
  if (state === "closed")
    return { breaker: current, changes, answer: { allowed: true, call: { kind: "call", seq, probe: null } } };
  if (state === "half_open" && current.probesOut.length + current.probeSuccesses < rules.probes) {
    const probe = current.probesAsked + 1;
    const out = { number: probe, deadlineMs: Math.max(now.atMs, current.sinceMs) + rules.probeTimeoutMs };
    return {
      breaker: { ...current, probesAsked: probe, probesOut: [...current.probesOut, out] },
      changes,
      answer: { allowed: true, call: { kind: "call", seq, probe } },
    };
  }
  const dueMs = nextDueMs(current);
  return {
    breaker: { ...current, refused: current.refused + 1 },
    changes,
    answer: {
      allowed: false,
      code: "circuit_open",
      state,
      retryAfterMs: dueMs === null ? null : Math.max(0, dueMs - now.atMs),
    },
  };
}

/** The refusal as it goes to the caller: 503; the host puts `retryAfterMs` into `Retry-After`. */
export const circuitRefusal = (state: CircuitStateName): Refusal => ({
  code: "circuit_open",
  status: 503,
  detail: `the circuit breaker is ${state.replace("_", " ")}`,
});

/**
 * Counts one ended call (C1). A call begun before the last transition is counted and moves nothing; of one that is
 * reported twice as a probe only the first counts. Classes that do not count as failure count as nothing.
 */
export function noteResult(rules: BreakerRules, breaker: Breaker, call: Call, end: CallEnd, now: Moment): Moved {
  const moved = advance(rules, breaker, now);
  if (call.kind === "bypass") return moved;
  const { breaker: current, changes } = moved;
  const fresh = call.seq === current.seq;
  if (fresh && call.probe !== null && !current.probesOut.some(({ number }) => number === call.probe)) return moved;
  if (end.failure !== null && !rules.countClasses.includes(end.failure))
    return { breaker: freed(current, call), changes };
  const failed = end.failure !== null;
  const durationMs = end.durationMs > 0 && Number.isFinite(end.durationMs) ? end.durationMs : 0;
  const result = { failed, slow: durationMs >= rules.slowMs, late: !fresh, durationMs };
  const counted = { ...current, window: record(current.window, result, now.atMs) };
  if (!fresh) return { breaker: counted, changes };
  return counted.state === "half_open"
    ? afterProbe(rules, { breaker: freed(counted, call), changes }, failed, now)
    : afterCall(rules, { breaker: counted, changes }, failed, now);
}

/** A call that was let through and then not made: its place is free again. */
export function giveBack(rules: BreakerRules, breaker: Breaker, call: Call, now: Moment): Moved {
  const moved = advance(rules, breaker, now);
  return { breaker: freed(moved.breaker, call), changes: moved.changes };
}

/** A failure signal (C2), a verdict (CAS-20) or the containment of a cascade (C3), each already accepted as such. */
export function trip(
  rules: BreakerRules,
  breaker: Breaker,
  reason: "failure_signal" | "behavior" | "cascade",
  now: Moment,
): Moved {
  const moved = advance(rules, breaker, now);
  const { state } = moved.breaker;
  return state === "closed" || state === "half_open" ? transition(rules, moved, "open", reason, now) : moved;
}

export function forceOpen(
  rules: BreakerRules,
  breaker: Breaker,
  reason: "operator" | "override" | "behavior",
  now: Moment,
): Moved {
  const moved = advance(rules, breaker, now);
  if (moved.breaker.state === "forced_open") return moved;
  const { isolated } = moved.breaker;
  return transition(rules, moved, "forced_open", reason, now, { forced: true, isolated });
}

/** By an operator only (CAS-19). Where the domain is isolated that holds on; where nothing was forced nothing happens. */
export function releaseForced(rules: BreakerRules, breaker: Breaker, now: Moment): Moved {
  const moved = advance(rules, breaker, now);
  const { state, forced, isolated } = moved.breaker;
  if (!forced) return moved;
  if (state === "isolated") return { breaker: { ...moved.breaker, forced: false }, changes: moved.changes };
  const next = isolated ? "isolated" : "half_open";
  return transition(rules, moved, next, "operator", now, { forced: false, isolated });
}

/** Its domain is isolated. */
export function isolate(
  rules: BreakerRules,
  breaker: Breaker,
  reason: "cascade" | "operator" | "override",
  now: Moment,
): Moved {
  const moved = advance(rules, breaker, now);
  if (moved.breaker.state === "isolated") return moved;
  const { forced } = moved.breaker;
  return transition(rules, moved, "isolated", reason, now, { forced, isolated: true });
}

/** Its domain is released, by an operator or by the domain's timer. What an operator forced stays forced (S13). */
export function releaseIsolated(
  rules: BreakerRules,
  breaker: Breaker,
  reason: "operator" | "timer",
  now: Moment,
): Moved {
  const moved = advance(rules, breaker, now);
  const { state, forced, isolated } = moved.breaker;
  if (!isolated) return moved;
  if (state === "forced_open") return { breaker: { ...moved.breaker, isolated: false }, changes: moved.changes };
  const next = forced ? "forced_open" : "half_open";
  return transition(rules, moved, next, reason, now, { forced, isolated: false });
}

/**
 * The breaker as of `now`: every timer that has run out, in order and at its own time, so that it does not matter how
 * often anyone looks. All other functions here do this first.
 */
export function advance(rules: BreakerRules, breaker: Breaker, now: Moment): Moved {
  let moved: Moved = { breaker, changes: NO_CHANGES };
  for (let dueMs = nextDueMs(breaker); dueMs !== null && dueMs <= now.atMs; dueMs = nextDueMs(moved.breaker)) {
    const moment = { atMs: dueMs, jitter: now.jitter };
    moved =
      moved.breaker.state === "open"
        ? transition(rules, moved, "half_open", "timer", moment)
        : transition(rules, moved, "open", "probe_failed", moment);
  }
  return moved;
}

/** When its next timer runs out: the open period, or the deadline of a probe. */
export function nextDueMs({ untilMs, probesOut }: Breaker): number | null {
  return untilMs ?? (probesOut.length === 0 ? null : Math.min(...probesOut.map(({ deadlineMs }) => deadlineMs)));
}

function freed(breaker: Breaker, call: Call): Breaker {
  if (call.kind === "bypass" || call.probe === null || call.seq !== breaker.seq) return breaker;
  return { ...breaker, probesOut: breaker.probesOut.filter(({ number }) => number !== call.probe) };
}

function afterProbe(rules: BreakerRules, { breaker, changes }: Moved, failed: boolean, now: Moment): Moved {
  if (failed) return transition(rules, { breaker, changes }, "open", "probe_failed", now);
  const probeSuccesses = breaker.probeSuccesses + 1;
  const moved = { breaker: { ...breaker, probeSuccesses }, changes };
  return probeSuccesses >= rules.probeSuccess ? transition(rules, moved, "closed", "probe_ok", now) : moved;
}

function afterCall(rules: BreakerRules, { breaker, changes }: Moved, failed: boolean, now: Moment): Moved {
  const consecutive = failed ? breaker.consecutive + 1 : 0;
  const moved = { breaker: { ...breaker, consecutive }, changes };
  const reason = tripReason(rules, breaker.window.sum, consecutive);
  return reason === null ? moved : transition(rules, moved, "open", reason, now);
}

/** C1; of several thresholds reached at once the first is named. */
function tripReason(rules: BreakerRules, sum: CallCounts, consecutive: number): CircuitReason | null {
  const calls = sum.calls - sum.lateCalls;
  if (calls >= rules.minCalls) {
    if ((sum.failures - sum.lateFailures) / calls >= rules.failureRate) return "failure_rate";
    if ((sum.slow - sum.lateSlow) / calls >= rules.slowRate) return "slow_rate";
  }
  return consecutive >= rules.consecutive ? "consecutive" : null;
}
