import type { RollbackPlanView, RollbackStep } from "../../../api/contract/rollback.ts";

export interface PlanDiff {
  /** Tasks that are undone now and were not to be, and the other way round. */
  readonly added: readonly RollbackStep[];
  readonly gone: readonly RollbackStep[];
  /** Undone in another way, by somebody else, or from another checkpoint. */
  readonly changed: readonly { readonly before: RollbackStep; readonly now: RollbackStep }[];
}

type Steps = Pick<RollbackPlanView, "steps">;

/** What is different in a plan that was made again: it has to be read before it is signed. */
export function planDiff(before: Steps, now: Steps): PlanDiff {
  const earlier = new Map(before.steps.map((step) => [step.task, step]));
  const later = new Set(now.steps.map(({ task }) => task));
  return {
    added: now.steps.filter(({ task }) => !earlier.has(task)),
    gone: before.steps.filter(({ task }) => !later.has(task)),
    changed: now.steps.flatMap((step) => {
      const old = earlier.get(step.task);
      return old === undefined || isSame(old, step) ? [] : [{ before: old, now: step }];
    }),
  };
}

const isSame = (a: RollbackStep, b: RollbackStep): boolean =>
  a.list === b.list && a.method === b.method && a.by === b.by && a.ckptId === b.ckptId;
