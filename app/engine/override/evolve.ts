import type { FactOf, LoggedFact } from "../fact.ts";
import type { GateState, OverrideState, State, TaskState, WorkflowState } from "../state.ts";
import { overrideProblem, overrideSeqKey } from "./decide.ts";
import { scopeCovers, targetsOf } from "./scope.ts";

/** A signal takes effect: a stop latches and halts all it covers, a release only takes the latch away. */
export function evolveOverride(state: State, logged: LoggedFact, fact: FactOf<"override+jwt">): void {
  const { claims } = fact;
  if (claims.action === "release") {
    release(state, logged, fact);
    return;
  }
  const problem = overrideProblem(state, fact, logged.receivedAt);
  const signal: OverrideState = {
    jti: claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    at: logged.receivedAt,
    claims,
    latched: true,
    code: problem?.code ?? null,
    released: null,
    targets: new Map(
      targetsOf(state, claims.scope).map((agent) => [
        agent,
        {
          agent,
          acknowledgedAt: null,
          complied: false,
          terminatedAt: null,
          verdict: null,
          verdictAt: null,
          detail: "",
        },
      ]),
    ),
    effectsRefused: 0,
  };
  state.overrides.set(claims.jti, signal);
  noteSeq(state, fact);
  for (const workflow of state.workflows.values()) halt(state, workflow, signal, logged);
}

function halt(state: State, workflow: WorkflowState, signal: OverrideState, logged: LoggedFact): void {
  if (workflow.status === "finished") return;
  const scope = signal.claims.scope;
  for (const agent of workflow.agents) if (signal.targets.has(agent)) workflow.halted.add(agent);
  if (workflow.agents.every((agent) => workflow.halted.has(agent))) workflow.status = "stopped";
  for (const task of workflow.tasks.values()) {
    const open = task.status === "asked" || task.status === "waiting" || task.status === "running";
    if (!open || !scopeCovers(scope, { agent: task.agent, wid: workflow.wid, task: task.jti })) continue;
    stopTask(task, signal.jti, logged);
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

function release(state: State, logged: LoggedFact, fact: FactOf<"override+jwt">): void {
  const of = fact.claims.params.of;
  const signal = typeof of === "string" ? state.overrides.get(of) : undefined;
  if (signal === undefined) return;
  signal.latched = false;
  signal.released = { by: fact.claims.iss, at: logged.receivedAt, reason: fact.claims.reason, seq: logged.seq };
  noteSeq(state, fact);
}

function noteSeq(state: State, fact: FactOf<"override+jwt">): void {
  const key = overrideSeqKey(fact.claims.iss, fact.claims.scope);
  state.overrideSeq.set(key, Math.max(state.overrideSeq.get(key) ?? 0, fact.claims.seq));
}

export function evolveAck(state: State, logged: LoggedFact, fact: FactOf<"override-ack+jwt">): void {
  const target = state.overrides.get(fact.claims.signal.jti)?.targets.get(fact.claims.iss);
  if (target === undefined) return;
  target.acknowledgedAt ??= logged.receivedAt;
  if (fact.claims.stage === "complied") target.complied = true;
}

export function evolveVerdict(state: State, logged: LoggedFact, fact: FactOf<"override-compliance+jwt">): void {
  const target = state.overrides.get(fact.claims.signal.jti)?.targets.get(fact.claims.target);
  if (target === undefined) return;
  target.verdict = fact.claims.verdict;
  target.verdictAt = logged.receivedAt;
  target.detail = fact.claims.observed.map((seen) => seen.detail).join("; ");
}
