import type { State, TaskState, WorkflowState } from "../../engine/state.ts";
import { agentUri, type RunPlan, taskStates } from "../../engine/workflow/plan.ts";
import type { Host } from "../../host/open-host.ts";
import { TASK_STATES } from "../contract/task-state.ts";
import type { RunGraph, WorkflowSummary } from "../contract/workflow.ts";

export type StoredRun = WorkflowSummary["run"];

export function storedRun(plan: RunPlan): StoredRun {
  const { run } = plan;
  return {
    digest: plan.digest,
    name: run.name,
    format: run.format,
    source: run.source,
    observedOnly: run.observedOnly,
    agents: run.agents.length,
    tasks: run.tasks.length,
    edges: plan.parents.reduce((sum, list) => sum + list.length, 0),
    failed: run.tasks.filter((task) => task.outcome === "failure").length,
    warnings: run.warnings,
    ...(run.blame === undefined ? {} : { annotated: run.blame.length }),
  };
}

export function runGraph(plan: RunPlan): RunGraph {
  const { tasks } = plan;
  return {
    digest: plan.digest,
    callers: plan.run.callers,
    agents: plan.run.agents,
    ids: tasks.map((task) => task.id),
    names: tasks.map((task) => task.name),
    actions: tasks.map((task) => task.action),
    agent: [...plan.agentIndex],
    caller: [...plan.caller],
    startMs: tasks.map((task) => task.startMs),
    durationMs: tasks.map((task) => task.durationMs),
    recorded: tasks.map((task) => task.outcome),
    edges: tasks.flatMap((task, to) =>
      task.parents.flatMap((parent): [number, number, number][] => {
        const from = plan.indexOf.get(parent.id);
        return from === undefined ? [] : [[from, to, parent.inferred ? 1 : 0]];
      }),
    ),
    ...(plan.run.blame === undefined ? {} : { blame: plan.run.blame }),
  };
}

/** Tasks per state, by name; every state is named, so that none is missing silently. */
export function countStates(states: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(TASK_STATES.map((name) => [name, 0]));
  for (const state of states) {
    const name = TASK_STATES[state] ?? "planned";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** `stopped` also when nothing can go on because what is left was stopped. */
export function statusOf(
  host: Host,
  workflow: WorkflowState,
  counts: Readonly<Record<string, number>>,
): WorkflowSummary["status"] {
  if (workflow.status !== "running") return workflow.status;
  if (workflow.halted.size > 0) {
    const under = (counts.asked ?? 0) + (counts.waiting ?? 0) + (counts.running ?? 0);
    if (under === 0 && (counts.planned ?? 0) === 0) return "stopped";
  }
  return playbackOf(host, workflow.wid)?.paused === true ? "paused" : "running";
}

/** How it plays; null for the past, which no log keeps. */
export function playbackOf(host: Host, wid: string): WorkflowSummary["playback"] {
  return host.asOf === null ? host.conductor.playback(wid) : null;
}

/** Counts of workflows that change no more. */
const finished = new WeakMap<WorkflowState, Record<string, number>>();

function countsOf(host: Host, workflow: WorkflowState, plan: RunPlan): Record<string, number> {
  const known = finished.get(workflow);
  if (known !== undefined) return known;
  const counts = countStates(taskStates(plan, workflow, host.runs.jtis(workflow.wid, plan).jtis));
  if (workflow.status === "finished") finished.set(workflow, counts);
  return counts;
}

export function summarize(host: Host, workflow: WorkflowState, plan: RunPlan): WorkflowSummary {
  const counts = countsOf(host, workflow, plan);
  return {
    wid: workflow.wid,
    run: storedRun(plan),
    status: statusOf(host, workflow, counts),
    startedAt: workflow.startedAt,
    startedBy: workflow.startedBy,
    counts,
    waiting: counts.waiting ?? 0,
    playback: playbackOf(host, workflow.wid),
    ...(workflow.drill === null ? {} : { drill: { script: workflow.drill.script, size: workflow.drill.size } }),
  };
}

type AgentLive = {
  agent: string;
  index: number;
  state: "idle" | "working" | "waiting" | "stopping" | "stopped" | "terminated";
  seenAtMs: number | null;
};

/** What each agent is doing: by the log and the enforcement point, never by its own word. */
export function liveAgents(host: Host, state: State, workflow: WorkflowState, plan: RunPlan): AgentLive[] {
  const doing = new Map<string, "working" | "waiting">();
  for (const task of workflow.tasks.values()) {
    if (task.status === "running" || task.status === "effect") doing.set(task.agent, "working");
    else if (task.status === "waiting" && !doing.has(task.agent)) doing.set(task.agent, "waiting");
  }
  const stopping = host.asOf === null ? seenStopping(host) : statedStopping(state);
  return plan.run.agents.map((agent, index) => {
    const uri = agentUri(host.engine.ids.domain, workflow.wid, agent.id);
    const halted = workflow.halted.has(uri);
    return {
      agent: uri,
      index,
      state: halted ? (stopping.get(uri) ?? "stopped") : (doing.get(uri) ?? "idle"),
      seenAtMs: host.conductor.seenAt(uri),
    };
  });
}

type Stopping = ReadonlyMap<string, "stopping" | "stopped" | "terminated">;

/** How far the agents that were stopped are, as the monitor sees it. */
function seenStopping(host: Host): Stopping {
  return new Map(
    host.monitor
      .all()
      .flatMap(({ targets }) =>
        [...targets.values()].map(({ agent, terminatedMs, compliedMs }) => [
          agent,
          terminatedMs !== null ? "terminated" : compliedMs !== null ? "stopped" : "stopping",
        ]),
      ),
  );
}

/** The same as the log states it, of the past. */
function statedStopping(state: State): Stopping {
  return new Map(
    [...state.overrides.values()]
      .filter(({ claims }) => claims.action === "stop")
      .flatMap(({ targets }) =>
        [...targets.values()].map(({ agent, terminatedAt, complied }) => [
          agent,
          terminatedAt !== null ? "terminated" : complied ? "stopped" : "stopping",
        ]),
      ),
  );
}

/** One sentence of ours for the state of a task. */
export function whyOf(
  state: number,
  task: TaskState | undefined,
  plan: RunPlan,
  states: Uint8Array,
  index: number,
): string {
  const name = TASK_STATES[state];
  const code = task?.code ?? null;
  switch (name) {
    case "planned": {
      const open = (plan.parents[index] ?? []).filter((parent) => states[parent] !== 4 && states[parent] !== 5).length;
      if (open > 0) return `waits for ${open} of its ${plan.parents[index]?.length ?? 0} predecessors`;
      return (plan.caller[index] ?? -1) >= 0
        ? "waits for its caller or its recorded time"
        : "waits for its recorded time";
    }
    case "asked":
      return "its agent asked the enforcement point for permission";
    case "waiting":
      return `waits for a human: rule ${(task?.ruleIds ?? []).join(", ")}`;
    case "running":
      return task?.status === "effect"
        ? "its effect was let through; its ECT is not here yet"
        : "permitted; its agent is working";
    case "done":
      return "its effect was let through and its ECT is in the log";
    case "failed":
      return "its ECT says the effect failed, as in the recording";
    case "stopped":
      return code === "override_active" ? "a stop was latched" : `stopped by signal ${code ?? ""}`;
    case "refused":
      return REFUSED[code ?? ""] ?? `refused: ${code ?? "no reason recorded"}`;
    case "blocked":
    case undefined:
      break;
  }
  return "will not start: a task before it was stopped or refused";
}

const REFUSED: Readonly<Record<string, string>> = {
  hitl_rejected: "a human rejected it",
  hitl_timed_out: "nobody answered in time, which means no",
  acp_action_denied: "the policy does not let this agent do it",
  acp_constraint_violated: "a limit of the policy is reached",
  acp_expired: "the policy has expired",
  hitl_decision_expired: "the approval was not used in time",
};
