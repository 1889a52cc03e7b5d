import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { TaskGraph } from "../graph/task-graph.ts";
import { type ActionFacts, actionFacts, sampleTasks, type WritesByAction } from "./action-facts.ts";

export const writesKey = (digest: string): readonly string[] => ["watch", "writes", digest];

/**
 * What the recording says of its actions. Right after an import the whole run is known; for a stored run some tasks of each
 * action are asked about, and an action none of which wrote anything counts as unknown unless all of its tasks were asked.
 */
export function useActionFacts(digest: string, graph: TaskGraph | null): readonly ActionFacts[] | null {
  const { client } = useApi();
  const writes = useQuery({
    queryKey: writesKey(digest),
    enabled: graph !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<WritesByAction> => {
      const answers = await Promise.all(
        sampleTasks(graph as TaskGraph).map(async ({ action, tasks }) => {
          const found = await Promise.all(tasks.map((task) => client.workflow.runTask({ digest, task }, { signal })));
          return { action, writes: found.some((task) => task.outputs.length > 0), asked: tasks.length };
        }),
      );
      const totals = new Map<string, number>();
      for (const action of graph?.run.actions ?? []) totals.set(action, (totals.get(action) ?? 0) + 1);
      const known = answers.filter((answer) => answer.writes || answer.asked === totals.get(answer.action));
      return Object.fromEntries(known.map((answer) => [answer.action, answer.writes]));
    },
  });
  // A failed question leaves actions unknown, which counts as reversible: the careful side.
  const settled = writes.data ?? (writes.isError ? NOTHING_KNOWN : undefined);
  return useMemo(
    () => (graph === null || settled === undefined ? null : actionFacts(graph, settled)),
    [graph, settled],
  );
}

const NOTHING_KNOWN: WritesByAction = {};
