import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { orderDag } from "../ect/order-dag.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { overlaps } from "./checkpoint.ts";
import type { RollbackInput, UndoTask } from "./rollback-input.ts";

/** The workflow in topological order, and which of it is undone: nothing that stays depends on anything that does. */
export interface UndoGraph {
  /** Every task after its predecessors; its index is its rank. */
  readonly tasks: readonly UndoTask[];
  readonly rankOf: ReadonlyMap<string, number>;
  /** Direct dependants by rank. */
  readonly dependants: readonly (readonly number[])[];
  readonly undone: readonly boolean[];
}

/**
 * C4 step 2: what is to be undone. For a task all its descendants, and itself unless it is kept; for a checkpoint all
 * tasks after it that touched its scope, and their descendants; for a workflow everything.
 * Refusals: `rollback_target_unknown`, `dag_cycle`, `dag_duplicate_task`.
 */
export function undoGraph(input: RollbackInput): Result<UndoGraph, Refusal> {
  const byJti = new Map(input.tasks.map((task) => [task.jti, task]));
  if (byJti.size < input.tasks.length) return err(refusal("dag_duplicate_task", "a task is there twice"));
  const { order, cycles } = orderDag(
    input.tasks.map(({ jti, agent, pred, execAct, span }) => {
      return { jti, wid: input.wid, iss: agent, iat: span.from, pred, execAct, ext: {}, level: 2 };
    }),
  );
  const [cycle] = cycles;
  if (cycle !== undefined) return err(refusal("dag_cycle", "the workflow has a circle", { tasks: cycle }));
  const tasks = order.map(({ jti }) => must(byJti.get(jti), "an ordered task of the input"));
  const rankOf = new Map(tasks.map(({ jti }, rank) => [jti, rank]));
  const dependants: number[][] = tasks.map(() => []);
  tasks.forEach((task, rank) => {
    for (const jti of new Set(task.pred)) {
      const pred = rankOf.get(jti);
      if (pred !== undefined) dependants[pred]?.push(rank);
    }
  });
  const first = firstUndone(input, tasks, rankOf, dependants);
  if (!first.ok) return first;
  const undone = tasks.map(() => false);
  const open = [...first.value];
  for (let rank = open.pop(); rank !== undefined; rank = open.pop()) {
    if (undone[rank]) continue;
    undone[rank] = true;
    for (const dependant of dependants[rank] ?? []) open.push(dependant);
  }
  return ok({ tasks, rankOf, dependants, undone });
}

/** The ranks from which everything that depends on them is undone as well. */
function firstUndone(
  { target, keepTarget, wid, checkpoints }: RollbackInput,
  tasks: readonly UndoTask[],
  rankOf: ReadonlyMap<string, number>,
  dependants: readonly (readonly number[])[],
): Result<readonly number[], Refusal> {
  const unknown = err(refusal("rollback_target_unknown", `this workflow has no such ${target.kind}`));
  if (target.kind === "workflow") return target.id === wid ? ok(tasks.map((_, rank) => rank)) : unknown;
  if (target.kind === "task") {
    const rank = rankOf.get(target.id);
    if (rank === undefined) return unknown;
    return ok(keepTarget ? (dependants[rank] ?? []) : [rank]);
  }
  const ckpt = checkpoints.find(({ ckptId }) => ckptId === target.id);
  if (ckpt === undefined) return unknown;
  const touched = (task: UndoTask): boolean =>
    task.effect &&
    (task.span.to === null || task.span.to > ckpt.position) &&
    task.resources.some((resource) => ckpt.scope.some((entry) => overlaps(entry, resource)));
  return ok(tasks.flatMap((task, rank) => (touched(task) ? [rank] : [])));
}

/** The consistent cut: the tasks that stay and that no other staying task follows. */
export function frontierOf({ tasks, dependants, undone }: UndoGraph): string[] {
  return tasks
    .filter((_, rank) => !undone[rank] && !dependants[rank]?.some((dependant) => !undone[dependant]))
    .map(({ jti }) => jti);
}
