import type { Clock } from "../base/ports.ts";
import type { Engine } from "../engine/engine.ts";
import { isStopped, rungsOf } from "../engine/override/ladder.ts";
import type { OverrideState, Rung } from "../engine/state.ts";
import type { StopMonitor, WatchedStop } from "../gateway/stop-monitor.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";

export interface OverrideLadderPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly monitor: () => StopMonitor;
  /** Sends a signal once more over every channel there is (OVR-3). */
  resend(claims: OverrideClaims, digest: string, agents: ReadonlySet<string>): void;
  /** Ends the worker an agent runs in, and has that recorded when it is gone. */
  endWorker(signal: string, agent: string): void;
  changed(): void;
}

export interface NextRung {
  readonly rung: Rung;
  readonly agents: number;
  readonly remainingMs: number;
}

/**
 * Climbs the escalation ladder for agents that are not where a signal wants them (override.md section c, OVR-33): one rung each
 * `deadline_ms` by the host's monotonic clock, each an entry of the log, until they are there or nothing is left to be done. An
 * acknowledgement ends the climb of who had not given one; who went on against an order is climbed for all the same.
 * Nothing of a stop waits for any of this.
 */
export interface OverrideLadder {
  /** What the log has of earlier climbs, when the host opens. */
  restore(signal: OverrideState): void;
  /** The compliance deadline of a signal is over. */
  deadline(signal: string): void;
  /** An agent went on against a signal: the first rung is taken at once. */
  violated(signal: string, agent: string): void;
  next(signal: string): NextRung | null;
  close(): void;
}

/** Agents that climb together: those of one signal that were due at one moment. */
interface Climb {
  readonly signal: string;
  readonly agents: ReadonlySet<string>;
  step: number;
  atMs: number;
  cancel: () => void;
}

const NOBODY: ReadonlySet<string> = new Set();

export function createOverrideLadder(ports: OverrideLadderPorts): OverrideLadder {
  const { engine, clock } = ports;
  const climbs = new Set<Climb>();
  /** By signal and agent, how many rungs were taken: nobody is climbed for twice at a time, or again from below. */
  const taken = new Map<string, number>();
  let closed = false;

  const key = (signal: string, agent: string): string => `${signal} ${agent}`;
  const isClimbing = (signal: string, agent: string): boolean =>
    [...climbs].some((climb) => climb.signal === signal && climb.agents.has(agent));

  const dueOf = (stop: WatchedStop, agents: Iterable<string>): string[] =>
    [...agents].filter((agent) => {
      const target = stop.targets.get(agent);
      if (target === undefined || ports.monitor().isOver(stop.claims.jti)) return false;
      // Who was to stop and has lost its worker has stopped, acknowledged or not.
      const ended = stop.claims.action === "stop" && target.terminatedMs !== null;
      return target.violatedMs !== null || (target.acknowledgedMs === null && target.verifiedMs === null && !ended);
    });

  /** An entry that says it. A stop that the log does not have yet comes first. */
  const record = async (signal: string, rung: Rung, agents: readonly string[]): Promise<void> => {
    const answer = await engine.submit({ kind: "override_rung", signal, rung, agents });
    const stop = ports.monitor().watched(signal);
    if (answer.ok || answer.error.code !== "override_not_found" || stop === undefined || closed) return;
    clock.after(stop.claims.deadline_ms, () => void record(signal, rung, agents));
  };

  const take = (stop: WatchedStop, rung: Rung, agents: readonly string[]): void => {
    const { claims, digest } = stop;
    if (rung === "resend") ports.resend(claims, digest, new Set(agents));
    if (rung === "isolate")
      for (const agent of agents)
        if (stop.targets.get(agent)?.terminatedMs === null) ports.endWorker(claims.jti, agent);
    void record(claims.jti, rung, agents);
  };

  /** Of an order that is no stop, those that are stopped, as the log has it. A stop waits for no reading. */
  const stoppedOf = (signal: string): Promise<ReadonlySet<string>> =>
    engine.read((state) => {
      const found = state.overrides.get(signal);
      const targets = found === undefined ? [] : [...found.targets.keys()];
      return new Set(targets.filter((agent) => found !== undefined && isStopped(state, found, agent)));
    });

  const climb = async (on: Climb): Promise<void> => {
    climbs.add(on);
    const stop = ports.monitor().watched(on.signal);
    const stopped = stop === undefined || stop.claims.action === "stop" ? NOBODY : await stoppedOf(on.signal);
    climbs.delete(on);
    if (stop === undefined || closed) return;
    const rungs = rungsOf(stop.claims);
    const rung = rungs[on.step];
    const agents = dueOf(stop, on.agents).filter(
      (agent) => !stopped.has(agent) || stop.targets.get(agent)?.violatedMs !== null,
    );
    if (rung === undefined || agents.length === 0) return;
    for (const agent of agents) taken.set(key(on.signal, agent), on.step + 1);
    take(stop, rung, agents);
    if (on.step + 1 < rungs.length)
      wait({ ...on, agents: new Set(agents), step: on.step + 1 }, stop.claims.deadline_ms);
    ports.changed();
  };

  const wait = (on: Climb, ms: number): void => {
    const next: Climb = { ...on, atMs: clock.monotonicMs() + ms };
    next.cancel = clock.after(ms, () => void climb(next));
    climbs.add(next);
  };

  /** Each begins on the rung after the last one that was taken for it. */
  const begin = (signal: string, agents: readonly string[]): void => {
    const bySteps = new Map<number, string[]>();
    for (const agent of agents) {
      if (isClimbing(signal, agent)) continue;
      const step = taken.get(key(signal, agent)) ?? 0;
      bySteps.set(step, [...(bySteps.get(step) ?? []), agent]);
    }
    for (const [step, together] of bySteps)
      void climb({ signal, agents: new Set(together), step, atMs: 0, cancel: () => undefined });
  };

  return {
    restore: ({ jti, claims, rungs }) => {
      const order = rungsOf(claims);
      for (const { rung, agents } of rungs)
        for (const agent of agents) taken.set(key(jti, agent), order.indexOf(rung) + 1);
    },
    deadline: (signal) => {
      const stop = ports.monitor().watched(signal);
      if (stop !== undefined) begin(signal, dueOf(stop, stop.targets.keys()));
    },
    violated: (signal, agent) => begin(signal, [agent]),
    next: (signal) => {
      const stop = ports.monitor().watched(signal);
      const first = [...climbs].filter((on) => on.signal === signal).sort((a, b) => a.atMs - b.atMs)[0];
      const rung = stop === undefined || first === undefined ? undefined : rungsOf(stop.claims)[first.step];
      if (stop === undefined || first === undefined || rung === undefined) return null;
      const agents = dueOf(stop, first.agents).length;
      return agents === 0 ? null : { rung, agents, remainingMs: Math.max(0, first.atMs - clock.monotonicMs()) };
    },
    close: () => {
      closed = true;
      for (const { cancel } of climbs) cancel();
      climbs.clear();
    },
  };
}
