import { createStore, type StoreApi } from "zustand/vanilla";
import { TASK_STATES, type TaskState } from "../../api/contract/task-state.ts";

/** The states of all tasks of a workflow, by task index, as numbers into TASK_STATES. */
export interface LiveStates {
  /** A new array whenever anything changed, so that a reader may compare by identity. */
  readonly states: Uint8Array;
  /** Tasks per state, by number. */
  readonly counts: readonly number[];
}

export type TaskStatesStore = StoreApi<LiveStates>;

export function createTaskStates(tasks: number): TaskStatesStore {
  const states = new Uint8Array(tasks);
  return createStore<LiveStates>(() => ({ states, counts: countStates(states) }));
}

/** Takes the host's answer over; nobody is told when nothing changed. */
export function applyStates(store: TaskStatesStore, states: ArrayLike<number>): void {
  const known = store.getState().states;
  if (known.length === states.length && known.every((state, index) => state === states[index])) return;
  const next = Uint8Array.from(states);
  store.setState({ states: next, counts: countStates(next) });
}

export function countStates(states: Uint8Array, members?: ArrayLike<number>): number[] {
  const counts = new Array<number>(TASK_STATES.length).fill(0);
  const length = members === undefined ? states.length : members.length;
  for (let i = 0; i < length; i += 1) {
    const state = states[members === undefined ? i : (members[i] as number)] ?? 0;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** The name of a state number; what a newer host may send and this page does not know counts as planned. */
export function stateName(state: number | undefined): TaskState {
  return TASK_STATES[state ?? 0] ?? "planned";
}

/** States in the order in which an operator needs them: what waits or went wrong first. */
export const STATES_BY_NEED: readonly TaskState[] = [
  "waiting",
  "failed",
  "stopped",
  "refused",
  "blocked",
  "running",
  "asked",
  "done",
  "planned",
];
