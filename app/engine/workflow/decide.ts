import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { acceptAcp } from "../../protocol/acp/accept-acp.ts";
import { BENCH_EXT } from "../../protocol/behavior/bench-mark.ts";
import { leafDomains } from "../../protocol/cascade/failure-domain.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { MAX_ECT_LIFETIME_S } from "../../protocol/ect/ect-token.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import { placeEct as placeInDag } from "../../protocol/ect/verify-ect.ts";
import type { EnrolledPasskey } from "../../protocol/identity/passkey.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import { benchStartProblem } from "../behavior/bench-start.ts";
import { quarantineProblem } from "../behavior/effects.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { drillStartProblem } from "../drill/decide.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { keyUseProblem } from "../identity/key-use.ts";
import { MAY_START, roleProblem } from "../identity/roles.ts";
import { latchedStop } from "../override/scope.ts";
import { type HostIds, recordDraft, tokenDraft } from "../records.ts";
import { isUndoAct, undoEctProblem } from "../rollback/accept-ect.ts";
import type { GateState, State, TaskState, WorkflowState } from "../state.ts";
import { heldEcts, withoutJoins } from "./held-ects.ts";

/** How long an agent's key is bound to it at least, seconds (WIT lifetimes are hours). */
export const AGENT_KEY_LIFETIME_S = 86_400;

/**
 * Starts a workflow, or a stopped one again, under a new policy: the operator's `acp+jwt`, the operator's `run_start` ECT
 * that names policy and recorded run, and the identities of the agents, in one frame.
 */
export function decideStart(
  state: State,
  command: Extract<Command, { kind: "start" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const acp = command.acp.fact.claims;
  const problem = startProblem(state, command, moment);
  if (problem !== null) return err(problem);

  // An agent states what it did after the policy has let it: its key outlasts the policy by the life of an ECT.
  const keyEnd = acp.exp + MAX_ECT_LIFETIME_S;
  const lifetimeS = Math.max(AGENT_KEY_LIFETIME_S, keyEnd - moment.nowS);
  const identities = command.agents
    .filter((agent) => (state.keys.get(agent.kid)?.exp ?? 0) < keyEnd)
    .map((agent): Draft => witDraft(ids, moment, agent, lifetimeS));
  return ok([
    ...identities,
    tokenDraft(command.acp.verified, command.acp.fact),
    tokenDraft(command.start.verified, command.start.fact),
  ]);
}

function startProblem(state: State, command: Extract<Command, { kind: "start" }>, moment: Moment): Refusal | null {
  const acp = command.acp.fact.claims;
  const start = command.start.fact.claims;
  if (!isHuman(start.iss) || !isHuman(acp.iss))
    return refusal("start_unauthorized", "a workflow is started by an operator");
  const denied =
    keyUseProblem(state, command.acp.verified, command.acp.fact) ??
    keyUseProblem(state, command.start.verified, command.start.fact) ??
    startRoleProblem(state, acp.iss, moment.nowS) ??
    startRoleProblem(state, start.iss, moment.nowS);
  if (denied !== null) return denied;
  if (start.exec_act !== "run_start")
    return refusal("ect_claim_invalid", "the start token's exec_act is run_start", { claim: "exec_act" });
  if (start.wid === undefined || start.wid !== acp.wid)
    return refusal("start_mismatch", "policy and start name different workflows", { claim: "wid" });
  const placed = placeEct(state, command.start.verified, start, moment);
  if (!placed.ok) return placed.error;
  const named = policyOf(start);
  if (named.jti !== acp.jti || named.hash !== command.acp.verified.digest) {
    return refusal("start_mismatch", "the start does not name this exact policy", { claim: "ect_ext" });
  }
  const run = runOf(start);
  if (run === null)
    return refusal("start_mismatch", "the start names no recorded run in obj_typ and obj_hash", { claim: "ect_ext" });
  if (state.policies.has(acp.jti)) return refusal("token_replayed", "this policy was issued already", { jti: acp.jti });
  const accepted = acceptAcp(acp);
  if (!accepted.ok) return accepted.error;
  const domains = leafDomains(acp.failure_domains ?? []);
  if (!domains.ok) return domains.error;
  if (acp.replaces !== undefined)
    return refusal("acp_replaced", "a policy takes another's place by itself, not with a start", { claim: "replaces" });
  if (acp.parent !== undefined)
    return refusal("acp_parent_mismatch", "a workflow starts under a policy of its own, not under a derived one", {
      claim: "parent",
    });

  const workflow = state.workflows.get(start.wid);
  const drill = drillStartProblem(start.ect_ext, workflow);
  if (drill !== null) return drill;
  const bench = benchStartProblem(state, start);
  if (bench !== null) return bench;
  if (workflow !== undefined && workflow.status === "running" && workflow.halted.size === 0) {
    return refusal("workflow_running", "this workflow is running already");
  }
  if (workflow !== undefined && workflow.status === "finished")
    return refusal("workflow_finished", "this workflow has finished; start the run again as a new workflow");
  if (workflow !== undefined && workflow.run !== run)
    return refusal("start_mismatch", "a workflow goes on with the run it was started with");
  for (const agent of command.agents) {
    const owner = state.keys.get(agent.kid)?.subject ?? agent.subject;
    const quarantined = quarantineProblem(state, agent.subject);
    if (quarantined !== null) return quarantined;
    if (owner !== agent.subject) return refusal("key_enrolled", "an agent's key speaks for somebody else already");
    const latch = latchedStop(state, { agent: agent.subject, wid: start.wid });
    if (latch !== null)
      return refusal("override_active", "a stop is latched for this scope: release it first (S4)", { jti: latch });
  }
  return null;
}

function startRoleProblem(state: State, subject: string, nowS: number): Refusal | null {
  return roleProblem(state, subject, MAY_START, nowS, { code: "start_unauthorized", what: "starting a workflow" });
}

/** The recorded run a `run_start` ECT refers to (COM-11): its object digest, or null. */
export function runOf(start: FactOf<"exec+jwt">["claims"]): string | null {
  const ext = start.ect_ext ?? {};
  return ext.obj_typ === "recorded-run+json" && typeof ext.obj_hash === "string" ? ext.obj_hash : null;
}

/** The policy a `run_start` ECT says it is issued under. */
export function policyOf(start: FactOf<"exec+jwt">["claims"]): { readonly jti?: unknown; readonly hash?: unknown } {
  return policyNamed(start.ect_ext?.["org.signalbox.acp"]);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function policyNamed(reference: Json | undefined): { readonly jti?: unknown; readonly hash?: unknown } {
  return typeof reference === "object" && reference !== null && !isList(reference) ? reference : {};
}

/** A `wit+jwt` of the log that binds a subject to its key. */
export function witDraft(
  ids: HostIds,
  moment: Moment,
  who: {
    readonly subject: string;
    readonly name: string;
    readonly jwk: FactOf<"wit+jwt">["claims"]["cnf"]["jwk"];
    readonly use?: "stop" | "settlement" | "border" | "query" | "verifier";
    readonly passkey?: EnrolledPasskey;
  },
  lifetimeS: number,
): Draft {
  return {
    kind: "sign",
    as: "log",
    fact: {
      typ: "wit+jwt",
      claims: {
        iss: ids.logId,
        sub: who.subject,
        iat: moment.nowS,
        exp: moment.nowS + lifetimeS,
        jti: moment.uuid(),
        cnf: { jwk: who.jwk },
        name: who.name.slice(0, 256),
        ...(who.use === undefined ? {} : { use: who.use }),
        ...(who.passkey === undefined ? {} : { passkey: who.passkey }),
      },
    },
  };
}

/**
 * An agent's ECT: evidence that a task is over. What is verified in the order of the log comes first (ect.md D2, D4). It is
 * accepted for a task whose effect was let through, for a join, and, as evidence of a violation, for a task that was
 * stopped; anything else was never permitted.
 */
export function decideEct(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"exec+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" }));
  const placed = placeEct(state, token, claims, moment);
  if (!placed.ok) return placed;
  const problem = taskProblem(state, workflow, claims);
  if (problem !== null) return err(problem);
  return ok([tokenDraft(token, fact)]);
}

/**
 * Verifies an ECT at its place in the log (ect.md D2 step 15, D4). The same token again is a replay; another one for the
 * same task is its duplicate (ECT-11, ECT-12).
 */
export function placeEct(
  state: State,
  token: Verified<unknown>,
  claims: FactOf<"exec+jwt">["claims"],
  moment: Moment,
): Result<unknown, Refusal> {
  const { jti, wid } = claims;
  const seen = (): boolean => wid !== undefined && state.workflows.get(wid)?.ects.get(jti)?.digest === token.digest;
  return placeInDag(claims, 2, { nowS: moment.nowS, seen, known: heldEcts(state.workflows) });
}

/** What the enforcement point knows of the task, against what its agent states. */
function taskProblem(state: State, workflow: WorkflowState, claims: FactOf<"exec+jwt">["claims"]): Refusal | null {
  if (!workflow.agents.includes(claims.iss))
    return refusal("ect_issuer_mismatch", "the issuer is no agent of this workflow", { claim: "iss" });
  const task = workflow.tasks.get(claims.jti);
  if (task === undefined && claims.exec_act === "join")
    return claims.pred.length > 0
      ? quarantineProblem(state, claims.iss)
      : refusal("ect_claim_invalid", "a join joins predecessors: it names at least one", { claim: "pred" });
  if (task === undefined && isUndoAct(state, claims)) return undoEctProblem(state, workflow, claims);
  if (isReservedAct(claims.exec_act))
    return refusal("ect_act_reserved", `"${claims.exec_act}" is no work of an agent's`, { claim: "exec_act" });
  if (task === undefined)
    return refusal("task_not_permitted", "no permission was asked for this task", { jti: claims.jti });
  if (task.agent !== claims.iss)
    return refusal("ect_issuer_mismatch", "another agent asked for this task", { claim: "iss" });
  if (task.status !== "effect" && task.status !== "stopped")
    return refusal("task_not_permitted", `the task is ${task.status}: its effect was not let through`, {
      jti: claims.jti,
    });
  if (task.execAct !== claims.exec_act || task.intent?.inpHash !== claims.inp_hash)
    return refusal("hitl_bind_mismatch", "the ECT names another action or input than the one that was permitted");
  const gate = task.request === null ? undefined : state.gates.get(task.request);
  // What is no run of a benchmark keeps no conduct out of the windows, and what is one says so everywhere (BEH-16).
  if ((claims.ect_ext?.[BENCH_EXT] ?? null) !== workflow.bench)
    return refusal("bench_mark_mismatch", "the ECT says otherwise than its start whether it is of a benchmark", {
      claim: `ect_ext.${BENCH_EXT}`,
    });
  return referenceProblem(task, gate, claims.ect_ext ?? {}) ?? predProblem(workflow, task, gate, claims.pred);
}

/** P2.6: the ECT names the policy it was let through under, and changed arguments where an approval changed them. */
function referenceProblem(task: TaskState, gate: GateState | undefined, ext: JsonObject): Refusal | null {
  const named = policyNamed(ext.acp_ref);
  if (named.jti !== task.intent?.acp.jti || named.hash !== task.intent?.acp.hash)
    return refusal("ect_acp_mismatch", "the ECT does not name the policy of its intent (P2.6)", {
      claim: "ect_ext.acp_ref",
    });
  const changed = gate?.modified?.argsHash;
  return ext[ECT_EXT.args] === changed
    ? null
    : refusal("hitl_bind_mismatch", "the ECT names other arguments than those that were approved (ACP-11)", {
        claim: `ect_ext.${ECT_EXT.args}`,
      });
}

/**
 * ECT-53: an ECT follows what its intent said it would and the decisions that approved it (P2.6), joins taken for what they
 * join, and beside it only tasks that were called while it was under way: asked for after it, and over before it.
 */
function predProblem(
  workflow: WorkflowState,
  task: TaskState,
  gate: GateState | undefined,
  pred: readonly string[],
): Refusal | null {
  const asked = [...(task.intent?.pred ?? []), ...approvalNodes(workflow, gate)];
  const began = task.entries[0] ?? 0;
  const isCalled = (jti: string): boolean => (workflow.tasks.get(jti)?.entries[0] ?? 0) > began;
  const named = new Set(pred);
  const known = new Set(asked);
  // Mostly they are the same names, and joins need not be looked into.
  if (asked.every((jti) => named.has(jti)) && pred.every((jti) => known.has(jti) || isCalled(jti))) return null;
  const stated = withoutJoins(workflow.ects, pred);
  const due = withoutJoins(workflow.ects, asked);
  const missing = [...due].filter((jti) => !stated.has(jti));
  const added = [...stated].filter((jti) => !due.has(jti) && !isCalled(jti));
  const tasks = [...missing, ...added];
  if (tasks.length === 0) return null;
  const what = missing.length > 0 ? "does not name" : "also names";
  return refusal("ect_pred_mismatch", `the ECT ${what} ${tasks[0]}: other predecessors than its intent`, {
    claim: "pred",
    jti: task.jti,
    tasks: tasks.slice(0, 100),
  });
}

/** The ECTs of the decisions that approved a request, in order. Decisions from before they had one have none. */
export function approvalNodes(workflow: Pick<WorkflowState, "ects">, gate: GateState | undefined): string[] {
  return (gate?.decisions ?? [])
    .filter(({ outcome }) => outcome === "approve" || outcome === "modify")
    .map(({ jti }) => nodeJti(jti))
    .filter((jti) => workflow.ects.has(jti));
}

export function decideFinish(
  state: State,
  command: Extract<Command, { kind: "finish" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const workflow = state.workflows.get(command.wid);
  if (workflow === undefined) return err(refusal("workflow_unknown", "no such workflow in this log"));
  if (workflow.status === "finished") return err(refusal("workflow_finished", "it has finished already"));
  return ok([recordDraft(ids, moment, "run_finished", command.wid, { jti: command.cause }, { ...command.summary })]);
}
