import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { endedSignal, isDrill } from "../protocol/override/params.ts";

/**
 * The ends that signals set themselves (`effect_until`), by the host's monotonic clock: begun when the signal is logged, or
 * with what is left of the time when the host opens again. No tab keeps them where the host is a server (L6).
 */
export interface OverrideTimers {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms until a signal ends by itself, or null. */
  remainingMs(signal: string): number | null;
  close(): void;
}

/** A browser's timer overflows at 2^31 ms; a longer wait is taken in turns. */
const MAX_WAIT_MS = 2 ** 30;

export function createOverrideTimers(engine: Engine, clock: Clock): OverrideTimers {
  const timers = new Map<string, { readonly atMs: number; cancel: () => void }>();

  const forget = (signal: string): void => {
    timers.get(signal)?.cancel();
    timers.delete(signal);
  };

  const begin = (signal: string, until: number): void => {
    forget(signal);
    const atMs = clock.monotonicMs() + Math.max(0, until * 1000 - clock.nowMs());
    const timer = { atMs, cancel: (): void => undefined };
    const wait = (): void => {
      const leftMs = atMs - clock.monotonicMs();
      timer.cancel = clock.after(Math.min(Math.max(0, leftMs), MAX_WAIT_MS), () => {
        if (leftMs > MAX_WAIT_MS) {
          wait();
          return;
        }
        if (timers.get(signal) === timer) timers.delete(signal);
        void engine.submit({ kind: "override_expiry", signal });
      });
    };
    timers.set(signal, timer);
    wait();
  };

  return {
    open: async () => {
      const due = await engine.read((state) =>
        [...state.overrides.values()].flatMap(({ jti, inForce, lapsed, claims }) =>
          inForce && !lapsed && claims.action !== "stop" && claims.effect_until !== undefined
            ? [[jti, claims.effect_until] as const]
            : [],
        ),
      );
      for (const [signal, until] of due) begin(signal, until);
    },
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ !== "override+jwt") continue;
        const { claims } = fact;
        const ended = endedSignal(claims);
        if (ended !== null) forget(ended);
        if (claims.supersedes !== undefined) forget(claims.supersedes);
        if (claims.effect_until !== undefined && claims.action !== "stop" && !isDrill(claims))
          begin(claims.jti, claims.effect_until);
      }
    },
    remainingMs: (signal) => {
      const timer = timers.get(signal);
      return timer === undefined ? null : Math.max(0, timer.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const signal of [...timers.keys()]) forget(signal);
    },
  };
}
