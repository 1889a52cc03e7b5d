import type { Clock } from "../base/ports.ts";
import { dueMs } from "../engine/cascade/breakers.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";

/**
 * The timers of the circuit breakers, by the host's monotonic clock: when an open period, a probe or an isolation is over,
 * that is stated in the log at once, so that whoever waits asks again and the screen sees it. Begun when a breaker moves,
 * or with what is left of the time when the host opens again.
 */
export interface BreakerTimers {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms until a breaker moves by itself, or null. */
  remainingMs(breaker: string): number | null;
  close(): void;
}

export function createBreakerTimers(engine: Engine, clock: Clock): BreakerTimers {
  const timers = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();

  const forget = (breaker: string): void => {
    timers.get(breaker)?.cancel();
    timers.delete(breaker);
  };

  const begin = (breaker: string, due: number): void => {
    forget(breaker);
    // The log counts whole seconds: a second that has begun is not over yet.
    const waitMs = Math.max(0, Math.ceil(due / 1000) * 1000 - clock.nowMs());
    const timer = {
      atMs: clock.monotonicMs() + waitMs,
      cancel: clock.after(waitMs, () => {
        if (timers.get(breaker) === timer) timers.delete(breaker);
        void engine.submit({ kind: "breaker_due", breaker }).then((done) => {
          // The wall clock was set back meanwhile: the rest of the time is waited for.
          if (!done.ok && done.error.code === "breaker_state_invalid") void look([breaker]);
        });
      }),
    };
    timers.set(breaker, timer);
  };

  /** Sets the timers of these breakers, or of all, to what the state says. */
  const look = async (only: readonly string[] | null): Promise<void> => {
    const due = await engine.read((state) =>
      [...(only ?? state.breakers.keys())].map((id) => {
        const found = state.breakers.get(id);
        return [id, found === undefined ? null : dueMs(found)] as const;
      }),
    );
    for (const [breaker, at] of due) {
      if (at === null) forget(breaker);
      else begin(breaker, at);
    }
  };

  return {
    open: () => look(null),
    facts: (logged) => {
      const moved = logged.flatMap(({ fact }) => (fact.typ === "circuit-state+jwt" ? [fact.claims.breaker_id] : []));
      const finished = logged.some(({ fact }) => fact.typ === "record+jwt" && fact.claims.kind === "run_finished");
      if (finished) void look([...timers.keys(), ...moved]);
      else if (moved.length > 0) void look(moved);
    },
    remainingMs: (breaker) => {
      const timer = timers.get(breaker);
      return timer === undefined ? null : Math.max(0, timer.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const breaker of [...timers.keys()]) forget(breaker);
    },
  };
}
