import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import { BENCH_EXT } from "../../protocol/behavior/bench-mark.ts";
import { type DrillMark, drillMarkOf } from "../../protocol/drill/drill-mark.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import { evolveDrillStart } from "../drill/evolve.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { addTargets } from "../override/evolve.ts";
import type { HeldEct, State, TaskState, WorkflowState } from "../state.ts";
import { policyOf, runOf } from "./decide.ts";

/** A key is enrolled; an agent's id says which workflow it works for. */
export function evolveWit(state: State, logged: LoggedFact, fact: FactOf<"wit+jwt">): void {
  const { claims } = fact;
  const kid = must(claims.cnf.jwk.kid, "an enrolled key carries its kid");
  state.keys.set(kid, {
    kid,
    subject: claims.sub,
    name: claims.name ?? claims.sub,
    jwk: claims.cnf.jwk,
    use: claims.use ?? "all",
    ...(claims.passkey === undefined ? {} : { passkey: claims.passkey }),
    exp: claims.exp,
    seq: logged.seq,
    at: logged.receivedAt,
  });
}

/** An ECT: the operator's `run_start`, a join, or the end of a task. */
export function evolveEct(state: State, logged: LoggedFact, fact: FactOf<"exec+jwt">): void {
  const { claims } = fact;
  const start = startOf(state, fact);
  if (start !== null) evolveStart(state, logged, start);
  const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
  if (workflow === undefined) return;
  const held = heldOf(logged, fact);
  if (!workflow.ects.has(claims.jti)) workflow.ects.set(claims.jti, held);
  const task = workflow.tasks.get(claims.jti);
  if (task === undefined) return;
  task.ect = held;
  if (task.status === "effect") {
    move(task, claims.ect_ext?.[ECT_EXT.outcome] === "failure" ? "failed" : "done", logged, null);
  } else {
    task.entries.push(logged.seq);
  }
}

const NOTHING: JsonObject = {};

function heldOf({ seq, digest }: LoggedFact, { claims }: FactOf<"exec+jwt">): HeldEct {
  const { iss, iat, exec_act: execAct, pred, ect_ext } = claims;
  const { pol_decision, outcome } = ect_ext ?? NOTHING;
  const ext =
    pol_decision === undefined && outcome === undefined
      ? NOTHING
      : { ...(pol_decision === undefined ? {} : { pol_decision }), ...(outcome === undefined ? {} : { outcome }) };
  return { seq, digest, iss, iat, execAct, pred, ext };
}

interface Start {
  readonly wid: string;
  readonly run: string;
  readonly acp: string;
  readonly by: string;
  readonly acts: boolean;
  readonly drill: DrillMark | null;
  readonly bench: string | null;
}

/**
 * A start is the operator's: a human's `run_start` under a policy of the log that is for this workflow, as the start command
 * takes it. Whatever else says it is one starts nothing (S4, OVR-14).
 */
function startOf(state: State, { claims }: FactOf<"exec+jwt">): Start | null {
  if (claims.exec_act !== "run_start" || claims.wid === undefined || !isHuman(claims.iss)) return null;
  const run = runOf(claims);
  const named = policyOf(claims);
  const policy = typeof named.jti === "string" ? state.policies.get(named.jti) : undefined;
  if (run === null || policy === undefined || policy.hash !== named.hash || policy.claims.wid !== claims.wid)
    return null;
  return {
    wid: claims.wid,
    run,
    acp: policy.jti,
    by: claims.iss,
    acts: claims.ect_ext?.[ECT_EXT.acts] === true,
    drill: drillMarkOf(claims.ect_ext) ?? null,
    bench: typeof claims.ect_ext?.[BENCH_EXT] === "string" ? claims.ect_ext[BENCH_EXT] : null,
  };
}

function evolveStart(state: State, logged: LoggedFact, { wid, run, acp, by, acts, drill, bench }: Start): void {
  const agents = [...state.keys.values()]
    .map((key) => key.subject)
    .filter((subject) => workflowOfAgent(subject) === wid);
  const earlier = state.workflows.get(wid);
  if (earlier !== undefined) {
    // Started again after a stop (S4): what was stopped may be asked for anew, and what others had not done yet, under the
    // policy of this start.
    putInForce(state, earlier, acp, logged);
    earlier.status = "running";
    earlier.halted.clear();
    earlier.agents = [...new Set([...earlier.agents, ...agents])];
    addTargets(state, earlier);
    return;
  }
  const workflow: WorkflowState = {
    wid,
    run,
    acp,
    startSeq: logged.seq,
    startedAt: logged.receivedAt,
    startedBy: by,
    status: "running",
    tasks: new Map(),
    ects: new Map(),
    halted: new Set(),
    agents: [...new Set(agents)],
    suspending: new Set(),
    usage: new Map(),
    acts,
    drill,
    bench,
  };
  state.workflows.set(wid, workflow);
  if (drill !== null) evolveDrillStart(state, logged, workflow, drill);
  addTargets(state, workflow);
}

/** `spiffe://<td>/agent/<wid>/<slug>` -> wid, or null. */
export function workflowOfAgent(agent: string): string | null {
  return /^spiffe:\/\/[^/]+\/agent\/([^/]+)\/[^/]+$/.exec(agent)?.[1] ?? null;
}

export function evolveIntent(state: State, logged: LoggedFact, fact: FactOf<"intent+jwt">): void {
  const { claims } = fact;
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return;
  const earlier = workflow.tasks.get(claims.task);
  workflow.tasks.set(claims.task, {
    jti: claims.task,
    agent: claims.iss,
    execAct: claims.exec_act,
    status: "asked",
    intent: {
      jti: claims.jti,
      seq: logged.seq,
      at: logged.receivedAt,
      digest: logged.digest,
      inpHash: claims.inp_hash,
      argsHash: claims.args_hash,
      pred: claims.pred,
      target: claims.target ?? null,
      acp: claims.acp,
      ...(claims.needs === undefined ? {} : { needs: claims.needs }),
      ...(claims.undo === undefined ? {} : { undo: claims.undo }),
    },
    ruleIds: [],
    request: null,
    grant: null,
    ect: earlier?.ect ?? null,
    at: logged.receivedAt,
    code: null,
    entries: [...(earlier?.entries ?? []), logged.seq],
  });
}

/** Moves a task and remembers the entry that moved it: the answer to "why is it in this state". */
export function move(task: TaskState, status: TaskState["status"], logged: LoggedFact, code: string | null): void {
  task.status = status;
  task.code = code;
  task.at = logged.receivedAt;
  task.entries.push(logged.seq);
}

/**
 * Another policy is in force for a workflow (ACP-44). What was decided under the earlier one and has not happened ends as
 * stopped, so that it may be asked for anew; approvals given and not used are void with their gates.
 */
export function putInForce(state: State, workflow: WorkflowState, acp: string, logged: LoggedFact): void {
  const earlier = state.policies.get(workflow.acp);
  if (earlier !== undefined) earlier.replacedBy = acp;
  workflow.acp = acp;
  for (const task of workflow.tasks.values()) {
    if (task.status !== "asked" && task.status !== "waiting" && task.status !== "running") continue;
    move(task, "stopped", logged, "acp_replaced");
    endGate(state, task.request, logged);
  }
}

/** A request ends with what it was about; what was approved and not used is void. */
export function endGate(state: State, request: string | null, logged: LoggedFact): void {
  const gate = request === null ? undefined : state.gates.get(request);
  if (gate === undefined || (gate.status !== "pending" && gate.status !== "approved")) return;
  gate.status = "aborted";
  gate.closedAt = logged.receivedAt;
  gate.entries.push(logged.seq);
}

export function taskOf(
  state: State,
  wid: string | undefined,
  jti: unknown,
): { workflow: WorkflowState; task: TaskState } | null {
  const workflow = wid === undefined ? undefined : state.workflows.get(wid);
  const task = typeof jti === "string" ? workflow?.tasks.get(jti) : undefined;
  return workflow === undefined || task === undefined ? null : { workflow, task };
}
