import { err } from "../../base/result.ts";
import { type AgentState, agentState, heldBy, unfinished } from "../../engine/override/hold.ts";
import { changesFor, limitsOf, type NodeLimits } from "../../engine/override/limits.ts";
import { reaches } from "../../engine/override/scope.ts";
import type { OverrideState, State, TargetState, WorkflowState } from "../../engine/state.ts";
import { workflowOfAgent } from "../../engine/workflow/evolve.ts";
import type { TargetTimes, WatchedStop } from "../../gateway/stop-monitor.ts";
import type { Host } from "../../host/open-host.ts";
import type { HitlRule } from "../../protocol/acp/claims.ts";
import type { EffectiveConstraint } from "../../protocol/acp/compile-policy.ts";
import { CONSTRAINT_NAMES, type ConstraintValue } from "../../protocol/acp/narrow.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { OverrideClaims } from "../../protocol/override/claims.ts";
import { isDrill } from "../../protocol/override/params.ts";
import type { OverrideSignal } from "../contract/override.ts";
import { asOf } from "./as-of.ts";
import { api, positionOf, valueOr } from "./base.ts";

export const overrideOperations = {
  signal: api.override.signal.handler(async ({ context: { host }, input, errors }) =>
    valueOr(await host.gateway.signal(input.token), errors),
  ),

  list: api.override.list.use(asOf).handler(async ({ context: { host } }) => {
    const position = await positionOf(host);
    // Read last and at once: what the monitor has seen must not grow old on its way while the log is slow (S7).
    const { logged, nameOf } = await host.engine.read((state) => {
      const names = new Map([...state.keys.values()].map((key) => [key.subject, key.name]));
      const name = (agent: string): string => names.get(agent) ?? agent;
      // Many signals are about the same agents.
      const seen = new Map<string, Standing>();
      const standing = (agent: string): Standing => {
        const known = seen.get(agent) ?? standingOf(state, state.workflows.get(workflowOfAgent(agent) ?? ""), agent);
        seen.set(agent, known);
        return known;
      };
      const signals = [...state.overrides.values()].map((signal) => fromLog(signal, host, name, standing));
      return { logged: signals, nameOf: name };
    });
    const known = new Set(logged.map((signal) => signal.jti));
    const unlogged = host.monitor
      .all()
      .filter((stop) => !known.has(stop.claims.jti))
      .map((stop) => fromMonitor(stop, nameOf));
    const signals = [...unlogged, ...logged].sort((a, b) => b.at - a.at || (b.seq ?? Infinity) - (a.seq ?? Infinity));
    const latched = host.asOf === null ? host.gateway.latches.all() : signals.filter((signal) => signal.latched);
    return { position, signals, latched: latched.length };
  }),

  agents: api.override.agents.use(asOf).handler(async ({ context: { host }, input }) => {
    const agents = await host.engine.read((state) => {
      const names = new Map([...state.keys.values()].map((key) => [key.subject, key.name]));
      return [...state.workflows.values()]
        .filter(({ wid, status }) => (input.wid === undefined ? status !== "finished" : wid === input.wid))
        .flatMap((workflow) =>
          workflow.agents.map((agent) => ({
            agent,
            name: names.get(agent) ?? agent,
            wid: workflow.wid,
            ...signalsOn(state, workflow, agent),
            ...standingOf(state, workflow, agent),
          })),
        );
    });
    return { position: await positionOf(host), agents };
  }),

  due: api.override.due.use(asOf).handler(async ({ context: { host }, input }) => {
    if (host.asOf !== null) return { position: await positionOf(host), tasks: null };
    const waiting = host.conductor.waiting(input.wid);
    const tasks = await host.engine.read((state) =>
      waiting.flatMap(({ task, index, agent }) => {
        const takeover = heldBy(state, { agent, wid: input.wid, task });
        return takeover?.claims.action === "takeover" && !takeover.lapsed
          ? [{ task, index, agent, takeover: takeover.jti }]
          : [];
      }),
    );
    return { position: await positionOf(host), tasks };
  }),

  limits: api.override.limits.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const agents = await host.engine.read((state) => {
      const workflow = state.workflows.get(input.wid);
      if (workflow === undefined) return null;
      const names = new Map([...state.keys.values()].map((key) => [key.subject, key.name]));
      const rules = state.policies.get(workflow.acp)?.claims.hitl.rules ?? [];
      return workflow.agents.map((agent) => ({
        agent,
        name: names.get(agent) ?? agent,
        changes: changesFor(state, workflow, agent).map(({ jti }) => jti),
        nodes: limitsOf(state, workflow, agent).map((limits) => limitsOfNode(limits, rules)),
      }));
    });
    if (agents === null) return valueOr(err(refusal("workflow_unknown", "no such workflow in this log")), errors);
    return { position: await positionOf(host), agents };
  }),
};

/** Every limit of a node by name; null where none is set. Where two hold at once, the first is told. */
function limitsOfNode({ node, inForce, policy, delegated }: NodeLimits, rules: readonly HitlRule[]) {
  const valueIn = (limits: readonly EffectiveConstraint[], name: string): ConstraintValue | null =>
    limits.find((limit) => limit.name === name)?.value ?? null;
  return {
    node,
    limits: CONSTRAINT_NAMES.filter((name) => name !== "currency").map((name) => ({
      name,
      policy: valueIn(policy, name),
      inForce: valueIn(inForce, name),
      delegated: valueIn(delegated, name),
      humanBelow: rules
        .filter(({ trigger }) => trigger.kind === "limit" && trigger.constraint === name)
        .map(({ id }) => id),
    })),
  };
}

/** The signals in force that reach an agent, and those that reach single tasks of it. */
function signalsOn(state: State, workflow: WorkflowState, agent: string): { signals: string[]; taskSignals: string[] } {
  const inForce = [...state.overrides.values()].filter((signal) => signal.inForce);
  const tasks = new Set([...workflow.tasks.values()].filter((task) => task.agent === agent).map(({ jti }) => jti));
  return {
    signals: inForce.filter((signal) => reaches(signal, { agent, wid: workflow.wid })).map(({ jti }) => jti),
    taskSignals: inForce
      .filter(({ claims }) => claims.scope.kind === "task" && tasks.has(claims.scope.id))
      .map(({ jti }) => jti),
  };
}

interface Standing {
  readonly state: AgentState;
  readonly unfinished: string[];
}

function standingOf(state: State, workflow: WorkflowState | undefined, agent: string): Standing {
  if (workflow === undefined) return { state: "running", unfinished: [] };
  const held = agentState(state, workflow, agent);
  const ends = held === "pausing" || held === "stopping";
  return { state: held, unfinished: ends ? unfinished(state, workflow, agent) : [] };
}

function fromLog(
  signal: OverrideState,
  host: Host,
  nameOf: (agent: string) => string,
  standing: (agent: string) => Standing,
): OverrideSignal {
  const watched = host.monitor.watched(signal.jti);
  const targets = [...signal.targets.values()].map((target) => ({
    ...targetFacts(target.agent, nameOf(target.agent), target, watched?.targets.get(target.agent)),
    ...standing(target.agent),
  }));
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
    ...aboutClaims(claims),
    latched: signal.latched,
    inForce: signal.inForce,
    lapsed: signal.lapsed,
    stopping: signal.latched && signal.stopping,
    remainingMs: host.overrideTimers.remainingMs(signal.jti) ?? host.orderlyStops.remainingMs(signal.jti),
    released: signal.released === null ? null : { ...signal.released },
    targets,
    ladder: {
      rungs: signal.rungs.map(({ agents, violated, ...taken }) => ({
        ...taken,
        agents: [...agents],
        violated: [...violated],
      })),
      next: host.ladder.next(signal.jti),
    },
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
    ...aboutClaims(claims),
    latched: true,
    inForce: true,
    lapsed: false,
    stopping: stop.stopping,
    remainingMs: null,
    released: null,
    // The latch holds them, whether the log has it yet or not.
    targets: [...stop.targets.values()].map((times) => ({
      ...targetFacts(times.agent, nameOf(times.agent), undefined, times),
      state: "stopped",
      unfinished: [],
    })),
    // It follows the signal all the same; what it does is an entry once the log has the stop.
    ladder: { rungs: [], next: null },
    effectsRefused: stop.effectsRefused,
  };
}

function aboutClaims(claims: OverrideClaims) {
  return {
    priority: claims.priority,
    params: claims.params,
    drill: isDrill(claims),
    effectUntil: claims.effect_until ?? null,
    supersedes: claims.supersedes ?? null,
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
): Omit<OverrideSignal["targets"][number], "state" | "unfinished"> {
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
  return { ...facts, status, detail: logged?.detail ?? "", refused: logged?.refused ?? null };
}
