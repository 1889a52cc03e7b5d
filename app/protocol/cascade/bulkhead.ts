import type { FailureDomainConfig } from "./claims.ts";
import { addSliding, type Counting, emptySliding, type SlidingWindow, slidingAt } from "./sliding-window.ts";

/**
 * The bound on what runs and waits in one failure domain (CAS-6), and its retry budget (CAS-7). Plain data, never changed
 * in place.
 */
export interface Bulkhead {
  /** Calls let in that have not left. */
  readonly running: number;
  /** Calls that wait, first come first. */
  readonly queue: readonly WaitingCall[];
  readonly attempts: SlidingWindow<Attempts>;
}

export interface WaitingCall {
  readonly id: string;
  readonly deadlineMs: number;
}

/** Calls that were let in or queued, within the window. */
export interface Attempts {
  readonly first: number;
  readonly retries: number;
}

export type BulkheadAnswer =
  | { readonly kind: "admitted" }
  | { readonly kind: "queued"; readonly deadlineMs: number }
  | { readonly kind: "refused"; readonly code: "bulkhead_full" | "retry_budget_spent" };

export interface BulkheadMoved {
  readonly bulkhead: Bulkhead;
  /** Waiting calls that may go now, in order. */
  readonly admitted: readonly string[];
  /** Waiting calls whose time is over: `bulkhead_timeout`. */
  readonly timedOut: readonly string[];
}

/** The window of the retry budget: that of a breaker [ours; cascade.md says "per window"]. */
export const BUDGET_WINDOW_MS = 60_000;
export const ATTEMPTS: Counting<Attempts> = {
  nothing: { first: 0, retries: 0 },
  plus: (one, other) => ({ first: one.first + other.first, retries: one.retries + other.retries }),
};

export const createBulkhead = (atMs: number): Bulkhead => ({
  running: 0,
  queue: [],
  attempts: emptySliding(ATTEMPTS, BUDGET_WINDOW_MS, atMs),
});

/** CAS-7: whether one retry more is within the budget of a window. */
export const mayRetry = ({ first, retries }: Attempts, ratio: number): boolean => retries + 1 <= ratio * first;

/**
 * A call that wants into the domain. A retry beyond the budget is refused whatever room there is. Above
 * `max_concurrency`, `queue` waits as long as the queue is not full; `shed` and `isolate` refuse at once, and for the
 * latter `isolate` says that the domain has to be isolated. An emergency override is not counted and never waits (CAS-S8).
 */
export function enterBulkhead(
  config: FailureDomainConfig,
  before: Bulkhead,
  call: { readonly id: string; readonly retry: boolean; readonly urgency?: "normal" | "emergency" },
  atMs: number,
): BulkheadMoved & { readonly answer: BulkheadAnswer; readonly isolate: boolean } {
  const moved = sweepBulkhead(config, before, atMs);
  const { bulkhead } = moved;
  if (call.urgency === "emergency") return { ...moved, answer: { kind: "admitted" }, isolate: false };
  if (call.retry && !mayRetry(bulkhead.attempts.sum, config.budget.retries_ratio))
    return { ...moved, answer: { kind: "refused", code: "retry_budget_spent" }, isolate: false };
  const one = call.retry ? { first: 0, retries: 1 } : { first: 1, retries: 0 };
  const attempts = addSliding(ATTEMPTS, bulkhead.attempts, one, atMs);
  // Whoever waits goes first; the sweep leaves a queue only where there is no room.
  if (bulkhead.running < config.max_concurrency)
    return {
      ...moved,
      bulkhead: { ...bulkhead, running: bulkhead.running + 1, attempts },
      answer: { kind: "admitted" },
      isolate: false,
    };
  if (config.on_breach === "queue" && bulkhead.queue.length < config.queue_max) {
    const deadlineMs = atMs + config.queue_timeout_ms;
    return {
      ...moved,
      bulkhead: { ...bulkhead, queue: [...bulkhead.queue, { id: call.id, deadlineMs }], attempts },
      answer: { kind: "queued", deadlineMs },
      isolate: false,
    };
  }
  return {
    ...moved,
    answer: { kind: "refused", code: "bulkhead_full" },
    isolate: config.on_breach === "isolate",
  };
}

/** A call that was let in has ended, however it ended. */
export function leaveBulkhead(config: FailureDomainConfig, before: Bulkhead, atMs: number): BulkheadMoved {
  return sweepBulkhead(config, { ...before, running: Math.max(0, before.running - 1) }, atMs);
}

/** Ends what has waited too long and lets in what fits; due at `nextQueueDeadlineMs` and done by the functions above. */
export function sweepBulkhead(config: FailureDomainConfig, before: Bulkhead, atMs: number): BulkheadMoved {
  const attempts = slidingAt(ATTEMPTS, before.attempts, atMs);
  if (before.queue.length === 0) return { bulkhead: { ...before, attempts }, admitted: [], timedOut: [] };
  const waiting = before.queue.filter(({ deadlineMs }) => deadlineMs > atMs);
  const timedOut = before.queue.filter(({ deadlineMs }) => deadlineMs <= atMs).map(({ id }) => id);
  const room = Math.max(0, config.max_concurrency - before.running);
  const admitted = waiting.slice(0, room).map(({ id }) => id);
  return {
    bulkhead: { running: before.running + admitted.length, queue: waiting.slice(room), attempts },
    admitted,
    timedOut,
  };
}

export const nextQueueDeadlineMs = (bulkhead: Bulkhead): number | null =>
  bulkhead.queue.length === 0 ? null : Math.min(...bulkhead.queue.map(({ deadlineMs }) => deadlineMs));
