import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoggedFact } from "../engine/fact.ts";
import { waitUntil } from "./long-wait.ts";

/** What the director of re-enactments does for an agent that has no lease, or no link. */
export interface HeldAgents {
  /** Nothing new begins; tasks in `finishing` end, or those under way now where that is null. */
  suspend(hold: string, agent: string, finishing: ReadonlySet<string> | null): void;
  /** The hold is over; what was put off because of it is tried again. */
  free(hold: string, agent: string): void;
  /** It may have missed what it was given: that is given to it again. */
  again(agent: string): void;
  /** An agent was stopped by what the log says, without a signal. */
  stopped(): void;
}

/**
 * Carries leases and link-loss plans out as the log has them. A lease ends by the host's monotonic clock: begun when it is
 * logged, or with what is left of it when the host opens again. No tab keeps it where the host is a server (L6).
 */
export interface LivenessDirector {
  open(): Promise<void>;
  facts(logged: readonly LoggedFact[]): void;
  /** Ms until the lease of an agent runs out, or null. */
  leaseLeftMs(agent: string): number | null;
  close(): void;
}

const leaseHold = (agent: string): string => `lease ${agent}`;
const linkHold = (agent: string): string => `link ${agent}`;

export function createLivenessDirector(engine: Engine, clock: Clock, agents: HeldAgents): LivenessDirector {
  const timers = new Map<string, { readonly lease: string; readonly atMs: number; readonly cancel: () => void }>();

  const forget = (agent: string): void => {
    timers.get(agent)?.cancel();
    timers.delete(agent);
  };

  const begin = (agent: string, lease: string, until: number): void => {
    if (timers.get(agent)?.lease === lease) return;
    forget(agent);
    const atMs = clock.monotonicMs() + Math.max(0, until * 1000 - clock.nowMs());
    const cancel = waitUntil(clock, atMs, () => {
      if (timers.get(agent)?.lease === lease) timers.delete(agent);
      void engine.submit({ kind: "lease_due", agent, lease });
    });
    timers.set(agent, { lease, atMs, cancel });
  };

  /** Sets the timers to what the state says. */
  const look = async (): Promise<void> => {
    const running = await engine.read((state) =>
      [...state.liveness.values()].flatMap(({ agent, lease }) =>
        lease === null || lease.lapsed ? [] : [[agent, lease.jti, lease.until] as const],
      ),
    );
    const kept = new Set(running.map(([agent]) => agent));
    for (const agent of [...timers.keys()]) if (!kept.has(agent)) forget(agent);
    for (const [agent, lease, until] of running) begin(agent, lease, until);
  };

  /** A new start gives leases. A link that is lost still is: who is held for it stays held (S13). */
  const freeStarted = async (wid: string | undefined): Promise<void> => {
    const fresh = await engine.read((state) =>
      [...state.liveness.values()]
        .filter((found) => found.wid === wid)
        .map(({ agent, link }) => ({ agent, isLost: link !== null })),
    );
    for (const { agent, isLost } of fresh) {
      agents.free(leaseHold(agent), agent);
      if (!isLost) agents.free(linkHold(agent), agent);
    }
  };

  return {
    open: async () => {
      const held = await engine.read((state) =>
        [...state.liveness.values()].flatMap(({ agent, lease, link, plan }) => [
          ...(lease?.lapsed === true ? [[leaseHold(agent), agent, new Set(lease.finishing)] as const] : []),
          ...(link?.stage === "planned" && plan.do !== "continue"
            ? [[linkHold(agent), agent, new Set(link.finishing)] as const]
            : []),
        ]),
      );
      for (const [hold, agent, finishing] of held) agents.suspend(hold, agent, finishing);
      await look();
    },
    facts: (logged) => {
      let changed = false;
      for (const { fact } of logged) {
        if (fact.typ === "lease+jwt") {
          changed = true;
          agents.free(leaseHold(fact.claims.agent), fact.claims.agent);
        } else if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") {
          changed = true;
          void freeStarted(fact.claims.wid);
        } else if (fact.typ === "record+jwt") {
          const { kind, data } = fact.claims;
          const agent = String(data.agent);
          if (kind === "run_finished") changed = true;
          else if (kind === "lease_ended") agents.suspend(leaseHold(agent), agent, null);
          else if (kind === "link_returned") {
            agents.free(linkHold(agent), agent);
            agents.again(agent);
          } else if (kind === "link_lost" && data.stage === "planned") {
            if (data.plan === "safe_stop") agents.stopped();
            else if (data.plan !== "continue") agents.suspend(linkHold(agent), agent, null);
          }
        }
      }
      if (changed) void look();
    },
    leaseLeftMs: (agent) => {
      const timer = timers.get(agent);
      return timer === undefined ? null : Math.max(0, timer.atMs - clock.monotonicMs());
    },
    close: () => {
      for (const agent of [...timers.keys()]) forget(agent);
    },
  };
}
