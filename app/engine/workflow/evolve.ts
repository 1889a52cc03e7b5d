import { must } from "../../base/assert.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State, TaskState, WorkflowState } from "../state.ts";
import { runOf } from "./decide.ts";

/** A key is enrolled; an agent's id says which workflow it works for. */
export function evolveWit(state: State, logged: LoggedFact, fact: FactOf<"wit+jwt">): void {
  const { claims } = fact;
  const kid = must(claims.cnf.jwk.kid, "an enrolled key carries its kid");
  state.keys.set(kid, {
    kid,
    subject: claims.sub,
    name: claims.name ?? claims.sub,
    jwk: claims.cnf.jwk,
    seq: logged.seq,
    at: logged.receivedAt,
  });
}

export function evolvePolicy(state: State, logged: LoggedFact, fact: FactOf<"acp+jwt">): void {
  state.policies.set(fact.claims.jti, {
    jti: fact.claims.jti,
    hash: logged.digest,
    seq: logged.seq,
    claims: fact.claims,
  });
}

/** An ECT: the operator's `run_start`, a join, or the end of a task. */
export function evolveEct(state: State, logged: LoggedFact, fact: FactOf<"exec+jwt">): void {
  if (fact.claims.exec_act === "run_start") {
    evolveStart(state, logged, fact);
    return;
  }
  const workflow = fact.claims.wid === undefined ? undefined : state.workflows.get(fact.claims.wid);
  if (workflow === undefined) return;
  const task = workflow.tasks.get(fact.claims.jti);
  if (task === undefined) {
    workflow.joins.add(fact.claims.jti);
    return;
  }
  task.ect = { seq: logged.seq, digest: logged.digest };
  if (task.status === "effect") {
    move(task, fact.claims.ect_ext?.[ECT_EXT.outcome] === "failure" ? "failed" : "done", logged, null);
  } else {
    task.entries.push(logged.seq);
  }
}

function evolveStart(state: State, logged: LoggedFact, fact: FactOf<"exec+jwt">): void {
  const wid = must(fact.claims.wid, "a run_start names its workflow");
  const reference = fact.claims.ect_ext?.["org.signalbox.acp"] as { jti: string };
  const agents = [...state.keys.values()]
    .map((key) => key.subject)
    .filter((subject) => workflowOfAgent(subject) === wid);
  const earlier = state.workflows.get(wid);
  if (earlier !== undefined) {
    // Started again after a stop (S4): what was stopped may be asked for anew; nothing else changes.
    earlier.acp = reference.jti;
    earlier.status = "running";
    earlier.halted.clear();
    earlier.agents = [...new Set([...earlier.agents, ...agents])];
    return;
  }
  state.workflows.set(wid, {
    wid,
    run: must(runOf(fact.claims), "a run_start names its run"),
    acp: reference.jti,
    startSeq: logged.seq,
    startedAt: logged.receivedAt,
    startedBy: fact.claims.iss,
    status: "running",
    tasks: new Map(),
    joins: new Set(),
    halted: new Set(),
    agents: [...new Set(agents)],
    calls: new Map(),
  });
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
      digest: logged.digest,
      inpHash: claims.inp_hash,
      argsHash: claims.args_hash,
      pred: claims.pred,
      target: claims.target ?? null,
    },
    ruleIds: [],
    request: null,
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

export function taskOf(
  state: State,
  wid: string | undefined,
  jti: unknown,
): { workflow: WorkflowState; task: TaskState } | null {
  const workflow = wid === undefined ? undefined : state.workflows.get(wid);
  const task = typeof jti === "string" ? workflow?.tasks.get(jti) : undefined;
  return workflow === undefined || task === undefined ? null : { workflow, task };
}
