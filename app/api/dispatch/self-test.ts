import { err, ok, type Result } from "../../base/result.ts";
import { isConduct } from "../../engine/behavior/conduct.ts";
import { provenAgents } from "../../engine/drill/proven-agents.ts";
import type { SubmitError } from "../../engine/engine.ts";
import type { State } from "../../engine/state.ts";
import { agentUri } from "../../engine/workflow/plan.ts";
import type { Host } from "../../host/open-host.ts";
import { GATED_ACTION, STEP_ACTION, selfTestRun } from "../../host/self-test/self-test-run.ts";
import { startWorkflow } from "../../host/start-workflow.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { drillMarkOf } from "../../protocol/drill/drill-mark.ts";
import { SELF_TEST } from "../../protocol/drill/self-test.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { endedSignal, graceMs, isDrill } from "../../protocol/override/params.ts";

/** By workflow that is not over, the agents behind those that take part in it; drills and benchmarks have none (BEH-16). */
function runningIn(state: State): { wid: string; agents: string[] }[] {
  return [...state.workflows.values()].flatMap((workflow) =>
    isConduct(workflow) && workflow.status === "running"
      ? [{ wid: workflow.wid, agents: [...new Set(workflow.agents.map(standingOf))] }]
      : [],
  );
}

function agentsOf(state: State): Set<string> {
  const conduct = [...state.workflows.values()].filter(isConduct);
  return new Set(conduct.flatMap(({ agents }) => agents.map(standingOf)));
}

/** The run is written for these agents alone: each is one of the log, and tested in the name it has there. */
export async function prepareSelfTest(host: Host, input: { readonly agents: readonly string[]; readonly wid: string }) {
  const { domain, pepId } = host.engine.ids;
  const known = await host.engine.read(agentsOf);
  const unknown = input.agents.find((agent) => !known.has(agent));
  if (unknown !== undefined || new Set(input.agents).size < input.agents.length)
    return err({ ...refusal("agent_unknown", "no such agent takes part in a workflow of this log"), status: 404 });
  const names = input.agents.map((agent) => agent.slice(agent.lastIndexOf("/") + 1));
  const stored = await host.runs.add(selfTestRun(names));
  if (!stored.ok) return stored;
  return ok({
    ...{ wid: input.wid, digest: stored.value.digest, pepId, step: STEP_ACTION, gated: GATED_ACTION },
    agents: names.map((name) => ({ agent: agentUri(domain, input.wid, name), name })),
  });
}

/** Only of agents that are there now, and only with a stop that can be given in its course. */
export async function startSelfTest(
  host: Host,
  input: { readonly acp: string; readonly start: string; readonly stop: string; readonly release: string },
): Promise<Result<{ readonly wid: string; readonly seq: number }, SubmitError>> {
  const start = await host.engine.receive(input.start);
  if (!start.ok) return start;
  const stop = await host.engine.receive(input.stop);
  if (!stop.ok) return stop;
  const release = await host.engine.receive(input.release);
  if (!release.ok) return release;
  const [begins, ends] = [start.value.fact, stop.value.fact];
  const wid = begins.typ === "exec+jwt" ? begins.claims.wid : undefined;
  const mark = begins.typ === "exec+jwt" ? drillMarkOf(begins.claims.ect_ext) : null;
  if (wid === undefined || mark?.script !== SELF_TEST)
    return err(refusal("drill_unmarked", "a self-test's start says that it is one", { claim: "ect_ext" }));
  const wrong = stopProblem(ends, wid, begins.claims.iss);
  if (wrong !== null) return err(wrong);
  if (ends.typ !== "override+jwt") return err(refusal("token_wrong_type", "a stop is expected here"));
  const { jti, deadline_ms: deadlineMs } = ends.claims;
  const after = release.value.fact;
  if (after.typ !== "override+jwt" || endedSignal(after.claims) !== jti || after.claims.iss !== ends.claims.iss)
    return err(refusal("start_mismatch", "the release of a self-test is of its stop", { claim: "params" }));
  await host.selfTests.expect(wid, { token: input.stop, jti, deadlineMs, release: input.release });
  return startWorkflow(host, { acp: input.acp, start: input.start, speed: 1 });
}

type Received = Awaited<ReturnType<Host["engine"]["receive"]>>;
type ReceivedFact = Extract<Received, { ok: true }>["value"]["fact"];

/** The stop reaches the self-test and nobody else, at once, and is by whoever starts it. */
function stopProblem(fact: ReceivedFact, wid: string, by: string): Refusal | null {
  if (fact.typ !== "override+jwt" || fact.claims.action !== "stop" || endedSignal(fact.claims) !== null)
    return refusal("token_wrong_type", "a stop is expected here");
  const { scope, iss } = fact.claims;
  if (scope.kind !== "workflow" || scope.id !== wid)
    return refusal("start_mismatch", "the stop of a self-test is of its workflow alone", { claim: "scope" });
  if (iss !== by) return refusal("start_mismatch", "start and stop are by one operator", { claim: "iss" });
  return graceMs(fact.claims) === null && !isDrill(fact.claims)
    ? null
    : refusal("start_mismatch", "the stop of a self-test is an immediate one", { claim: "params" });
}

/** What is proven of all agents, or of this one. */
export async function selfTests(host: Host, agent: string | null) {
  const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
  const found = await host.engine.read((state) => ({
    agents: provenAgents(state, agent === null ? agentsOf(state) : [agent], nowS),
    workflows: runningIn(state),
  }));
  return { place: host.ports.pool.place, ...found };
}

/** What is to be said of self-tests in every view: who failed, and whose proof is over (S12). */
export async function selfTestAlarms(host: Host, nowS: number) {
  const proofs = await host.engine.read((state) => provenAgents(state, agentsOf(state), nowS));
  const due = proofs.flatMap(({ dueAt, overdue }) => (dueAt === null || overdue ? [] : [dueAt]));
  return {
    failed: proofs.filter(({ last }) => last?.result === "failed").length,
    overdue: proofs.filter(({ dueAt, overdue }) => dueAt !== null && overdue).length,
    nextDueAt: due.length === 0 ? null : Math.min(...due),
  };
}
