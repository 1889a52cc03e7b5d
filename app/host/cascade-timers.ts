import type { Clock } from "../base/ports.ts";

/** Timers by name, begun with what is left of the time and begun anew when it changes. */
export interface NamedTimers {
  /** Sets these, or all, to what is due now; null where nothing is. */
  set(due: readonly (readonly [string, number | null])[]): void;
  names(): string[];
  /** Ms that are left, or null. */
  remainingMs(name: string): number | null;
  close(): void;
}

/**
 * By the host's monotonic clock; `dueMs` is epoch ms of the log, which counts whole seconds: a second that has begun is not
 * over yet.
 */
export function createNamedTimers(clock: Clock, fire: (name: string) => void): NamedTimers {
  const timers = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();

  const forget = (name: string): void => {
    timers.get(name)?.cancel();
    timers.delete(name);
  };

  const begin = (name: string, dueMs: number): void => {
    forget(name);
    const waitMs = Math.max(0, Math.ceil(dueMs / 1000) * 1000 - clock.nowMs());
    const timer = {
      atMs: clock.monotonicMs() + waitMs,
      cancel: clock.after(waitMs, () => {
        if (timers.get(name) === timer) timers.delete(name);
        fire(name);
      }),
    };
    timers.set(name, timer);
  };

  return {
    set: (due) => {
      for (const [name, atMs] of due) {
        if (atMs === null) forget(name);
        else begin(name, atMs);
      }
    },
    names: () => [...timers.keys()],
    remainingMs: (name) => {
      const timer = timers.get(name);
      return timer === undefined ? null : Math.max(0, timer.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const name of [...timers.keys()]) forget(name);
    },
  };
}
