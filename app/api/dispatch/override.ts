import type { OverrideState, TargetState } from "../../engine/state.ts";
import type { TargetTimes, WatchedStop } from "../../gateway/stop-monitor.ts";
import type { OverrideSignal } from "../contract/override.ts";
import { api, positionOf, valueOr } from "./base.ts";

export const overrideOperations = {
  signal: api.override.signal.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await host.gateway.signal(input.token), errors),
  ),

  list: api.override.list.handler(async ({ context: { host } }) => {
    const names = await host.engine.read(
      (state) => new Map([...state.keys.values()].map((key) => [key.subject, key.name])),
    );
    const nameOf = (agent: string): string => names.get(agent) ?? agent;
    const logged = await host.engine.read((state) =>
      [...state.overrides.values()].map((signal) => fromLog(signal, host.monitor.watched(signal.jti), nameOf)),
    );
    const known = new Set(logged.map((signal) => signal.jti));
    const unlogged = host.monitor
      .all()
      .filter((stop) => !known.has(stop.claims.jti))
      .map((stop) => fromMonitor(stop, nameOf));
    const signals = [...unlogged, ...logged].sort((a, b) => b.at - a.at || (b.seq ?? Infinity) - (a.seq ?? Infinity));
    return { position: await positionOf(host), signals, latched: host.gateway.latches.all().length };
  }),
};

function fromLog(
  signal: OverrideState,
  watched: WatchedStop | undefined,
  nameOf: (agent: string) => string,
): OverrideSignal {
  const targets = [...signal.targets.values()].map((target) =>
    targetFacts(target.agent, nameOf(target.agent), target, watched?.targets.get(target.agent)),
  );
  const { claims } = signal;
  return {
    jti: signal.jti,
    seq: signal.seq,
    action: claims.action,
    level: claims.level,
    scope: claims.scope,
    reason: claims.reason,
    by: claims.iss,
    at: signal.at,
    ...(signal.code === null ? {} : { code: signal.code }),
    latched: signal.latched,
    released: signal.released === null ? null : { ...signal.released },
    targets,
    effectsRefused: Math.max(signal.effectsRefused, watched?.effectsRefused ?? 0),
  };
}

/** A stop that holds although the log does not have it (yet): said as such by its missing number (INV-3). */
function fromMonitor(stop: WatchedStop, nameOf: (agent: string) => string): OverrideSignal {
  const { claims } = stop;
  return {
    jti: claims.jti,
    seq: null,
    action: claims.action,
    level: claims.level,
    scope: claims.scope,
    reason: claims.reason,
    by: claims.iss,
    at: Math.floor(stop.latchedMs / 1000),
    latched: true,
    released: null,
    targets: [...stop.targets.values()].map((times) => targetFacts(times.agent, nameOf(times.agent), undefined, times)),
    effectsRefused: stop.effectsRefused,
  };
}

const ms = (seconds: number | null | undefined): number | null =>
  seconds === null || seconds === undefined ? null : seconds * 1000;

/** Separate facts, each from who knows it best: the monitor's milliseconds while it runs, the log's seconds afterwards. */
function targetFacts(
  agent: string,
  name: string,
  logged: TargetState | undefined,
  times: TargetTimes | undefined,
): OverrideSignal["targets"][number] {
  const verdict = logged?.verdict ?? null;
  const violatedAtMs = times?.violatedMs ?? (verdict === "violated" ? ms(logged?.verdictAt) : null);
  const obeyed = verdict === "compliant" || verdict === "late";
  const verifiedAtMs = violatedAtMs !== null ? null : (times?.verifiedMs ?? (obeyed ? ms(logged?.verdictAt) : null));
  const acknowledgedAtMs = times?.acknowledgedMs ?? ms(logged?.acknowledgedAt);
  const facts = {
    agent,
    name,
    sentAtMs: times?.sentMs ?? null,
    deliveredAtMs: times?.deliveredMs ?? null,
    acknowledgedAtMs,
    compliedAtMs: times?.compliedMs ?? (logged?.complied === true ? ms(logged.acknowledgedAt) : null),
    verifiedAtMs,
    violatedAtMs,
    terminatedAtMs: times?.terminatedMs ?? ms(logged?.terminatedAt),
  };
  const status =
    violatedAtMs !== null
      ? "violated"
      : verifiedAtMs !== null
        ? "verified"
        : verdict === "unverifiable"
          ? "unconfirmed"
          : acknowledgedAtMs !== null
            ? "acknowledged"
            : "commanded";
  return { ...facts, status, detail: logged?.detail ?? "" };
}
