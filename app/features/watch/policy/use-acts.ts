import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { MAX_ACTING_TASKS, statesEffects } from "../../../protocol/run/run-effect.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { sampleTasks } from "./action-facts.ts";

export interface Acts {
  /** Too many tasks to act, or the workflow has said it before: nothing is asked. */
  readonly isOffered: boolean;
  /** Null while it is not known what the run was written for. */
  readonly isOn: boolean | null;
  set(isOn: boolean): void;
}

/** Whether the agents of a start act on simulated resources: as the run was written for, unless somebody says otherwise. */
export function useActs(graph: TaskGraph, isFirst: boolean): Acts {
  const { client } = useApi();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const { digest } = graph.run;
  const isOffered = isFirst && graph.tasks <= MAX_ACTING_TASKS;
  const stated = useQuery({
    queryKey: ["watch", "acts", digest],
    enabled: isOffered,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const ids = sampleTasks(graph).flatMap(({ tasks }) => tasks.slice(0, 1));
      const tasks = await Promise.all(ids.map((task) => client.workflow.runTask({ digest, task }, { signal })));
      return statesEffects({ tasks });
    },
  });
  // What could not be read was not written for it, as far as anybody knows.
  const suggested = stated.data ?? (stated.isError ? false : null);
  return { isOffered, isOn: isOffered ? (chosen ?? suggested) : false, set: setChosen };
}
