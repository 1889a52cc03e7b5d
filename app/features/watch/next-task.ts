import { STATES_BY_NEED, stateName } from "./task-states.ts";
import type { WorkflowModel } from "./use-workflow.ts";

/** The task after the cursor that passes search and filters, round and round. */
export function nextMatch({ matched, selection, view }: WorkflowModel): number | null {
  return nextAfter(selection.cursor, view.tasks.tasks, (task) => matched === null || matched[task] === 1);
}

/** The next task that waits for a human; without one, the next that went wrong. */
export function nextInNeed({ states, selection, view }: WorkflowModel): number | null {
  const live = states.getState().states;
  for (const wanted of STATES_BY_NEED.slice(0, 4)) {
    const found = nextAfter(selection.cursor, view.tasks.tasks, (task) => stateName(live[task]) === wanted);
    if (found !== null) return found;
  }
  return null;
}

function nextAfter(cursor: number | undefined, tasks: number, wanted: (task: number) => boolean): number | null {
  for (let step = 1; step <= tasks; step += 1) {
    const task = ((cursor ?? -1) + step) % tasks;
    if (wanted(task)) return task;
  }
  return null;
}
