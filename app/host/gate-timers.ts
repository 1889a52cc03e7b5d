import type { Clock } from "../base/ports.ts";
import type { Command } from "../engine/command.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { REVIEW_WITHIN_S } from "../engine/gate/break-glass.ts";
import { waitUntil } from "./long-wait.ts";

/**
 * Deadlines and escalations of open gates, and the day within which an approval given alone is reviewed (D6), by the host's
 * monotonic clock (ACP-S6): started when the token is logged, or with what is left of the time when the host opens again.
 * Nobody answering never means yes (ACP-10); nobody reviewing is said in the log.
 */
export interface GateTimers {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms left of a pending request, or null. */
  remainingMs(request: string): number | null;
  close(): void;
}

/** What a gate is due for, in seconds after it was opened. */
interface Due {
  readonly openedAt: number;
  readonly timeoutS: number;
  /** The next step of the escalation, or null. */
  readonly step: { readonly at: number; readonly afterS: number } | null;
}

interface Timer {
  readonly atMs: number;
  readonly cancel: () => void;
}

export function createGateTimers(engine: Engine, clock: Clock): GateTimers {
  const deadlines = new Map<string, Timer>();
  const steps = new Map<string, Timer>();
  /** Approvals given alone and not reviewed yet, by request. */
  const reviews = new Map<string, Timer>();
  /** Monotonic ms at which each request was opened. */
  const opened = new Map<string, number>();

  const set = (timers: Map<string, Timer>, request: string, delayMs: number, command: Command): void => {
    timers.get(request)?.cancel();
    const atMs = clock.monotonicMs() + delayMs;
    const timer: Timer = {
      atMs,
      cancel: waitUntil(clock, atMs, () => {
        void engine.submit(command).finally(() => {
          if (timers.get(request) === timer) timers.delete(request);
        });
      }),
    };
    timers.set(request, timer);
  };

  /** `elapsedMs` of the gate's time have passed. */
  const schedule = (request: string, due: Due, elapsedMs: number): void => {
    set(deadlines, request, Math.max(0, due.timeoutS * 1000 - elapsedMs), { kind: "gate_deadline", request });
    if (due.step !== null) {
      const delayMs = Math.max(0, due.step.afterS * 1000 - elapsedMs);
      set(steps, request, delayMs, { kind: "gate_escalation", request, step: due.step.at });
    }
  };

  const dueOf = (request: string): Promise<Due | null> =>
    engine.read((state) => {
      const gate = state.gates.get(request);
      if (gate === undefined || gate.status !== "pending") return null;
      const at = gate.escalated.length;
      const next = gate.escalation[at];
      const { openedAt, timeoutS } = gate;
      return { openedAt, timeoutS, step: next === undefined ? null : { at, afterS: next.afterS } };
    });

  /** Also again, after somebody else was asked. `elapsedOf` says how long ago a gate not seen before was opened. */
  const begin = async (request: string, elapsedOf: (due: Due) => number): Promise<void> => {
    const due = await dueOf(request);
    if (due === null) return;
    const since = opened.get(request) ?? clock.monotonicMs() - elapsedOf(due);
    opened.set(request, since);
    schedule(request, due, clock.monotonicMs() - since);
  };
  const byWallClock = (due: Due): number => clock.nowMs() - due.openedAt * 1000;

  const review = (request: string, delayMs: number): void =>
    set(reviews, request, Math.max(0, delayMs), { kind: "review_due", request });

  /** The gate is settled; that its approval is to be reviewed stays. */
  const forget = (request: string): void => {
    opened.delete(request);
    for (const timers of [deadlines, steps]) {
      timers.get(request)?.cancel();
      timers.delete(request);
    }
  };

  return {
    open: async () => {
      const pending = await engine.read((state) =>
        [...state.gates.values()].filter((gate) => gate.status === "pending").map((gate) => gate.request),
      );
      for (const request of pending) await begin(request, byWallClock);
      const unreviewed = await engine.read((state) =>
        [...state.gates.values()].flatMap(({ request, breakGlass }) =>
          breakGlass === null || breakGlass.review !== null || breakGlass.overdue
            ? []
            : [[request, breakGlass.dueAt] as const],
        ),
      );
      for (const [request, dueAt] of unreviewed) review(request, dueAt * 1000 - clock.nowMs());
    },
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ === "hitl-request+jwt") void begin(fact.claims.jti, () => 0);
        else if (fact.typ === "record+jwt" && typeof fact.claims.data.request === "string") {
          const { request } = fact.claims.data;
          // Somebody else is asked: the next step, and a deadline that begins anew where it was the deadline that did it.
          if (fact.claims.kind === "gate_escalated") void begin(request, byWallClock);
          else forget(request);
        } else if (fact.typ === "hitl-decision+jwt") {
          const { request, outcome, break_glass } = fact.claims;
          if (break_glass === true) review(request.jti, REVIEW_WITHIN_S * 1000);
          if (outcome === "escalate") void begin(request.jti, byWallClock);
          else if (outcome !== "approve") forget(request.jti);
        } else if (fact.typ === "hitl-withdrawal+jwt") {
          forget(fact.claims.request.jti);
        } else if (fact.typ === "hitl-review+jwt") {
          reviews.get(fact.claims.request.jti)?.cancel();
          reviews.delete(fact.claims.request.jti);
        }
      }
    },
    remainingMs: (request) => {
      const deadline = deadlines.get(request);
      return deadline === undefined ? null : Math.max(0, deadline.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const timers of [deadlines, steps, reviews]) {
        for (const { cancel } of timers.values()) cancel();
        timers.clear();
      }
    },
  };
}
