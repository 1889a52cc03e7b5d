import type { RunGraph } from "../../../api/contract/workflow.ts";

/** A run's graph from names and edges, for tests. */
export function runGraphOf(
  tasks: readonly { readonly name: string; readonly action: string; readonly agent: number }[],
  edges: readonly [number, number, number][],
): RunGraph {
  const agents = 1 + Math.max(...tasks.map((task) => task.agent));
  return {
    digest: "A".repeat(43),
    callers: "edges",
    agents: Array.from({ length: agents }, (_, index) => ({
      id: `agent-${index}`,
      name: `Agent ${index}`,
      kind: "program",
    })),
    ids: tasks.map((_, index) => `task-${index}`),
    names: tasks.map((task) => task.name),
    actions: tasks.map((task) => task.action),
    agent: tasks.map((task) => task.agent),
    caller: tasks.map(() => -1),
    startMs: tasks.map((_, index) => index * 1000),
    durationMs: tasks.map(() => 1000),
    recorded: tasks.map(() => "success"),
    edges: [...edges],
  };
}
