import { DEFAULT_PLAN, LIVENESS_EXT, startTermsSchema } from "../../protocol/liveness/terms.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State, WorkflowState } from "../state.ts";
import { endGate, move } from "../workflow/evolve.ts";
import { type AgentLiveness, type LeaseState, LINK_STAGES, type LinkStage } from "./liveness-state.ts";

/** Folds what bears on liveness, after the workflow itself has been folded. */
export function evolveLiveness(state: State, logged: LoggedFact): void {
  const { fact } = logged;
  if (fact.typ === "lease+jwt") {
    const { claims } = fact;
    const found = entryOf(state, claims.agent, claims.wid);
    found.lease = leaseOf(logged, { jti: claims.jti, by: claims.iss, durationS: claims.duration_s });
  } else if (fact.typ === "exec+jwt") {
    if (fact.claims.exec_act === "run_start") evolveStart(state, logged, fact);
  } else if (fact.typ === "record+jwt") {
    if (fact.claims.kind === "lease_ended") endLease(state, fact);
    else if (fact.claims.kind === "link_lost") loseLink(state, logged, fact);
    else if (fact.claims.kind === "link_returned") returnLink(state, logged, fact);
    else if (fact.claims.kind === "run_finished") forget(state, fact.claims.wid);
  }
}

/** A start declares plans and gives the first leases; a new one after a stop keeps what it does not declare otherwise. */
function evolveStart(state: State, logged: LoggedFact, { claims }: FactOf<"exec+jwt">): void {
  const workflow = claims.wid === undefined ? undefined : state.workflows.get(claims.wid);
  // Only the start that the workflow has just begun or gone on with.
  if (workflow === undefined || !workflow.ects.has(claims.jti) || workflow.status !== "running") return;
  const declared = startTermsSchema.safeParse(claims.ect_ext?.[LIVENESS_EXT]);
  const start = { jti: claims.jti, by: claims.iss };
  if (!declared.success) {
    for (const agent of workflow.agents) {
      const found = state.liveness.get(agent);
      if (found === undefined) continue;
      listenAnew(found);
      if (found.lease !== null) found.lease = leaseOf(logged, { ...start, durationS: found.lease.durationS });
    }
    return;
  }
  const { plan, plans, lease } = declared.data;
  for (const agent of workflow.agents) {
    const found = entryOf(state, agent, workflow.wid);
    listenAnew(found);
    const named = plans?.[agent] ?? plan;
    found.plan = named ?? DEFAULT_PLAN;
    found.declared = named !== undefined;
    found.lease =
      lease?.agents.includes(agent) === true ? leaseOf(logged, { ...start, durationS: lease.duration_s }) : null;
  }
}

/** What halted it as its plan is over with the start (O4); any other loss lasts until it is heard of (S13, OVR-38). */
function listenAnew(found: AgentLiveness): void {
  if (found.link?.stage === "planned" && found.plan.do === "safe_stop") found.link = null;
}

function leaseOf(logged: LoggedFact, given: Pick<LeaseState, "jti" | "by" | "durationS">): LeaseState {
  const at = logged.receivedAt;
  return { ...given, at, until: at + given.durationS, lapsed: false, finishing: new Set(), seq: logged.seq };
}

function endLease(state: State, { claims }: FactOf<"record+jwt">): void {
  const found = state.liveness.get(String(claims.data.agent));
  if (found === undefined || found.lease === null) return;
  found.lease.lapsed = true;
  found.lease.finishing = underWay(state, found);
}

function loseLink(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const { data, wid } = claims;
  if (wid === undefined) return;
  const found = entryOf(state, String(data.agent), wid);
  const stage = LINK_STAGES.find((one) => one === data.stage) ?? "degraded";
  const finishing = stage === "planned" ? underWay(state, found) : new Set<string>();
  found.link = { stage, heardAt: Number(data.heard_at), at: logged.receivedAt, finishing, seq: logged.seq };
  if (stage === "planned" && found.plan.do === "safe_stop") safeStop(state, found, logged);
}

/** O4: the orderly stop of an agent that is not heard of. What it was let do ends as it ends; only an operator starts it again. */
function safeStop(state: State, { agent, wid }: AgentLiveness, logged: LoggedFact): void {
  const workflow = state.workflows.get(wid);
  if (workflow === undefined || workflow.status === "finished") return;
  workflow.halted.add(agent);
  if (workflow.agents.every((one) => workflow.halted.has(one))) workflow.status = "stopped";
  for (const task of workflow.tasks.values()) {
    const open = task.status === "asked" || task.status === "waiting" || task.status === "running";
    if (!open || task.agent !== agent) continue;
    move(task, "stopped", logged, "link_lost");
    endGate(state, task.request, logged);
  }
}

function returnLink(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const found = state.liveness.get(String(claims.data.agent));
  if (found === undefined) return;
  const stage: LinkStage = found.link?.stage ?? "degraded";
  found.link = null;
  found.returned = { at: logged.receivedAt, awayS: Number(claims.data.away_s), stage, seq: logged.seq };
}

function underWay(state: State, { agent, wid }: Pick<AgentLiveness, "agent" | "wid">): Set<string> {
  const tasks = state.workflows.get(wid)?.tasks.values() ?? [];
  return new Set(
    [...tasks]
      .filter((task) => task.agent === agent && (task.status === "running" || task.status === "effect"))
      .map(({ jti }) => jti),
  );
}

function entryOf(state: State, agent: string, wid: WorkflowState["wid"]): AgentLiveness {
  const known = state.liveness.get(agent);
  if (known !== undefined) return known;
  const made: AgentLiveness = {
    agent,
    wid,
    plan: DEFAULT_PLAN,
    declared: false,
    lease: null,
    link: null,
    returned: null,
  };
  state.liveness.set(agent, made);
  return made;
}

/** Of a workflow that has finished nobody is asked for a lease, and nobody listens for its agents. */
function forget(state: State, wid: string | undefined): void {
  for (const [agent, found] of state.liveness) if (found.wid === wid) state.liveness.delete(agent);
}
