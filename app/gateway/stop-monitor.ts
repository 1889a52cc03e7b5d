import type { Clock } from "../base/ports.ts";
import type { LoggedFact } from "../engine/fact.ts";
import type { OverrideState } from "../engine/state.ts";
import type { OverrideAckClaims, OverrideClaims } from "../protocol/override/claims.ts";
import { carriesOut, endedSignal, graceMs, isDrill, pauseMode } from "../protocol/override/params.ts";

/** Times of what is known about one target of a signal, host wall clock ms; null = not (yet). */
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
  /** The stop itself; null where the log has it: of every order, and after the host was opened again. */
  readonly token: string | null;
  /** Of an orderly stop, from when its time is over, when that was. */
  latchedMs: number;
  /** An orderly stop whose time is not over: what it lets end goes on. */
  stopping: boolean;
  recorded: boolean;
  effectsRefused: number;
  readonly targets: Map<string, TargetTimes>;
  /** Tasks of a taken over agent that an operator carries out: calls for them are no violation. */
  readonly carried: Set<string>;
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
  /** The compliance deadline of a signal is over, and what could be judged is. */
  deadline(signal: string): void;
  changed(): void;
}

/**
 * Watches whether a stop, a pause or a takeover was really obeyed (O2): what the enforcement point saw since, and what the worker shows, never
 * the agent's word alone. Commanded, acknowledged, verified and violated stay four separate facts (S7, OVR-19).
 */
export interface StopMonitor {
  latched(claims: OverrideClaims, digest: string, token: string): void;
  /** An order that is no stop is in the log: its targets are heard of from now on. */
  ordered(claims: OverrideClaims, digest: string): void;
  /** What the log says of ends: of a signal whose time is over nothing is watched any more. */
  facts(logged: readonly LoggedFact[]): void;
  /** The log has agents in the scope of a stop that were not told with the others: watched from now on. Gives those. */
  joined(signal: string, agents: readonly string[]): readonly string[];
  /** The time of an orderly stop is over: who had not ended by then is told anew, and has the deadline of a stop. */
  graceOver(signal: string): void;
  delivered(signal: string, agent: string): void;
  acknowledged(ack: OverrideAckClaims): void;
  terminated(signal: string, agent: string): void;
  recorded(signal: string): void;
  /** Takes up a stop of the log that is still latched after the host was opened again: its open targets get their verdict. */
  restored(signal: OverrideState): void;
  refusedEffect(signal: string, agent: string): void;
  /**
   * An agent did something for a task; a violation when it had acknowledged, or its deadline was over. Of the signals in
   * `excused` it is none, whatever has been heard since.
   */
  sawCall(agent: string, what: string, jti: string, task: string, excused?: ReadonlySet<string>): void;
  /** The signals an agent may still be on its way to obey: what it has sent by now is no violation of those. */
  inGrace(agent: string): ReadonlySet<string>;
  targetsOf(signal: string): readonly TargetTimes[];
  watched(signal: string): WatchedStop | undefined;
  all(): readonly WatchedStop[];
  released(signal: string): void;
  /** Nothing is watched of it any more. */
  isOver(signal: string): boolean;
}

export function createStopMonitor(ports: StopMonitorPorts): StopMonitor {
  const { clock } = ports;
  const stops = new Map<string, WatchedStop>();
  const over = new Set<string>();

  /** What it may take its time for is judged when it says that it has got there, not when it should begin nothing new. */
  const takesTime = ({ claims, stopping }: WatchedStop): boolean =>
    stopping || claims.action === "rollback" || pauseMode(claims) === "after_task";

  /** After `ms` each of them is judged, and whoever follows the signal further hears of it. */
  const judgeAfter = (ms: number, stop: WatchedStop, targets: () => Iterable<TargetTimes>): void => {
    clock.after(ms, () => {
      for (const target of targets()) judge(stop, target);
      ports.deadline(stop.claims.jti);
    });
  };

  const isInGrace = (stop: WatchedStop, target: TargetTimes | undefined): boolean =>
    target !== undefined &&
    target.acknowledgedMs === null &&
    clock.nowMs() - (target.sentMs ?? stop.latchedMs) <= stop.claims.deadline_ms;

  const judge = (stop: WatchedStop, target: TargetTimes): void => {
    if (target.violatedMs !== null || target.verifiedMs !== null || over.has(stop.claims.jti)) return;
    if (!halts(stop.claims)) return;
    if (takesTime(stop) && target.compliedMs === null) return;
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
      verdict: !takesTime(stop) && reachedMs - stop.latchedMs > stop.claims.deadline_ms ? "late" : "compliant",
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

  const violated = (stop: WatchedStop, target: TargetTimes, observed: Verdict["observed"][number]): void => {
    const nowMs = clock.nowMs();
    target.violatedMs = nowMs;
    target.verifiedMs = null;
    ports.verdict({
      signal: stop.claims.jti,
      agent: target.agent,
      verdict: "violated",
      observed: [observed],
      latencyMs: nowMs - stop.latchedMs,
    });
    ports.changed();
  };

  const watch = (claims: OverrideClaims, digest: string, token: string | null): void => {
    const nowMs = clock.nowMs();
    const targets = new Map(ports.targets(claims).map((agent) => [agent, toldAt(agent, nowMs)]));
    const stop: WatchedStop = {
      claims,
      digest,
      token,
      latchedMs: nowMs,
      stopping: token === null && graceMs(claims) !== null,
      recorded: token === null,
      effectsRefused: 0,
      targets,
      carried: new Set(),
    };
    stops.set(claims.jti, stop);
    judgeAfter(claims.deadline_ms, stop, () => targets.values());
    ports.changed();
  };

  return {
    latched: watch,
    ordered: (claims, digest) => watch(claims, digest, null),
    facts: (logged) => {
      for (const { fact } of logged) {
        if (fact.typ === "override+jwt") {
          const of = endedSignal(fact.claims);
          const ended = stops.get(of ?? "");
          if (ended !== undefined && carriesOut(fact.claims, ended.claims)) ended.carried.add(fact.claims.scope.id);
          // A released takeover still holds, as a pause.
          else if (ended?.claims.action === "takeover" && fact.claims.action === "release") ended.carried.clear();
          else if (of !== null) over.add(of);
          if (fact.claims.supersedes !== undefined) over.add(fact.claims.supersedes);
        } else if (fact.typ === "record+jwt" && fact.claims.kind === "override_ended") {
          const signal = String(fact.claims.data.signal);
          if (fact.claims.data.to === "ended") over.add(signal);
          else stops.get(signal)?.carried.clear();
        }
      }
    },
    joined: (signal, agents) => {
      const stop = stops.get(signal);
      const late = stop === undefined ? [] : agents.filter((agent) => !stop.targets.has(agent));
      if (stop === undefined || late.length === 0) return [];
      const joining = late.map((agent) => toldAt(agent, clock.nowMs()));
      for (const target of joining) stop.targets.set(target.agent, target);
      judgeAfter(stop.claims.deadline_ms, stop, () => joining);
      ports.changed();
      return late;
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
        stopping: signal.stopping,
        recorded: true,
        effectsRefused: signal.effectsRefused,
        targets,
        carried: new Set(signal.lapsed ? [] : signal.carried.keys()),
      };
      stops.set(signal.jti, stop);
      const dueMs = Math.max(0, stop.latchedMs + signal.claims.deadline_ms - clock.nowMs());
      clock.after(dueMs, () => {
        for (const target of targets.values()) judge(stop, target);
      });
      // Agents that run here again are told again: they have their whole time to say so before anything follows.
      clock.after(signal.claims.deadline_ms, () => ports.deadline(signal.jti));
    },
    graceOver: (signal) => {
      const stop = stops.get(signal);
      if (stop?.stopping !== true) return;
      const nowMs = clock.nowMs();
      stop.stopping = false;
      stop.latchedMs = nowMs;
      for (const target of stop.targets.values())
        if (target.compliedMs === null)
          Object.assign(target, {
            sentMs: nowMs,
            deliveredMs: null,
            acknowledgedMs: null,
          } satisfies Partial<TargetTimes>);
      judgeAfter(stop.claims.deadline_ms, stop, () => stop.targets.values());
      ports.changed();
    },
    delivered: (signal, agent) => {
      const target = stops.get(signal)?.targets.get(agent);
      if (target !== undefined) target.deliveredMs ??= clock.nowMs();
    },
    acknowledged: (ack) => {
      const watched = stops.get(ack.signal.jti);
      const target = watched?.targets.get(ack.iss);
      // Of something else that it was given by that name, it says nothing of this.
      if (target === undefined || watched?.digest !== ack.signal.hash) return;
      target.deliveredMs ??= clock.nowMs();
      target.acknowledgedMs ??= clock.nowMs();
      const saysNo = ack.stage === "refused" || ack.stage === "failed";
      // OVR-9: an order cannot be refused. That it says so is the violation.
      if (saysNo && watched !== undefined && watched.claims.level !== "advisory" && target.violatedMs === null)
        violated(watched, target, {
          kind: "heartbeat",
          at: ack.at,
          detail: `it answered "${ack.stage}" to an order`,
          jti: ack.jti,
        });
      if (ack.stage === "complied") {
        target.compliedMs ??= clock.nowMs();
        const stop = stops.get(ack.signal.jti);
        const due = stop !== undefined && clock.nowMs() - stop.latchedMs >= stop.claims.deadline_ms;
        if (stop !== undefined && due && takesTime(stop)) judge(stop, target);
      }
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
    inGrace: (agent) =>
      new Set(
        [...stops.values()].filter((stop) => isInGrace(stop, stop.targets.get(agent))).map(({ claims }) => claims.jti),
      ),
    sawCall: (agent, what, jti, task, excused) => {
      for (const stop of stops.values()) {
        const target = stop.targets.get(agent);
        if (!halts(stop.claims) || stop.carried.has(task)) continue;
        // An order about one task says nothing about the others; a stop of one halts its agent.
        if (stop.claims.action !== "stop" && stop.claims.scope.kind === "task" && stop.claims.scope.id !== task)
          continue;
        if (target === undefined || over.has(stop.claims.jti) || target.violatedMs !== null) continue;
        if (excused?.has(stop.claims.jti) === true || isInGrace(stop, target)) continue;
        const at = Math.floor(clock.nowMs() / 1000);
        violated(stop, target, { kind: "ect", at, detail: `after the ${stop.claims.action} it ${what}`, jti });
      }
    },
    targetsOf: (signal) => [...(stops.get(signal)?.targets.values() ?? [])],
    watched: (signal) => stops.get(signal),
    all: () => [...stops.values()],
    released: (signal) => {
      over.add(signal);
    },
    isOver: (signal) => over.has(signal),
  };
}

const toldAt = (agent: string, sentMs: number): TargetTimes => ({
  agent,
  sentMs,
  deliveredMs: null,
  acknowledgedMs: null,
  compliedMs: null,
  verifiedMs: null,
  violatedMs: null,
  terminatedMs: null,
});

/** Orders after which a call of the agent is a violation. */
const HALTING: ReadonlySet<string> = new Set(["stop", "pause", "takeover", "rollback"]);
const halts = (claims: OverrideClaims): boolean => HALTING.has(claims.action) && !isDrill(claims);
