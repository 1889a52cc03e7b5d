import type { Clock } from "../base/ports.ts";
import type { OverrideState } from "../engine/state.ts";
import type { OverrideAckClaims, OverrideClaims } from "../protocol/override/claims.ts";

/** Times of what is known about one target of a stop, host wall clock ms; null = not (yet). */
export interface TargetTimes {
  readonly agent: string;
  sentMs: number | null;
  deliveredMs: number | null;
  acknowledgedMs: number | null;
  compliedMs: number | null;
  verifiedMs: number | null;
  violatedMs: number | null;
  terminatedMs: number | null;
}

export interface WatchedStop {
  readonly claims: OverrideClaims;
  readonly digest: string;
  /** The signal itself; null after the host was opened again: the log has it. */
  readonly token: string | null;
  readonly latchedMs: number;
  recorded: boolean;
  effectsRefused: number;
  readonly targets: Map<string, TargetTimes>;
}

export interface Verdict {
  readonly signal: string;
  readonly agent: string;
  readonly verdict: "compliant" | "late" | "violated" | "unverifiable";
  readonly observed: readonly {
    kind: "ect" | "network" | "resource" | "heartbeat";
    at: number;
    detail: string;
    jti?: string;
  }[];
  readonly latencyMs: number;
}

export interface StopMonitorPorts {
  readonly clock: Clock;
  /** Agents a scope reaches now, from the agents that run here: whom to tell and to hear from. */
  targets(claims: OverrideClaims): readonly string[];
  /** Whether the agent's worker shows it idle or gone: evidence that is not the agent's word. */
  observe(agent: string): { readonly halted: boolean; readonly detail: string };
  verdict(verdict: Verdict): void;
  changed(): void;
}

/**
 * Watches whether a stop was really obeyed (O2): what the enforcement point saw since, and what the worker shows, never
 * the agent's word alone. Commanded, acknowledged, verified and violated stay four separate facts (S7, OVR-19).
 */
export interface StopMonitor {
  latched(claims: OverrideClaims, digest: string, token: string): void;
  delivered(signal: string, agent: string): void;
  acknowledged(ack: OverrideAckClaims): void;
  terminated(signal: string, agent: string): void;
  recorded(signal: string): void;
  /** Takes up a stop of the log that is still latched after the host was opened again: its open targets get their verdict. */
  restored(signal: OverrideState): void;
  refusedEffect(signal: string, agent: string): void;
  /** An agent did something; a violation when it had acknowledged, or its deadline was over. */
  sawCall(agent: string, what: string, jti: string): void;
  targetsOf(signal: string): readonly TargetTimes[];
  watched(signal: string): WatchedStop | undefined;
  all(): readonly WatchedStop[];
  released(signal: string): void;
}

export function createStopMonitor(ports: StopMonitorPorts): StopMonitor {
  const { clock } = ports;
  const stops = new Map<string, WatchedStop>();
  const over = new Set<string>();

  const judge = (stop: WatchedStop, target: TargetTimes): void => {
    if (target.violatedMs !== null || target.verifiedMs !== null || over.has(stop.claims.jti)) return;
    const seen = ports.observe(target.agent);
    const nowMs = clock.nowMs();
    const at = Math.floor(nowMs / 1000);
    if (!seen.halted) {
      ports.verdict({
        signal: stop.claims.jti,
        agent: target.agent,
        verdict: "unverifiable",
        observed: [{ kind: "heartbeat", at, detail: seen.detail }],
        latencyMs: nowMs - stop.latchedMs,
      });
      return;
    }
    target.verifiedMs = nowMs;
    const reachedMs = target.compliedMs ?? target.terminatedMs ?? nowMs;
    ports.verdict({
      signal: stop.claims.jti,
      agent: target.agent,
      verdict: reachedMs - stop.latchedMs > stop.claims.deadline_ms ? "late" : "compliant",
      observed: [
        {
          kind: "ect",
          at,
          detail: "no call, effect or ECT reached the enforcement point after its acknowledgement or deadline",
        },
        { kind: target.terminatedMs === null ? "heartbeat" : "resource", at, detail: seen.detail },
      ],
      latencyMs: reachedMs - stop.latchedMs,
    });
    ports.changed();
  };

  return {
    latched: (claims, digest, token) => {
      const nowMs = clock.nowMs();
      const targets = new Map<string, TargetTimes>();
      for (const agent of ports.targets(claims)) {
        targets.set(agent, {
          agent,
          sentMs: nowMs,
          deliveredMs: null,
          acknowledgedMs: null,
          compliedMs: null,
          verifiedMs: null,
          violatedMs: null,
          terminatedMs: null,
        });
      }
      const stop: WatchedStop = {
        claims,
        digest,
        token,
        latchedMs: nowMs,
        recorded: false,
        effectsRefused: 0,
        targets,
      };
      stops.set(claims.jti, stop);
      clock.after(claims.deadline_ms, () => {
        for (const target of targets.values()) judge(stop, target);
      });
      ports.changed();
    },
    restored: (signal) => {
      const ms = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
      const targets = new Map<string, TargetTimes>();
      for (const target of signal.targets.values()) {
        const obeyed = target.verdict === "compliant" || target.verdict === "late";
        targets.set(target.agent, {
          agent: target.agent,
          sentMs: null,
          deliveredMs: null,
          acknowledgedMs: ms(target.acknowledgedAt),
          compliedMs: target.complied ? ms(target.acknowledgedAt) : null,
          verifiedMs: obeyed ? ms(target.verdictAt) : null,
          violatedMs: target.verdict === "violated" ? ms(target.verdictAt) : null,
          terminatedMs: ms(target.terminatedAt),
        });
      }
      const stop: WatchedStop = {
        claims: signal.claims,
        digest: signal.hash,
        token: null,
        latchedMs: signal.at * 1000,
        recorded: true,
        effectsRefused: signal.effectsRefused,
        targets,
      };
      stops.set(signal.jti, stop);
      const dueMs = Math.max(0, stop.latchedMs + signal.claims.deadline_ms - clock.nowMs());
      clock.after(dueMs, () => {
        for (const target of targets.values()) judge(stop, target);
      });
    },
    delivered: (signal, agent) => {
      const target = stops.get(signal)?.targets.get(agent);
      if (target !== undefined) target.deliveredMs ??= clock.nowMs();
    },
    acknowledged: (ack) => {
      const target = stops.get(ack.signal.jti)?.targets.get(ack.iss);
      if (target === undefined) return;
      target.deliveredMs ??= clock.nowMs();
      target.acknowledgedMs ??= clock.nowMs();
      if (ack.stage === "complied") target.compliedMs ??= clock.nowMs();
      ports.changed();
    },
    terminated: (signal, agent) => {
      const target = stops.get(signal)?.targets.get(agent);
      if (target !== undefined) target.terminatedMs ??= clock.nowMs();
      ports.changed();
    },
    recorded: (signal) => {
      const stop = stops.get(signal);
      if (stop !== undefined) stop.recorded = true;
    },
    refusedEffect: (signal) => {
      const stop = stops.get(signal);
      if (stop !== undefined) stop.effectsRefused += 1;
    },
    sawCall: (agent, what, jti) => {
      for (const stop of stops.values()) {
        const target = stop.targets.get(agent);
        if (target === undefined || over.has(stop.claims.jti) || target.violatedMs !== null) continue;
        const nowMs = clock.nowMs();
        const grace = target.acknowledgedMs === null && nowMs - stop.latchedMs <= stop.claims.deadline_ms;
        if (grace) continue;
        target.violatedMs = nowMs;
        target.verifiedMs = null;
        const at = Math.floor(nowMs / 1000);
        ports.verdict({
          signal: stop.claims.jti,
          agent,
          verdict: "violated",
          observed: [{ kind: "ect", at, detail: `after the stop it ${what}`, jti }],
          latencyMs: nowMs - stop.latchedMs,
        });
        ports.changed();
      }
    },
    targetsOf: (signal) => [...(stops.get(signal)?.targets.values() ?? [])],
    watched: (signal) => stops.get(signal),
    all: () => [...stops.values()],
    released: (signal) => {
      over.add(signal);
    },
  };
}
