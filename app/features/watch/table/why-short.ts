import { neighbours, type TaskGraph } from "../graph/task-graph.ts";
import { at } from "../layout/layout-types.ts";
import { stateName } from "../task-states.ts";

/** In a few words why a task is in its state, from what the page has; the details give the whole sentence and its entries. */
export function whyShort(graph: TaskGraph, states: Uint8Array, task: number): string {
  switch (stateName(states[task])) {
    case "planned":
      return plannedWhy(graph, states, task);
    case "asked":
      return "asks the enforcement point";
    case "waiting":
      return "for a human decision";
    case "running":
      return "let through; no ECT yet";
    case "done":
      return "its ECT is in the log";
    case "failed":
      return "its ECT says it failed";
    case "stopped":
      return "a stop signal";
    case "refused":
      return "the policy, a person or the clock said no";
    case "blocked":
      return blockedWhy(graph, states, task);
  }
}

function plannedWhy(graph: TaskGraph, states: Uint8Array, task: number): string {
  const before = neighbours(graph.up, task);
  const open = before.filter((other) => !["done", "failed"].includes(stateName(states[other]))).length;
  if (open === 0) return "its recorded time has not come";
  return open === 1 ? "after 1 unfinished task" : `after ${open} unfinished tasks`;
}

function blockedWhy(graph: TaskGraph, states: Uint8Array, task: number): string {
  const cause = neighbours(graph.up, task).find((other) =>
    ["stopped", "refused", "blocked"].includes(stateName(states[other])),
  );
  return cause === undefined
    ? "nothing can come before it"
    : `${stateName(at(states, cause))}: ${graph.run.names[cause]}`;
}
