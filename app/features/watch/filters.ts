import { TASK_STATES, type TaskState } from "../../api/contract/task-state.ts";
import type { RunGraph } from "../../api/contract/workflow.ts";
import { stateName } from "./task-states.ts";

export interface Filters {
  /** Words that all have to occur in id, name, action or agent. */
  readonly text: string;
  readonly states: readonly TaskState[];
  /** Agent id, or null for all. */
  readonly agent: string | null;
  readonly action: string | null;
}

export function filtersAreOn({ text, states, agent, action }: Filters): boolean {
  return text.trim() !== "" || states.length > 0 || agent !== null || action !== null;
}

const folded = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Per task what a search looks through; made once per run. */
const haystacks = new WeakMap<RunGraph, readonly string[]>();

function haystack(run: RunGraph): readonly string[] {
  const known = haystacks.get(run);
  if (known !== undefined) return known;
  const made = run.ids.map((id, task) => {
    const agent = run.agents[run.agent[task] ?? -1];
    return folded(`${id}\n${run.names[task]}\n${run.actions[task]}\n${agent?.id}\n${agent?.name}`);
  });
  haystacks.set(run, made);
  return made;
}

/** 1 for each task that passes, or null when nothing is filtered. */
export function matchTasks(run: RunGraph, states: Uint8Array, filters: Filters): Uint8Array | null {
  if (!filtersAreOn(filters)) return null;
  const words = folded(filters.text)
    .split(/\s+/)
    .filter((word) => word !== "");
  const texts = haystack(run);
  const agent = filters.agent === null ? -1 : run.agents.findIndex((item) => item.id === filters.agent);
  const wanted = new Set(filters.states.map((state) => TASK_STATES.indexOf(state)));
  return Uint8Array.from(run.ids, (_, task) => {
    if (filters.agent !== null && run.agent[task] !== agent) return 0;
    if (filters.action !== null && run.actions[task] !== filters.action) return 0;
    if (wanted.size > 0 && !wanted.has(TASK_STATES.indexOf(stateName(states[task])))) return 0;
    return words.every((word) => texts[task]?.includes(word)) ? 1 : 0;
  });
}

export function countMatches(matched: Uint8Array | null, tasks: number): number {
  return matched === null ? tasks : matched.reduce((sum, hit) => sum + hit, 0);
}
