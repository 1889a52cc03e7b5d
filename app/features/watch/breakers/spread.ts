import type { CascadeView } from "../../../api/contract/cascade.ts";
import type { ViewGraph } from "../graph/view-graph.ts";
import { at } from "../layout/layout-types.ts";
import { stateName } from "../task-states.ts";

export interface SpreadTag {
  readonly task: number;
  readonly words: string;
}

/**
 * How a cascade has spread, first out first (A6): the suspected root at the task that failed first, and every other agent at
 * its newest failed task, with its place in the order of joining and whether it spreads from there.
 */
export function spreadTags(
  view: ViewGraph,
  states: ArrayLike<number>,
  { root, agents, front }: Pick<CascadeView, "root" | "agents" | "front">,
  indexOf: (agent: string) => number,
): SpreadTag[] {
  const joined = agents.filter((agent) => agent !== root.agent);
  const others = joined.flatMap((agent, place): SpreadTag[] => {
    const task = lastFailed(view, states, indexOf(agent));
    const words = `${place + 2}${front.includes(agent) ? " Spreads" : ""}`;
    return task === null ? [] : [{ task, words }];
  });
  const { index } = root;
  if (index === null || index >= view.tasks.tasks) return others;
  // Last, so that it stays where a task of another agent is drawn as the same node.
  return [...others, { task: index, words: `1 First out, suspected${front.includes(root.agent) ? ", spreads" : ""}` }];
}

function lastFailed(view: ViewGraph, states: ArrayLike<number>, agent: number): number | null {
  for (let task = view.tasks.tasks - 1; task >= 0; task -= 1)
    if (at(view.tasks.agent, task) === agent && stateName(states[task]) === "failed") return task;
  return null;
}
