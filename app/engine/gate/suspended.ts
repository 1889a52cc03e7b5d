import type { State, WorkflowState } from "../state.ts";

/** The pending request by which a rule has paused an agent (rule action `pause`), or null. */
export function suspendedBy(workflow: WorkflowState, state: State, agent: string): string | null {
  for (const request of workflow.suspending) {
    const gate = state.gates.get(request);
    if (gate?.agent === agent && gate.status === "pending") return request;
  }
  return null;
}
