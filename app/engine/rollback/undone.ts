import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { State, WorkflowState } from "../state.ts";
import { withoutJoins } from "../workflow/held-ects.ts";

/**
 * Tasks of a workflow that were taken back, also in part, and those a restored checkpoint took back with another. Their
 * ECTs stay as they are (CAS-13).
 */
export function undoneTasks(state: State, wid: string): ReadonlySet<string> {
  const undone = new Set<string>();
  for (const { wid: of, run } of state.rollbacks.values()) {
    if (of !== wid || run === null) continue;
    const restored = new Set<string>();
    run.request.steps.forEach(({ task, method, ckpt_id }, index) => {
      const status = run.steps[index]?.status;
      if (status !== "done" && status !== "partial") return;
      undone.add(task);
      if (method === "restore" && ckpt_id !== undefined) restored.add(ckpt_id);
    });
    for (const { task, method, ckpt_id } of run.request.steps)
      if (method === "skip" && ckpt_id !== undefined && restored.has(ckpt_id)) undone.add(task);
  }
  return undone;
}

/** Why nothing may follow from these predecessors: one of them was undone [ours], joins taken for what they join. */
export function undonePredProblem(state: State, workflow: WorkflowState, pred: readonly string[]): Refusal | null {
  const undone = undoneTasks(state, workflow.wid);
  if (undone.size === 0) return null;
  const gone = [...withoutJoins(workflow.ects, pred)].find((jti) => undone.has(jti));
  return gone === undefined
    ? null
    : refusal("rollback_pred_undone", "what this follows was undone: its result does not hold any more", { jti: gone });
}
