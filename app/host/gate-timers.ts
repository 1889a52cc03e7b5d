import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";

/**
 * Deadlines of open gates by the host's monotonic clock (ACP-S6): started when the request is logged, or with what is left
 * of the time when the host opens again. Nobody answering never means yes (ACP-10).
 */
export interface GateTimers {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms left of a pending request, or null. */
  remainingMs(request: string): number | null;
  close(): void;
}

export function createGateTimers(engine: Engine, clock: Clock): GateTimers {
  const deadlines = new Map<string, { readonly atMs: number; readonly cancel: () => void }>();

  const set = (request: string, delayMs: number): void => {
    deadlines.get(request)?.cancel();
    const cancel = clock.after(delayMs, () => {
      void engine.submit({ kind: "gate_deadline", request }).finally(() => deadlines.delete(request));
    });
    deadlines.set(request, { atMs: clock.monotonicMs() + delayMs, cancel });
  };

  return {
    open: async () => {
      const pending = await engine.read((state) =>
        [...state.gates.values()]
          .filter((gate) => gate.status === "pending")
          .map((gate) => ({ request: gate.request, dueMs: (gate.openedAt + gate.timeoutS) * 1000 })),
      );
      for (const gate of pending) set(gate.request, Math.max(0, gate.dueMs - clock.nowMs()));
    },
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ === "hitl-request+jwt") {
          void engine
            .read((state) => state.gates.get(fact.claims.jti)?.timeoutS)
            .then((timeoutS) => timeoutS !== undefined && set(fact.claims.jti, timeoutS * 1000));
        }
      }
    },
    remainingMs: (request) => {
      const deadline = deadlines.get(request);
      return deadline === undefined ? null : Math.max(0, deadline.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const { cancel } of deadlines.values()) cancel();
      deadlines.clear();
    },
  };
}
