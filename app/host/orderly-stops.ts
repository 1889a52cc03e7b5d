import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { stillEnding } from "../engine/override/orderly.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import { graceMs } from "../protocol/override/params.ts";

export interface OrderlyStopsPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Latches the stop, raises the flags and tells the agents: at once, before the log has it (OVR-11). */
  stopNow(claims: OverrideClaims, digest: string): void;
  /** It holds already: storage would not take it when it came, so that it was made immediate (S3). */
  latched(signal: string): boolean;
}

/**
 * Makes orderly stops immediate when their `grace_ms` is over, by the host's monotonic clock, or as soon as nothing that they
 * let end goes on any more (S10, OVR-34). A host that is opened again goes on with what is left of the time.
 */
export interface OrderlyStops {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms until a stop becomes immediate, or null. */
  remainingMs(signal: string): number | null;
  close(): void;
}

interface Ending {
  readonly claims: OverrideClaims;
  readonly digest: string;
  readonly atMs: number;
  readonly cancel: () => void;
}

export function createOrderlyStops({ engine, clock, stopNow, latched }: OrderlyStopsPorts): OrderlyStops {
  const endings = new Map<string, Ending>();

  const due = (signal: string, reached: boolean): void => {
    const ending = endings.get(signal);
    if (ending === undefined) return;
    ending.cancel();
    endings.delete(signal);
    stopNow(ending.claims, ending.digest);
    void engine.submit({ kind: "stop_due", signal, reached });
  };

  const begin = (claims: OverrideClaims, digest: string, leftMs: number): void => {
    const cancel = clock.after(leftMs, () => due(claims.jti, false));
    endings.set(claims.jti, { claims, digest, atMs: clock.monotonicMs() + leftMs, cancel });
  };

  /** Who has ended what was under way need not wait for the others' time. */
  const look = async (): Promise<void> => {
    const reached = await engine.read((state) =>
      [...endings.keys()].filter((jti) => {
        const signal = state.overrides.get(jti);
        return signal !== undefined && stillEnding(state, signal).length === 0;
      }),
    );
    for (const signal of reached) due(signal, true);
  };

  return {
    open: async () => {
      const stopping = await engine.read((state) =>
        [...state.overrides.values()]
          .filter((signal) => signal.latched && signal.stopping)
          .map(({ claims, hash, at }) => ({ claims: structuredClone(claims), hash, at })),
      );
      for (const { claims, hash, at } of stopping)
        begin(claims, hash, Math.max(0, at * 1000 + (graceMs(claims) ?? 0) - clock.nowMs()));
      if (endings.size > 0) await look();
    },
    facts: (logged) => {
      for (const { fact, digest } of logged) {
        const grace = fact.typ === "override+jwt" ? graceMs(fact.claims) : null;
        if (fact.typ !== "override+jwt" || grace === null) continue;
        const { jti } = fact.claims;
        if (latched(jti)) void engine.submit({ kind: "stop_due", signal: jti, reached: false });
        else begin(fact.claims, digest, grace);
      }
      if (endings.size > 0) void look();
    },
    remainingMs: (signal) => {
      const ending = endings.get(signal);
      return ending === undefined ? null : Math.max(0, ending.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const { cancel } of endings.values()) cancel();
      endings.clear();
    },
  };
}
