import { carriesOut, endedSignal, graceMs, isDrill, isForwarded } from "../../protocol/override/params.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { GateState, OverrideEnd, OverrideState, State, TargetState, TaskState, WorkflowState } from "../state.ts";
import { overrideProblem, overrideSeqKey } from "./decide.ts";
import { finishingTasks } from "./hold.ts";
import { reaches, scopeCovers, targetsOf, withDelegates } from "./scope.ts";
import { rankOf } from "./standing.ts";

/** Orders whose effect lasts until something ends it. */
const LASTING: readonly string[] = ["stop", "pause", "modify", "takeover", "rollback"];

/** A signal takes effect: a stop latches and halts all it covers, an order holds or narrows, an end takes one effect away. */
export function evolveOverride(state: State, logged: LoggedFact, fact: FactOf<"override+jwt">): void {
  const { claims } = fact;
  const ended = state.overrides.get(endedSignal(claims) ?? "");
  if (ended !== undefined && carriesOut(claims, ended.claims)) ended.carried.set(claims.scope.id, claims.iss);
  else if (ended !== undefined) endBy(ended, logged, fact);
  // What is wrong with a stop is seen before its own number counts as used.
  const signal = signalOf(state, logged, fact, ended);
  noteSeq(state, fact);
  // Nobody hears of the release of a stop: it permits a start, and the agents there are have been stopped (S4).
  if (claims.action === "release" && ended?.claims.action === "stop") return;
  state.overrides.set(claims.jti, signal);
  const before = claims.supersedes === undefined ? undefined : state.overrides.get(claims.supersedes);
  if (before !== undefined && claims.action !== "stop")
    end(before, { how: "superseded", by: claims.iss, at: logged.receivedAt, reason: claims.reason, seq: logged.seq });
  if (signal.latched) for (const workflow of state.workflows.values()) halt(state, workflow, signal, logged);
}

function signalOf(
  state: State,
  logged: LoggedFact,
  fact: FactOf<"override+jwt">,
  ended: OverrideState | undefined,
): OverrideState {
  const { claims } = fact;
  const stops = claims.action === "stop";
  // A drill is heard of and changes nothing (OVR-25).
  const takesEffect = !isDrill(claims);
  // What ends an effect is for those it was about, also where they came after it.
  const agents =
    ended === undefined || carriesOut(claims, ended.claims)
      ? targetsOf(state, claims.scope, isForwarded(claims))
      : [...ended.targets.keys()];
  const signal: OverrideState = {
    jti: claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    at: logged.receivedAt,
    claims,
    latched: stops && takesEffect,
    inForce: LASTING.includes(claims.action) && takesEffect,
    lapsed: false,
    stopping: stops && takesEffect && graceMs(claims) !== null,
    rank: rankOf(state, claims.iss, logged.receivedAt),
    finishing: new Set(),
    carried: new Map(),
    code: stops ? (overrideProblem(state, fact, logged.receivedAt)?.code ?? null) : null,
    released: null,
    targets: new Map(agents.map((agent) => [agent, newTarget(agent)])),
    rungs: [],
    effectsRefused: 0,
  };
  signal.finishing = finishingTasks(state, signal);
  return signal;
}

const newTarget = (agent: string): TargetState => ({
  agent,
  acknowledgedAt: null,
  complied: false,
  refused: null,
  terminatedAt: null,
  verdict: null,
  verdictAt: null,
  detail: "",
});

/** Agents of a workflow that has just started, in the scope of what is in force already: they begin held or narrowed. */
export function addTargets(state: State, workflow: WorkflowState): void {
  for (const signal of state.overrides.values()) {
    if (!signal.inForce) continue;
    const { scope } = signal.claims;
    const forwarded = scope.kind === "agent" && isForwarded(signal.claims);
    const delegates = forwarded ? withDelegates(state, workflow, scope.id) : null;
    for (const agent of workflow.agents) {
      const covered = delegates?.has(agent) ?? scopeCovers(scope, { agent, wid: workflow.wid });
      if (covered && !signal.targets.has(agent)) signal.targets.set(agent, newTarget(agent));
    }
  }
}

function halt(state: State, workflow: WorkflowState, signal: OverrideState, logged: LoggedFact): void {
  if (workflow.status === "finished") return;
  // An agent that may still end something is halted with the rest when the time of its stop is over (S10).
  if (!signal.stopping) for (const agent of workflow.agents) if (signal.targets.has(agent)) workflow.halted.add(agent);
  if (workflow.agents.every((agent) => workflow.halted.has(agent))) workflow.status = "stopped";
  for (const task of workflow.tasks.values()) {
    const open = task.status === "asked" || task.status === "waiting" || task.status === "running";
    if (!open || !reaches(signal, { agent: task.agent, wid: workflow.wid, task: task.jti })) continue;
    if (signal.finishing.has(task.jti)) continue;
    stopTask(task, signal.jti, logged);
    // Asked for anew after a new start, it is carried out only when an operator says so again.
    for (const other of state.overrides.values()) other.carried.delete(task.jti);
    const gate = task.request === null ? undefined : state.gates.get(task.request);
    if (gate !== undefined) abortGate(gate, logged);
  }
}

function stopTask(task: TaskState, signal: string, logged: LoggedFact): void {
  task.status = "stopped";
  task.code = signal;
  task.at = logged.receivedAt;
  task.entries.push(logged.seq);
}

/** OVR-16: gates of a stopped agent are aborted; an approval given and not used is void as well. */
function abortGate(gate: GateState, logged: LoggedFact): void {
  if (gate.status !== "pending" && gate.status !== "approved") return;
  gate.status = "aborted";
  gate.closedAt = logged.receivedAt;
  gate.entries.push(logged.seq);
}

/** A `resume` or `release` ends this one signal and no other (S13); a takeover only into a pause (section c). */
function endBy(signal: OverrideState, logged: LoggedFact, { claims }: FactOf<"override+jwt">): void {
  const how = claims.action === "resume" ? "resumed" : "released";
  const ending = { how, by: claims.iss, at: logged.receivedAt, reason: claims.reason, seq: logged.seq } as const;
  if (signal.claims.action === "takeover" && !signal.lapsed) lapse(signal, ending);
  else end(signal, ending);
}

function end(signal: OverrideState, ending: OverrideEnd): void {
  signal.latched = false;
  signal.inForce = false;
  signal.released = ending;
}

function lapse(signal: OverrideState, ending: OverrideEnd): void {
  signal.lapsed = true;
  signal.released = ending;
}

/** The time of a signal was over: an entry of the enforcement point, naming the timer. */
export function evolveEnded(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const signal = state.overrides.get(String(claims.data.signal));
  if (signal === undefined) return;
  const ending = { how: "expired", by: claims.iss, at: logged.receivedAt, reason: "", seq: logged.seq } as const;
  if (claims.data.to === "paused") lapse(signal, ending);
  else end(signal, ending);
}

/** An orderly stop is immediate from here on: nothing it let end goes on, and who was in its scope is started anew or not at all. */
export function evolveStopDue(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const signal = state.overrides.get(String(claims.data.signal));
  if (signal === undefined || !signal.latched) return;
  signal.stopping = false;
  signal.finishing.clear();
  for (const workflow of state.workflows.values()) halt(state, workflow, signal, logged);
}

function noteSeq(state: State, fact: FactOf<"override+jwt">): void {
  const key = overrideSeqKey(fact.claims.iss, fact.claims.scope);
  state.overrideSeq.set(key, Math.max(state.overrideSeq.get(key) ?? 0, fact.claims.seq));
}

/** A later stage never takes an earlier one back: what was complied with was accepted. */
export function evolveAck(state: State, logged: LoggedFact, fact: FactOf<"override-ack+jwt">): void {
  const target = state.overrides.get(fact.claims.signal.jti)?.targets.get(fact.claims.iss);
  if (target === undefined) return;
  target.acknowledgedAt ??= logged.receivedAt;
  const { stage, code, alternatives } = fact.claims;
  if (stage === "complied") target.complied = true;
  if (stage === "refused" && code !== undefined) target.refused = { code, alternatives: alternatives ?? null };
}

export function evolveVerdict(state: State, logged: LoggedFact, fact: FactOf<"override-compliance+jwt">): void {
  const target = state.overrides.get(fact.claims.signal.jti)?.targets.get(fact.claims.target);
  if (target === undefined) return;
  target.verdict = fact.claims.verdict;
  target.verdictAt = logged.receivedAt;
  target.detail = fact.claims.observed.map((seen) => seen.detail).join("; ");
}
