import type { AgentPool } from "../agents/messages.ts";
import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import type { StopMonitor } from "../gateway/stop-monitor.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import type { Conductor } from "./conductor.ts";

export interface StopAgentsPorts {
  readonly pool: AgentPool;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly monitor: StopMonitor;
  readonly conductor: Conductor;
  /** Whether a stop has not been released since. */
  holds(signal: string): boolean;
}

/** After this long without its acknowledgement an agent's worker is ended (design: what the machine taught). */
const TERMINATE_AFTER_MS = 250;

/**
 * Carries a latched stop to the agents: the flag is raised and the signal sent at once; what has not acknowledged after
 * 250 ms has its worker ended, which is recorded when it is gone and not before (S7). A stop that was released meanwhile ends
 * nothing any more; where a worker was being ended when its agent was started again, the agent gets another one.
 */
export function stopAgents(
  ports: StopAgentsPorts,
  claims: OverrideClaims,
  digest: string,
  agents: readonly string[],
): void {
  const { clock, monitor, holds } = ports;
  const latchedMs = clock.monotonicMs();
  tellStop(ports.pool, claims, digest, agents);
  clock.after(TERMINATE_AFTER_MS, () => {
    if (!holds(claims.jti)) return;
    for (const target of monitor.targetsOf(claims.jti)) {
      if (target.acknowledgedMs !== null || !agents.includes(target.agent)) continue;
      endWorker(ports, claims.jti, target.agent, latchedMs);
    }
  });
}

/** Over both channels there are: the flag in shared memory, and the signal itself. */
export function tellStop(pool: AgentPool, claims: OverrideClaims, digest: string, agents: Iterable<string>): void {
  const told = [...agents];
  for (const agent of told) pool.flag(agent);
  for (const agent of told)
    pool.send({ t: "stop", agent, signal: { jti: claims.jti, hash: digest }, operator: claims.iss });
}

/** Ends the worker of one agent because of a signal that came at `sinceMs` (monotonic). */
export function endWorker(
  { pool, clock, engine, monitor, conductor, holds }: StopAgentsPorts,
  signal: string,
  agent: string,
  sinceMs: number,
): void {
  void pool.terminate(agent).then((moved) => {
    monitor.terminated(signal, agent);
    conductor.rehoused(moved);
    if (!holds(signal)) conductor.lost(agent);
    return engine.submit({ kind: "agent_terminated", signal, agent, latencyMs: clock.monotonicMs() - sinceMs });
  });
}
