import { appliesTo, standingOf } from "../../protocol/behavior/standing.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";
import { workflowOfAgent } from "../workflow/evolve.ts";
import { noteAsserted } from "./asserted.ts";
import { type AppraisedRecord, type RefusedRecord, recordData, type StateRecord } from "./behavior-record.ts";
import {
  type AgentStanding,
  type AppraisedWindow,
  type Closed,
  type ConductWindow,
  type EvidenceNote,
  type InstanceConduct,
  MAX_CHANGES,
  MAX_EVIDENCE,
  MAX_EXPLAINED,
  MAX_REFUSED,
  MAX_WINDOWS,
  type SignedProfile,
  type StandingChange,
  unknownStanding,
} from "./behavior-state.ts";
import { dueAt, isConduct, isForbidden, isQuarantined, profileFor, profileOf } from "./conduct.ts";

/** Folds what bears on conduct, after the entry has moved its task and its workflow. */
export function evolveBehavior(state: State, logged: LoggedFact): void {
  const { fact } = logged;
  if (fact.typ === "intent+jwt") {
    openWindow(state, logged, fact);
  } else if (fact.typ === "behavior-profile+jwt") {
    putProfile(state, logged, fact);
  } else if (fact.typ === "bet+jwt") {
    takeBet(state, logged, fact);
  } else if (fact.typ === "ear+jwt") {
    takeEar(state, logged, fact);
  } else if (fact.typ === "override+jwt") {
    closeOver(state, logged);
  } else if (fact.typ === "record+jwt") {
    evolveRecord(state, logged, fact);
  }
}

function evolveRecord(state: State, logged: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { kind } = fact.claims;
  if (kind === "run_finished" || kind === "link_lost" || kind === "override_escalated") {
    closeOver(state, logged);
  } else if (kind === "behavior_appraised") {
    appraised(state, logged, fact);
  } else if (kind === "behavior_state") {
    moved(state, logged, fact);
  } else if (kind === "behavior_refused") {
    const { agent, bet: jti, hash, code, detail, window } = recordData<RefusedRecord>(fact);
    const { seq, receivedAt: at } = logged;
    note(standingFor(state, agent, at), { typ: "bet", jti, hash, seq, at, problem: { code, detail } });
    const instance = state.behavior.instances.get(agent);
    const about = [instance?.open, ...(instance?.closing ?? [])].find((one) => one?.from === window.from);
    if (about != null && about.refused.length < MAX_REFUSED) about.refused.push({ jti, code, detail });
  }
}

function standingFor(state: State, agent: string, atS: number): AgentStanding {
  const standing = standingOf(agent);
  const known = state.behavior.agents.get(standing);
  if (known !== undefined) return known;
  const made = unknownStanding(standing, atS);
  state.behavior.agents.set(standing, made);
  return made;
}

/** An agent begins a window with the first thing it asks for; one whose time is over makes room for the next. */
function openWindow(state: State, { seq, receivedAt }: LoggedFact, { claims }: FactOf<"intent+jwt">): void {
  const { iss: agent, wid } = claims;
  const workflow = state.workflows.get(wid);
  const profile = profileFor(state, agent);
  if (workflow === undefined || profile === null || !isConduct(workflow) || isQuarantined(state, agent)) return;
  standingFor(state, agent, receivedAt);
  const instance = state.behavior.instances.get(agent) ?? { open: null, closing: [], lastTo: 0, chains: {} };
  state.behavior.instances.set(agent, instance);
  const due = instance.open === null ? null : dueAt(state, instance.open);
  if (due !== null && receivedAt >= due) close(instance, "time", due, seq);
  instance.open ??= windowFrom(instance, { wid, agent }, Math.max(receivedAt, instance.lastTo), seq);
  // What is forbidden leads to quarantine once: more of it until then is no further window (BEH-S8).
  const isTold = instance.closing.some(({ closed }) => closed === "severity");
  if (isForbidden(profile, claims.exec_act) && !isTold) close(instance, "severity", receivedAt + 1, seq + 1);
}

function windowFrom(
  { lastTo }: InstanceConduct,
  of: Pick<ConductWindow, "wid" | "agent">,
  from: number,
  firstSeq: number,
): ConductWindow {
  const begun = { ...of, from, after: lastTo === 0 ? from : lastTo, firstSeq };
  return { ...begun, to: null, endSeq: null, closed: null, bets: [], refused: [] };
}

function close(instance: InstanceConduct, closed: Closed, to: number, endSeq: number): void {
  const { open } = instance;
  if (open === null) return;
  open.closed = closed;
  open.to = Math.max(to, open.from + 1);
  open.endSeq = endSeq;
  instance.lastTo = open.to;
  instance.closing.push(open);
  instance.open = null;
}

const mayOwe = (state: State, agent: string): boolean =>
  !isQuarantined(state, agent) &&
  profileFor(state, agent)?.profile.sequences?.some(({ kind }) => kind === "must_follow") === true;

/** Of workflows that have finished or were stopped nothing more is waited for. */
function closeOver(state: State, { seq, receivedAt }: LoggedFact): void {
  for (const [agent, instance] of state.behavior.instances) {
    const wid = workflowOfAgent(agent) ?? "";
    const status = state.workflows.get(wid)?.status;
    if (status === "running") continue;
    // What had to follow and never will is found in a last window, though nothing was asked for in it.
    const isLast = instance.closing.some(({ closed }) => closed === "over");
    const owes = status === "finished" && !isLast && mayOwe(state, agent);
    if (instance.open === null && owes)
      instance.open = windowFrom(instance, { wid, agent }, Math.max(receivedAt, instance.lastTo), seq);
    close(instance, "over", receivedAt + 1, seq + 1);
    forgetOver(state, agent, instance);
  }
}

function putProfile(state: State, { seq, receivedAt: at }: LoggedFact, fact: FactOf<"behavior-profile+jwt">): void {
  const { profile, hash, jti, iss: by, role, reason } = fact.claims;
  const versions = state.behavior.profiles.get(profile.profile_id) ?? [];
  versions.push({ profile, hash, jti, seq, at, by, role, reason });
  state.behavior.profiles.set(profile.profile_id, versions);
  // What nobody may judge any longer is not kept open.
  for (const [agent, instance] of state.behavior.instances)
    if (instance.open !== null && appliesTo(profile.applies_to, agent) && profileFor(state, agent) === null)
      instance.open = null;
}

/** Only evidence that was verified is an entry of its own. That of the gateway also closes a window whose time is over. */
function takeBet(state: State, { seq, receivedAt: at, digest: hash }: LoggedFact, { claims }: FactOf<"bet+jwt">): void {
  const { jti, iss, iat, subject, wid, window, exec_act: execAct, pred } = claims;
  note(standingFor(state, subject, at), { typ: "bet", jti, hash, seq, at, problem: null });
  const workflow = state.workflows.get(wid);
  // Evidence is an execution context of the same DAG (BEH-3).
  if (workflow?.ects.has(jti) === false)
    workflow.ects.set(jti, { seq, digest: hash, iss, iat, execAct, pred, ext: {} });
  const instance = state.behavior.instances.get(subject);
  if (instance === undefined) return;
  const due = instance.open?.from === window.from ? dueAt(state, instance.open) : null;
  if (instance.open?.from === window.from)
    close(instance, due !== null && window.to < due ? "severity" : "time", window.to, seq);
  const found = instance.closing.find(({ from, to }) => from === window.from && to === window.to);
  found?.bets.push({ jti, hash, seq, at, claims });
  instance.chains[iss] = { jti, hash };
}

function takeEar(state: State, logged: LoggedFact, fact: FactOf<"ear+jwt">): void {
  if (noteAsserted(state, logged, fact)) return;
  const { seq, receivedAt: at, digest } = logged;
  const { claims } = fact;
  for (const { "agent.behavior": said } of Object.values(claims.submods))
    if (said !== undefined)
      note(standingFor(state, said.subject, at), { typ: "ear", jti: claims.jti, hash: digest, seq, at, problem: null });
}

function note(of: AgentStanding, evidence: EvidenceNote): void {
  of.evidence.push(evidence);
  if (of.evidence.length > MAX_EVIDENCE) of.evidence.shift();
}

function appraised(state: State, { seq, receivedAt: at }: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { agent, window, now, trust, self_only, change, trust_changes, quarantine } = recordData<AppraisedRecord>(fact);
  const of = standingFor(state, agent, at);
  const wid = fact.claims.wid ?? "";
  const found: AppraisedWindow = { ...window, wid, agent, seq, at };
  of.windows.push(found);
  if (of.windows.length > MAX_WINDOWS) of.windows.shift();
  const old = of.windows.at(-1 - MAX_EXPLAINED);
  if (old !== undefined) old.reasons = [];
  if (found.verdict === "conformant") of.lastGood = { ...found, reasons: [] };
  const delta = trust_changes.reduce((sum, one) => sum + one.delta, 0);
  if (change !== null || delta !== 0) {
    const cause = change?.cause ?? trust_changes.at(-1)?.cause ?? "verdict";
    noteChange(of, {
      ...{ at, seq, from: change?.from ?? now.state, to: now.state, trust: trust.score, delta, cause },
      ...{ by: null, reason: null },
    });
  }
  if (change !== null) of.seq = seq;
  of.now = now;
  of.trust = trust;
  of.selfOnly = self_only;
  if (quarantine !== null && of.quarantine === null) {
    const by = fact.claims.iss;
    of.quarantine = { cause: quarantine, by, at, seq, reason: null, profile: versionOf(profileFor(state, agent)) };
    dropOpen(state, of.agent);
  }
  const instance = state.behavior.instances.get(agent);
  if (instance === undefined) return;
  if (instance.open?.from === window.from) close(instance, window.closed, window.to, seq);
  instance.closing = instance.closing.filter(({ from, to }) => from !== window.from || to !== window.to);
  forgetOver(state, agent, instance);
}

/** A change of state that no appraisal made. */
function moved(state: State, { seq, receivedAt: at }: LoggedFact, fact: FactOf<"record+jwt">): void {
  const { standing, now, trust, change, trust_changes, by, reason, build } = recordData<StateRecord>(fact);
  const of = standingFor(state, standing, at);
  of.now = now;
  of.trust = trust;
  of.seq = seq;
  noteChange(of, {
    ...{ at, seq, from: change.from, to: change.to, trust: trust.score, cause: change.cause },
    ...{ delta: trust_changes.reduce((sum, one) => sum + one.delta, 0), by: by ?? null, reason: reason ?? null },
  });
  if (change.to === "quarantined") {
    const profile = versionOf(profileOf(state, of));
    of.quarantine = { cause: "order", by: by ?? fact.claims.iss, at, seq, reason: reason ?? null, profile };
    dropOpen(state, standing);
  } else if (change.from === "quarantined") of.quarantine = null;
  if (build !== undefined) of.builds.push(build);
}

function noteChange(of: AgentStanding, change: StandingChange): void {
  of.changes.push(change);
  if (of.changes.length > MAX_CHANGES) of.changes.shift();
}

function versionOf(found: SignedProfile | null): { profile_id: string; version: number } | null {
  return found === null ? null : { profile_id: found.profile.profile_id, version: found.profile.version };
}

/** Who may do nothing has no window that goes on; what is closed already is still appraised, and moves nothing. */
function dropOpen(state: State, standing: string): void {
  for (const [agent, instance] of state.behavior.instances) {
    if (standingOf(agent) !== standing) continue;
    instance.open = null;
    forgetOver(state, agent, instance);
  }
}

function forgetOver(state: State, agent: string, { open, closing }: InstanceConduct): void {
  const wid = workflowOfAgent(agent) ?? "";
  if (open === null && closing.length === 0 && state.workflows.get(wid)?.status === "finished")
    state.behavior.instances.delete(agent);
}
