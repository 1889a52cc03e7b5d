import { must } from "../../base/assert.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { actionGroup } from "../../protocol/cascade/action-group.ts";
import {
  askCall,
  forceOpen,
  giveBack,
  isolate,
  noteResult,
  releaseForced,
  releaseIsolated,
  trip,
} from "../../protocol/cascade/breaker.ts";
import { ANY_GROUP } from "../../protocol/cascade/breaker-order.ts";
import { breakerId } from "../../protocol/cascade/breaker-rules.ts";
import { createBreaker } from "../../protocol/cascade/breaker-state.ts";
import { noteFailure } from "../../protocol/cascade/cascade-graph.ts";
import { ISOLATION_MS } from "../../protocol/cascade/failure-domain.ts";
import { type AppraisedRecord, recordData } from "../behavior/behavior-record.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { BreakerState, State } from "../state.ts";
import { taskOf } from "../workflow/evolve.ts";
import { callersOf, edgeKey, momentOf, REENACTED } from "./breakers.ts";
import { evolveBulkheads } from "./bulkheads.ts";
import { cascadeRecordSchema } from "./cascade-record.ts";
import { evolveDomainAlert, noteEnded } from "./domain-alerts.ts";
import { evolveDomainState, setUpDomains } from "./evolve-domains.ts";
import { evolveFailureSignal } from "./failure-signal.ts";
import { step } from "./step.ts";

/** Of a recorded failure; nothing in a recording says how grave it was [ours]. */
const RECORDED_SEVERITY = 3;

/**
 * What an entry does to the circuit breakers, after it has moved its task: a permission is a call, an ECT its result, and
 * a task that ends any other way gives its call back. Transitions are queued for the statements of the same frame.
 */
export function evolveCascade(state: State, logged: LoggedFact): void {
  const { fact } = logged;
  if (fact.typ === "exec+jwt") {
    if (fact.claims.exec_act === "run_start") setUpDomains(state, logged, fact);
    else endCalls(state, logged, fact);
  } else if (fact.typ === "circuit-state+jwt") evolveCircuitState(state, logged, fact);
  else if (fact.typ === "breaker-order+jwt") evolveOrder(state, logged, fact);
  else if (fact.typ === "failure-signal+jwt") evolveFailureSignal(state, logged, fact);
  else if (fact.typ === "record+jwt") evolveRecord(state, logged, fact);
  else if (ENDS_TASKS.has(fact.typ)) giveBackCalls(state, logged);
  evolveBulkheads(state, logged);
}

/** What may end a task that was permitted and has not happened. */
const ENDS_TASKS: ReadonlySet<string> = new Set([
  "hitl-decision+jwt",
  "hitl-withdrawal+jwt",
  "grant-revocation+jwt",
  "override+jwt",
  "acp+jwt",
  "acp-revocation+jwt",
]);

/** The breakers an order or a record means. */
export function edgeBreakers(
  state: State,
  { caller, callee, group }: { readonly caller: string; readonly callee: string; readonly group: string },
): BreakerState[] {
  if (group !== ANY_GROUP) {
    const one = state.breakers.get(breakerId(caller, callee, group));
    return one === undefined ? [] : [one];
  }
  return [...state.breakers.values()].filter((found) => found.caller === caller && found.callee === callee);
}

function evolveRecord(state: State, logged: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { kind, wid } = fact.claims;
  if (kind === "permitted") beginCalls(state, logged, fact);
  else if (kind === "cascade_alert") evolveAlert(state, logged, fact);
  else if (kind === "domain_state") evolveDomainState(state, logged, fact);
  else if (kind === "domain_alert") evolveDomainAlert(state, logged, fact);
  else if (kind === "behavior_state" || kind === "behavior_appraised") holdOff(state, logged, fact);
  else if (kind === "run_finished" && wid !== undefined) forget(state, wid);
  else if (kind !== "effect_started") {
    if (kind === "override_escalated") cutOff(state, logged, fact);
    giveBackCalls(state, logged);
  }
}

/** The enforcement points' rung of an escalation ladder: every breaker from and to these agents is forced open. */
function cutOff(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const { rung, agents } = claims.data;
  if (rung !== "enforce" || !Array.isArray(agents)) return;
  for (const found of state.breakers.values())
    if (agents.includes(found.caller) || agents.includes(found.callee))
      force(state, found, logged, "override", claims.iss);
}

/** Shut by somebody else than a quarantine as well, it stays shut when that ends. */
function force(
  state: State,
  found: BreakerState,
  logged: LoggedFact,
  reason: "operator" | "override",
  by: string,
): void {
  step(state, found, logged, (breaker, now) => forceOpen(REENACTED, breaker, reason, now), by);
  if (found.reason === "behavior") Object.assign(found, { reason, by });
}

/** A quarantine holds every breaker toward the agent open until its release, in all workflows; of each only what it shut. */
function holdOff(state: State, logged: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { standing, change } = recordData<Pick<AppraisedRecord, "standing" | "change">>(fact);
  if (change === null) return;
  for (const found of state.breakers.values()) {
    if (standingOf(found.callee) !== standing) continue;
    if (change.to === "quarantined")
      step(state, found, logged, (breaker, now) => forceOpen(REENACTED, breaker, "behavior", now));
    else if (change.from === "quarantined" && found.reason === "behavior")
      step(state, found, logged, (breaker, now) => releaseForced(REENACTED, breaker, now));
  }
}

function beginCalls(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const found = taskOf(state, claims.wid, claims.data.task);
  if (found === null || found.task.intent === null) return;
  const { workflow, task } = found;
  const handover = { agent: task.agent, execAct: task.execAct, pred: task.intent?.pred ?? [] };
  const group = actionGroup(task.execAct);
  for (const caller of callersOf(workflow, handover)) {
    const breaker = ensured(state, logged, { wid: workflow.wid, caller, callee: task.agent, group });
    step(state, breaker, logged, (before, now) => {
      const asked = askCall(REENACTED, before, now);
      // A log from before there were breakers may hold a permission that one would have refused.
      if (asked.answer.allowed) openCall(state, workflow.wid, task.jti, breaker.id, asked.answer.call);
      return asked;
    });
  }
}

function ensured(
  state: State,
  { seq, receivedAt }: LoggedFact,
  edge: Pick<BreakerState, "wid" | "caller" | "callee" | "group">,
): BreakerState {
  const id = breakerId(edge.caller, edge.callee, edge.group);
  const known = state.breakers.get(id);
  if (known !== undefined) return known;
  const made: BreakerState = {
    id,
    ...edge,
    breaker: createBreaker(REENACTED, "known", momentOf(receivedAt, seq, id).atMs),
    isolatedUntilMs: null,
    cutUntilMs: null,
    reason: null,
    by: null,
    stats: null,
    entry: null,
  };
  state.breakers.set(id, made);
  return made;
}

function openCall(
  state: State,
  wid: string,
  task: string,
  breaker: string,
  call: Parameters<typeof noteResult>[2],
): void {
  const open = state.openCalls.get(task) ?? { wid, calls: [] };
  state.openCalls.set(task, open);
  open.calls.push({ breaker, call });
}

/** The task has ended and says how: the result of every call it was (C1), and a failure of its agent (C3). */
function endCalls(state: State, logged: LoggedFact, { claims }: FactOf<"exec+jwt">): void {
  const found = taskOf(state, claims.wid, claims.jti);
  if (found === null || found.task.ect?.seq !== logged.seq) return;
  const { status } = found.task;
  if (status !== "done" && status !== "failed") return;
  const failure = status === "failed" ? "error" : null;
  noteEnded(state, logged, found.workflow.wid, found.task, failure !== null);
  for (const { breaker, call } of taken(state, claims.jti)) {
    const on = state.breakers.get(breaker);
    if (on !== undefined)
      step(state, on, logged, (before, now) => noteResult(REENACTED, before, call, { failure, durationMs: 0 }, now));
  }
  if (failure === null) return;
  const atMs = logged.receivedAt * 1000;
  const failed = { agent: claims.iss, atMs, severity: RECORDED_SEVERITY, jti: claims.jti, causes: [] };
  state.failing = new Map(noteFailure(state.failing, failed, atMs));
}

const GOING_ON: readonly string[] = ["running", "effect"];

/** Tasks that were stopped, refused or revoked before they had a result: their calls were not made. */
function giveBackCalls(state: State, logged: LoggedFact): void {
  for (const [jti, { wid }] of state.openCalls) {
    const status = taskOf(state, wid, jti)?.task.status;
    if (status !== undefined && GOING_ON.includes(status)) continue;
    for (const { breaker, call } of taken(state, jti)) {
      const on = state.breakers.get(breaker);
      if (on !== undefined) step(state, on, logged, (before, now) => giveBack(REENACTED, before, call, now));
    }
  }
}

function taken(state: State, task: string) {
  const open = state.openCalls.get(task);
  state.openCalls.delete(task);
  return open?.calls ?? [];
}

/**
 * The statement of a transition. Mostly an entry before it in the frame has caused it; a timer has none, so that its
 * statement is what makes the breaker look at the clock.
 */
function evolveCircuitState(state: State, logged: LoggedFact, { claims }: FactOf<"circuit-state+jwt">): void {
  const found = state.breakers.get(claims.breaker_id);
  if (found === undefined) return;
  if (claims.seq > found.breaker.seq) step(state, found, logged, (breaker) => ({ breaker, changes: [] }));
  state.unstated = state.unstated.filter(({ breaker, change }) => breaker !== found.id || change.seq > claims.seq);
  found.entry = logged.seq;
}

function evolveOrder(state: State, logged: LoggedFact, { claims }: FactOf<"breaker-order+jwt">): void {
  // What an order about a domain does is stated by the record behind it.
  if (claims.breaker === undefined) return;
  const { caller, callee, group } = claims.breaker;
  const key = edgeKey(caller, callee);
  if (group === ANY_GROUP && claims.order === "trip") state.edgeHolds.set(key, claims.iss);
  if (group === ANY_GROUP && claims.order === "release") state.edgeHolds.delete(key);
  for (const found of edgeBreakers(state, claims.breaker)) {
    if (claims.order === "trip") {
      force(state, found, logged, "operator", claims.iss);
      continue;
    }
    step(
      state,
      found,
      logged,
      (breaker, now) => {
        // One order lifts one hold: what was forced and isolated stays shut until both are released (CAS-23).
        return breaker.forced
          ? releaseForced(REENACTED, breaker, now)
          : releaseIsolated(REENACTED, breaker, "operator", now);
      },
      claims.iss,
    );
  }
}

/** C3: a cascade was found, and with it what is cut: the breakers on its frontier. */
function evolveAlert(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const read = cascadeRecordSchema.safeParse(claims.data);
  if (!read.success || claims.wid === undefined) return;
  const { front, breakers, domains: _domains, rule: _rule, ...alert } = read.data;
  const known = state.cascades.get(alert.cascade_id);
  state.cascades.set(alert.cascade_id, {
    id: alert.cascade_id,
    wid: claims.wid,
    at: logged.receivedAt,
    alert,
    front,
    entries: [...(known?.entries ?? []), logged.seq],
  });
  for (const id of breakers) {
    const found = state.breakers.get(id);
    if (found === undefined) continue;
    if (alert.action === "contain")
      step(state, found, logged, (breaker, now) => trip(REENACTED, breaker, "cascade", now));
    if (alert.action !== "isolate_domain") continue;
    step(state, found, logged, (breaker, now) => isolate(REENACTED, breaker, "cascade", now));
    found.cutUntilMs = logged.receivedAt * 1000 + ISOLATION_MS;
    found.isolatedUntilMs = Math.max(found.isolatedUntilMs ?? 0, found.cutUntilMs);
  }
}

/** Nothing is called any more in a workflow that has finished. */
function forget(state: State, wid: string): void {
  const gone = new Set([...state.breakers.values()].filter((found) => found.wid === wid).map(({ id }) => id));
  for (const id of gone) {
    const { caller, callee } = must(state.breakers.get(id), "it was there just now");
    state.edgeHolds.delete(edgeKey(caller, callee));
    state.breakers.delete(id);
  }
  for (const [jti, open] of state.openCalls) if (open.wid === wid) state.openCalls.delete(jti);
  for (const [key, domain] of state.domains) if (domain.wid === wid) state.domains.delete(key);
  state.unstated = state.unstated.filter(({ breaker }) => !gone.has(breaker));
}
