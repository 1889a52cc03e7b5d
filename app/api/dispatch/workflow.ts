import { must } from "../../base/assert.ts";
import type { Result } from "../../base/result.ts";
import { err, ok } from "../../base/result.ts";
import type { State, WorkflowState } from "../../engine/state.ts";
import { agentUri, type RunPlan, taskStates } from "../../engine/workflow/plan.ts";
import type { Host } from "../../host/open-host.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { readRuns, rowsAt } from "./entries.ts";
import { openEct } from "./open-ect.ts";
import {
  countStates,
  liveAgents,
  playbackOf,
  runGraph,
  statusOf,
  storedRun,
  summarize,
  whyOf,
} from "./workflow-views.ts";

export const workflowOperations = {
  addRun: api.workflow.addRun.handler(async ({ context: { host }, input, errors }) => {
    const added = valueOr(await host.runs.add(input), errors);
    if (!added.alreadyStored) host.changes.touch(["workflow"]);
    return added;
  }),

  listRuns: api.workflow.listRuns.handler(async ({ context: { host }, errors }) => {
    const plans = valueOr(await host.runs.list(), errors);
    // The scripts of drills are started as drills only.
    const recorded = plans.filter(({ run }) => run.format !== "drill");
    return { position: await positionOf(host), runs: recorded.map((plan) => storedRun(plan)) };
  }),

  removeRun: api.workflow.removeRun.handler(async ({ context: { host }, input, errors }) => {
    const used = await host.engine.read((state) =>
      [...state.workflows.values()].some((workflow) => workflow.run === input.digest),
    );
    if (used)
      throw errorFor(refusal("run_in_use", "a workflow of this log re-enacts this run: it stays with it"), errors);
    const removed = valueOr(await host.runs.remove(input.digest), errors);
    host.changes.touch(["workflow"]);
    return { removed };
  }),

  graph: api.workflow.graph.handler(async ({ context: { host }, input, errors }) =>
    runGraph(valueOr(await host.runs.plan(input.digest), errors)),
  ),

  runTask: api.workflow.runTask.handler(async ({ context: { host }, input, errors }) => {
    const plan = valueOr(await host.runs.plan(input.digest), errors);
    const task = plan.tasks[plan.indexOf.get(input.task) ?? -1];
    if (task === undefined)
      throw errorFor({ ...refusal("task_unknown", "the run has no such task"), status: 404 }, errors);
    return task;
  }),

  prepare: api.workflow.prepare.handler(async ({ context: { host }, input, errors }) => {
    const plan = valueOr(await host.runs.plan(input.digest), errors);
    const { domain, pepId, logId } = host.engine.ids;
    return {
      wid: input.wid,
      pepId,
      logId,
      agents: plan.run.agents.map((agent) => ({ id: agent.id, agent: agentUri(domain, input.wid, agent.id) })),
    };
  }),

  start: api.workflow.start.handler(async ({ context: { host }, input, errors }) => {
    const { startWorkflow } = await import("../../host/start-workflow.ts");
    return valueOr(await startWorkflow(host, input), errors);
  }),

  list: api.workflow.list.use(asOf).handler(async ({ context: { host } }) => {
    const runs = await readRuns(host);
    const workflows = await host.engine.read((state) =>
      [...state.workflows.values()].flatMap((workflow) => {
        const plan = host.runs.known(runs.get(workflow.wid) ?? "");
        return plan === undefined ? [] : [summarize(host, workflow, plan)];
      }),
    );
    return { position: await positionOf(host), workflows: workflows.sort((a, b) => b.startedAt - a.startedAt) };
  }),

  get: api.workflow.get.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const plan = valueOr(await planOf(host, input.wid), errors);
    const read = await withWorkflow(host, input.wid, (workflow, state) => {
      const policy = must(state.policies.get(workflow.acp), "a workflow has its policy");
      const { jti, hash, claims, seq } = policy;
      return { workflow: summarize(host, workflow, plan), policy: { jti, hash, claims, seq } };
    });
    return { position: await positionOf(host), ...valueOr(read, errors) };
  }),

  states: api.workflow.states.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const plan = valueOr(await planOf(host, input.wid), errors);
    const { jtis } = host.runs.jtis(input.wid, plan);
    const read = await withWorkflow(host, input.wid, (workflow, state) => {
      const states = taskStates(plan, workflow, jtis);
      const counts = countStates(states);
      return {
        states: [...states],
        counts,
        agents: liveAgents(host, state, workflow, plan),
        playback: playbackOf(host, input.wid),
        status: statusOf(host, workflow, counts),
      };
    });
    return { position: await positionOf(host), ...valueOr(read, errors) };
  }),

  task: api.workflow.task.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const plan = valueOr(await planOf(host, input.wid), errors);
    const { jtis } = host.runs.jtis(input.wid, plan);
    const recorded = plan.tasks[input.index];
    const jti = jtis[input.index];
    if (recorded === undefined || jti === undefined)
      throw errorFor({ ...refusal("task_unknown", "the workflow has no such task"), status: 404 }, errors);
    const read = valueOr(
      await withWorkflow(host, input.wid, (workflow) => {
        const states = taskStates(plan, workflow, jtis);
        const task = workflow.tasks.get(jti);
        const state = states[input.index] ?? 0;
        return {
          state,
          why: whyOf(state, task, plan, states, input.index),
          entries: [...(task?.entries ?? [])],
          request: task?.request ?? null,
          ect: task?.ect ?? null,
        };
      }),
      errors,
    );
    return {
      position: await positionOf(host),
      jti,
      state: read.state,
      agent: agentUri(host.engine.ids.domain, input.wid, recorded.agent),
      recorded,
      why: read.why,
      entries: await rowsAt(host, read.ect === null ? read.entries : [...read.entries, read.ect.seq]),
      predecessors: [...(plan.parents[input.index] ?? [])],
      successors: [...(plan.successors[input.index] ?? [])],
      request: read.request,
      ect: read.ect === null ? null : await openEct(host, input.wid, read.ect.seq),
    };
  }),

  playback: api.workflow.playback.handler(async ({ context: { host }, input, errors }) => {
    const found = await host.engine.read((state) => {
      const workflow = state.workflows.get(input.wid);
      return workflow === undefined ? null : { isMeasured: workflow.bench !== null && workflow.status === "running" };
    });
    if (found === null) throw errorFor(refusal("workflow_unknown", "no such workflow in this log"), errors);
    // Its speed is part of what was ordered, and no log would tell that it was another one.
    if (found.isMeasured)
      throw errorFor(refusal("bench_running", "a run of a benchmark plays at the speed that was ordered"), errors);
    return host.conductor.direct(input.wid, input);
  }),
};

/** The plan of a workflow's run. */
async function planOf(host: Host, wid: string): Promise<Result<RunPlan, { code: string; detail: string }>> {
  const run = await host.engine.read((state) => state.workflows.get(wid)?.run);
  return run === undefined ? err(refusal("workflow_unknown", "no such workflow in this log")) : host.runs.plan(run);
}

function withWorkflow<T>(
  host: Host,
  wid: string,
  read: (workflow: WorkflowState, state: State) => T,
): Promise<Result<T, Refusal>> {
  return host.engine.read((state) => {
    const workflow = state.workflows.get(wid);
    return workflow === undefined
      ? err(refusal("workflow_unknown", "no such workflow in this log"))
      : ok(read(workflow, state));
  });
}
