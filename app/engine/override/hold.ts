import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { graceMs, pauseMode } from "../../protocol/override/params.ts";
import type { OverrideState, State, TaskState, WorkflowState } from "../state.ts";
import { letsEnd, reaches, type Subject } from "./scope.ts";

/** What an agent is under its overrides (override.md section c). Worked out from the signals in force, never stored. */
export type AgentState =
  | "running"
  | "constrained"
  | "pausing"
  | "paused"
  | "human_control"
  | "rolling_back"
  | "stopping"
  | "stopped";

/** Signals by which an agent, or one of its tasks, may not go on while they are in force. */
export function holds(signal: OverrideState): boolean {
  const { action } = signal.claims;
  return signal.inForce && (action === "pause" || action === "takeover" || action === "rollback");
}

/**
 * The signal that holds this action, or null. Each is a hold of its own, so that ending one frees exactly what no other one
 * holds (S13). `finishing` are the tasks that were under way when an `after_task` pause came: those go on.
 */
export function heldBy(state: State, subject: Subject): OverrideState | null {
  for (const signal of state.overrides.values()) {
    if (!holds(signal) || !reaches(signal, subject)) continue;
    if (letsEnd(state, signal, subject) || carriedBy(signal, subject) !== null) continue;
    return signal;
  }
  return null;
}

/** Why nothing of this may go on now, though nothing of it is refused: it is asked for again when the hold is over. */
export function holdProblem(state: State, subject: Subject): Refusal | null {
  const signal = heldBy(state, subject);
  if (signal === null) return null;
  if (isRollingBack(signal))
    return refusal("agent_rolling_back", "its workflow is being rolled back", { jti: signal.jti });
  const takenOver = signal.claims.action === "takeover" && !signal.lapsed;
  return refusal(
    takenOver ? "agent_taken_over" : "agent_paused",
    takenOver ? "an operator has taken this agent over" : "an operator has paused this",
    { jti: signal.jti },
  );
}

/** A rollback holds as such until it is over, and as a pause from then on. */
const isRollingBack = ({ claims, lapsed }: OverrideState): boolean => claims.action === "rollback" && !lapsed;

const carriedBy = (signal: OverrideState, { task }: Subject): string | null =>
  task === undefined || signal.lapsed ? null : (signal.carried.get(task) ?? null);

/** The operator who carries out this task for an agent that was taken over, or null: named in its records. */
export function operatorOf(state: State, subject: Subject): string | null {
  for (const signal of state.overrides.values()) {
    const operator = signal.inForce && reaches(signal, subject) ? carriedBy(signal, subject) : null;
    if (operator !== null) return operator;
  }
  return null;
}

/** Tasks of an agent that are still going on: an effect that was let through, or work that no hold covers. */
export function unfinished(state: State, workflow: WorkflowState, agent: string): string[] {
  const open: string[] = [];
  for (const task of workflow.tasks.values())
    if (task.agent === agent && isGoingOn(state, workflow, task)) open.push(task.jti);
  return open;
}

function isGoingOn(state: State, workflow: WorkflowState, task: TaskState): boolean {
  if (task.status === "effect") return true;
  return task.status === "running" && heldBy(state, { agent: task.agent, wid: workflow.wid, task: task.jti }) === null;
}

/** The state of an agent of a workflow: the strongest that applies. A hold of one task alone leaves its agent running. */
export function agentState(state: State, workflow: WorkflowState, agent: string): AgentState {
  const subject = { agent, wid: workflow.wid };
  const covering = [...state.overrides.values()].filter((signal) => signal.inForce && reaches(signal, subject));
  const stops = covering.filter((signal) => signal.latched);
  if (stops.length > 0 || workflow.halted.has(agent)) {
    const ends = stops.every((signal) => signal.stopping) && !workflow.halted.has(agent);
    return ends && unfinished(state, workflow, agent).length > 0 ? "stopping" : "stopped";
  }
  if (covering.some(isRollingBack)) return "rolling_back";
  if (covering.some((signal) => signal.claims.action === "takeover" && !signal.lapsed)) return "human_control";
  if (covering.some(holds)) return unfinished(state, workflow, agent).length > 0 ? "pausing" : "paused";
  return covering.some((signal) => signal.claims.action === "modify") ? "constrained" : "running";
}

/** The tasks an `after_task` pause, an orderly stop or a rollback lets end: those of its scope that are under way when it comes. */
export function finishingTasks(state: State, signal: Pick<OverrideState, "claims" | "targets">): Set<string> {
  const finishing = new Set<string>();
  const { claims } = signal;
  const lets = claims.action === "rollback" || (claims.action === "pause" && pauseMode(claims) === "after_task");
  if (!lets && graceMs(claims) === null) return finishing;
  for (const workflow of state.workflows.values()) {
    if (workflow.status !== "running") continue;
    for (const task of workflow.tasks.values()) {
      const covered = reaches(signal, { agent: task.agent, wid: workflow.wid, task: task.jti });
      if (covered && isGoingOn(state, workflow, task)) finishing.add(task.jti);
    }
  }
  return finishing;
}
