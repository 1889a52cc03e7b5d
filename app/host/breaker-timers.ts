import type { Clock } from "../base/ports.ts";
import { dueMs } from "../engine/cascade/breakers.ts";
import { nextDomainDueMs } from "../engine/cascade/domain-due.ts";
import { domainKey } from "../engine/cascade/domains.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import type { State } from "../engine/state.ts";
import { createNamedTimers } from "./cascade-timers.ts";

/**
 * The timers of the circuit breakers and failure domains, by the host's monotonic clock: when an open period, a probe or an
 * isolation is over, that is stated in the log at once, so that whoever waits asks again and the screen sees it. Begun when
 * one moves, or with what is left of the time when the host opens again.
 */
export interface BreakerTimers {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms until a breaker moves by itself, or null. */
  remainingMs(breaker: string): number | null;
  close(): void;
}

export function createBreakerTimers(engine: Engine, clock: Clock): BreakerTimers {
  const breakers = createNamedTimers(clock, (breaker) => {
    void engine.submit({ kind: "breaker_due", breaker }).then((done) => {
      // The wall clock was set back meanwhile: the rest of the time is waited for.
      if (!done.ok && done.error.code === "breaker_state_invalid") void look([breaker], []);
    });
  });
  const domains = createNamedTimers(clock, (domain) => {
    void engine.submit({ kind: "domain_due", domain }).then((done) => {
      // Whatever was due, something else of it may be due later.
      if (done.ok || done.error.code === "domain_state_invalid") void look([], [domain]);
    });
  });

  /** Sets the timers of these, or of all, to what the state says. */
  const look = async (ofBreakers: readonly string[] | null, ofDomains: readonly string[] | null): Promise<void> => {
    const due = await engine.read((state) => ({
      breakers: [...(ofBreakers ?? state.breakers.keys())].map((id) => [id, breakerDueMs(state, id)] as const),
      domains: [...(ofDomains ?? state.domains.keys())].map((id) => [id, domainEndMs(state, id)] as const),
    }));
    breakers.set(due.breakers);
    domains.set(due.domains);
  };

  return {
    open: () => look(null, null),
    facts: (logged) => {
      const moved = logged.flatMap(({ fact }) => (fact.typ === "circuit-state+jwt" ? [fact.claims.breaker_id] : []));
      const judged = logged.flatMap(({ fact }) =>
        fact.typ === "record+jwt" && (fact.claims.kind === "domain_state" || fact.claims.kind === "queued")
          ? [domainKey(fact.claims.wid ?? "", String(fact.claims.data.domain))]
          : [],
      );
      const finished = logged.some(({ fact }) => fact.typ === "record+jwt" && fact.claims.kind === "run_finished");
      if (finished) void look([...breakers.names(), ...moved], [...domains.names(), ...judged]);
      else if (moved.length + judged.length > 0) void look(moved, judged);
    },
    remainingMs: breakers.remainingMs,
    close: () => {
      breakers.close();
      domains.close();
    },
  };
}

function breakerDueMs(state: State, id: string): number | null {
  const found = state.breakers.get(id);
  return found === undefined ? null : dueMs(found);
}

function domainEndMs(state: State, key: string): number | null {
  const found = state.domains.get(key);
  return found === undefined ? null : nextDomainDueMs(found);
}
