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

/**
 * Tasks whose result nothing may rest on any more [ours]: the undone, those of which it is not known whether they are, and
 * those that a plan skipped, as there was nothing to take back, but that follow one of these. All tasks that follow an
 * undone one are in its plan, each before what it follows.
 */
function groundless(state: State, { wid, ects }: WorkflowState): ReadonlySet<string> {
  const gone = new Set(undoneTasks(state, wid));
  const runs = [...state.rollbacks.values()].flatMap(({ wid: of, run }) => (of === wid && run !== null ? [run] : []));
  for (const { request, steps } of runs)
    for (const { n, task } of request.steps) if (steps[n - 1]?.status === "timeout") gone.add(task);
  if (gone.size === 0) return gone;
  for (const { request } of runs)
    for (const { task, method } of request.steps.toReversed()) {
      if (method !== "skip" || gone.has(task)) continue;
      const follows = withoutJoins(ects, ects.get(task)?.pred ?? []);
      if ([...follows].some((pred) => gone.has(pred))) gone.add(task);
    }
  return gone;
}

/** Why nothing may follow from these predecessors: one of them was undone [ours], joins taken for what they join. */
export function undonePredProblem(state: State, workflow: WorkflowState, pred: readonly string[]): Refusal | null {
  const gone = groundless(state, workflow);
  if (gone.size === 0) return null;
  const jti = [...withoutJoins(workflow.ects, pred)].find((task) => gone.has(task));
  return jti === undefined
    ? null
    : refusal("rollback_pred_undone", "what this follows was undone: its result does not hold any more", { jti });
}
