import { v5 as uuidV5 } from "uuid";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import type { Fact, FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import { AUDIT_EXT, type AuditStatement, auditKey, READ_ACT, READ_AGAIN_S } from "./statement.ts";

/** Statements that are kept in a log without any audit token: from before there were any, or by a host that issues none. */
const KEPT_BEFORE_FIRST = 4096;
const READS_BEFORE_SWEEP = 512;

/**
 * What a fact calls for by itself, before it is folded: an audit token for a task that is over, a human's decision or start,
 * or an operator's order. An audit token takes its statement away.
 */
export function evolveAudit(state: State, logged: LoggedFact): void {
  const { fact } = logged;
  if (fact.typ === "exec-audit+jwt") evolveAuditToken(state, logged, fact);
  else if (fact.typ === "exec+jwt") note(state, ofEct(state, logged, fact));
  else if (fact.typ === "override+jwt" && isHuman(fact.claims.iss)) note(state, ofOverride(logged, fact));
}

/** What it led to, after it is folded: attempts that were refused or stopped by it (XA-16). */
export function evolveDenials(state: State, { seq, receivedAt, fact }: LoggedFact): void {
  if (!mayDeny(fact)) return;
  for (const { workflow, task } of touched(state, fact)) {
    const isOver = task.status === "refused" || task.status === "stopped";
    if (isOver && task.entries.at(-1) === seq) note(state, ofDenial(workflow, task, seq, receivedAt));
  }
}

/** Types of which a fact may call for an audit token, at once or by what it leads to. */
export const CALLS_FOR_AUDIT: ReadonlySet<Fact["typ"]> = new Set([
  "exec+jwt",
  "record+jwt",
  "override+jwt",
  "hitl-decision+jwt",
  "hitl-withdrawal+jwt",
  "acp+jwt",
  "acp-revocation+jwt",
  "grant-revocation+jwt",
] satisfies Fact["typ"][]);

function evolveAuditToken(state: State, { receivedAt }: LoggedFact, { claims }: FactOf<"exec-audit+jwt">): void {
  const { audit } = state;
  audit.begun = true;
  audit.due.delete(auditKey(claims));
  if (claims.exec_act !== READ_ACT || claims.actor === undefined) return;
  const { [AUDIT_EXT.read]: kind, [AUDIT_EXT.object]: object } = claims.ect_ext ?? {};
  audit.reads.set(readKey(claims.actor.sub, String(kind), String(object)), receivedAt);
  if (audit.reads.size < READS_BEFORE_SWEEP) return;
  for (const [key, at] of audit.reads) if (at < receivedAt - READ_AGAIN_S) audit.reads.delete(key);
}

export const readKey = (reader: string, kind: string, object: string): string => `${reader} ${kind} ${object}`;

function note(state: State, statement: AuditStatement | null): void {
  if (statement === null) return;
  const { audit } = state;
  audit.due.set(auditKey(statement), statement);
  if (audit.begun || audit.due.size < 2 * KEPT_BEFORE_FIRST) return;
  // In halves: the first of a long map is found only behind all that were taken from it.
  for (const key of audit.due.keys()) {
    if (audit.due.size <= KEPT_BEFORE_FIRST) break;
    audit.due.delete(key);
  }
}

/** Of an ECT: an agent's task, an operator's start or decision; not what agents note for themselves, nor the log's own nodes. */
function ofEct(
  state: State,
  { seq, digest, receivedAt }: LoggedFact,
  { claims }: FactOf<"exec+jwt">,
): AuditStatement | null {
  const { jti, wid, iss, exec_act, pred, inp_hash, out_hash, ect_ext = {} } = claims;
  const workflow = wid === undefined ? undefined : state.workflows.get(wid);
  const human = isHuman(iss);
  const compensates = exec_act === "compensate";
  if (isReservedAct(exec_act) && !compensates && !(human && (exec_act === "run_start" || exec_act === "hitl_decision")))
    return null;
  const task = workflow?.tasks.get(jti);
  const failed = ect_ext[ECT_EXT.outcome] === "failure" || ect_ext[ECT_EXT.problem] !== undefined;
  const refused = exec_act === "hitl_decision" && (ect_ext.outcome === "reject" || ect_ext.outcome === "abort");
  const { obj_typ, obj_id, obj_hash } = ect_ext;
  return {
    seq,
    jti,
    ...(wid === undefined ? {} : { wid }),
    exec_act,
    pred,
    ...(inp_hash === undefined ? {} : { inp_hash }),
    ...(out_hash === undefined ? {} : { out_hash }),
    ect: { jti, hash: digest },
    actor: actorOf(iss, workflow),
    outcome: failed ? "failure" : refused ? "denied" : compensates ? "compensated" : "success",
    ...(task?.status === "effect" ? { started_at: task.at } : {}),
    ended_at: receivedAt,
    // Done although it had been stopped.
    severity: task?.status === "stopped" ? "critical" : failed ? "warning" : human ? "notice" : "info",
    ...(typeof obj_typ === "string" && typeof obj_id === "string" && typeof obj_hash === "string"
      ? { evidence: [{ typ: obj_typ, id: obj_id, hash: obj_hash }] }
      : {}),
    ...(ect_ext[ECT_EXT.reenactment] === true ? { ect_ext: { [ECT_EXT.reenactment]: true } } : {}),
  };
}

/** Who acted, and under whose start (RFC 8693). */
function actorOf(iss: string, workflow: Pick<WorkflowState, "startedBy"> | undefined): AuditStatement["actor"] {
  if (workflow === undefined || isHuman(iss)) return { sub: iss };
  return { sub: iss, act: { sub: workflow.startedBy } };
}

/** Of the giving of an order; whether it was obeyed is the monitor's to say. */
function ofOverride({ seq, digest, receivedAt }: LoggedFact, { claims }: FactOf<"override+jwt">): AuditStatement {
  const { jti, iss, action, level, scope } = claims;
  return {
    seq,
    jti: orderAuditJti(jti),
    ...(scope.kind === "workflow" ? { wid: scope.id } : {}),
    exec_act: "override_signal",
    pred: [],
    actor: { sub: iss },
    outcome: "success",
    ended_at: receivedAt,
    severity: action === "stop" ? "critical" : "notice",
    evidence: [{ typ: "override+jwt", id: jti, hash: digest }],
    ect_ext: { ovr_level: level, ovr_action: action },
  };
}

function ofDenial(workflow: WorkflowState, task: TaskState, seq: number, at: number): AuditStatement | null {
  const { intent, execAct, agent, code } = task;
  if (intent === null) return null;
  return {
    seq,
    // An attempt may be followed by another for the same task, which has an execution context token in the end.
    jti: auditJti(`attempt ${seq}`, intent.jti),
    wid: workflow.wid,
    exec_act: execAct,
    pred: intent.pred.filter((jti) => workflow.ects.has(jti)),
    inp_hash: intent.inpHash,
    actor: actorOf(agent, workflow),
    outcome: "denied",
    ended_at: at,
    severity: "warning",
    evidence: [{ typ: "intent+jwt", id: intent.jti, hash: intent.digest }],
    ect_ext: { [AUDIT_EXT.task]: task.jti, ...(code === null ? {} : { [AUDIT_EXT.code]: code }) },
  };
}

/** The id of the audit token of an operator's order. */
export const orderAuditJti = (signal: string): string => auditJti("order", signal);

/** Follows from what it is about, so that it is the same one whenever it is issued. */
const auditJti = (what: string, jti: string): string => uuidV5(`audit token ${what}`, jti);

/** Nearly all that is logged ends nothing. */
function mayDeny(fact: Fact): boolean {
  if (fact.typ === "record+jwt") return ENDING_RECORDS.has(fact.claims.kind) || BULK_RECORDS.has(fact.claims.kind);
  if (fact.typ === "exec+jwt") return fact.claims.exec_act === "run_start";
  return CALLS_FOR_AUDIT.has(fact.typ);
}

/** Records of the end of one attempt. */
const ENDING_RECORDS: ReadonlySet<string> = new Set([
  "refused",
  "effect_refused",
  "gate_timed_out",
  "gate_aborted",
  "gate_expired",
  "task_stopped",
]);

interface Touched {
  readonly workflow: WorkflowState;
  readonly task: TaskState;
}

/** The tasks that a fact may have ended. */
function* touched(state: State, fact: Fact): Generator<Touched> {
  if (fact.typ === "record+jwt") {
    const { wid, kind, data } = fact.claims;
    if (BULK_RECORDS.has(kind)) yield* tasksOf(state, wid);
    else if (typeof data.task === "string") yield* one(state, wid, data.task);
  } else if (fact.typ === "hitl-decision+jwt" || fact.typ === "hitl-withdrawal+jwt")
    yield* one(state, fact.claims.wid, state.gates.get(fact.claims.request.jti)?.task);
  else if (fact.typ === "override+jwt") {
    if (ENDS_TASKS.has(fact.claims.action)) yield* tasksOf(state, undefined);
  } else if (fact.typ === "acp+jwt" || fact.typ === "exec+jwt") yield* tasksOf(state, fact.claims.wid);
  else yield* tasksOf(state, undefined);
}

/** Records about agents or a signal, which may end several tasks at once. */
const BULK_RECORDS: ReadonlySet<string> = new Set(["link_lost", "stop_due", "override_escalated", "lease_ended"]);
const ENDS_TASKS: ReadonlySet<string> = new Set(["stop", "rollback", "takeover", "pause", "modify"]);

function* one(state: State, wid: string | undefined, jti: string | undefined): Generator<Touched> {
  const workflow = wid === undefined ? undefined : state.workflows.get(wid);
  const task = jti === undefined ? undefined : workflow?.tasks.get(jti);
  if (workflow !== undefined && task !== undefined) yield { workflow, task };
}

function* tasksOf(state: State, wid: string | undefined): Generator<Touched> {
  for (const workflow of state.workflows.values()) {
    if (workflow.status === "finished" || (wid !== undefined && workflow.wid !== wid)) continue;
    for (const task of workflow.tasks.values()) yield { workflow, task };
  }
}
