import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { taskIndex } from "../../../api/client/task-index.ts";

interface NamedTask {
  readonly task: string;
  readonly taskName: string | null;
}

/** Places of tasks in the run of their workflow, in the order given; those that are not found there are left out. */
export function useTaskNumbers(wid: string | null, tasks: readonly NamedTask[]): readonly number[] {
  const { client, orpc } = useApi();
  const isAsked = wid !== null && tasks.length > 0;
  const digest = useQuery({ ...orpc.workflow.list.queryOptions(), enabled: isAsked }).data?.workflows.find(
    (workflow) => workflow.wid === wid,
  )?.run.digest;
  const numbers = useQuery({
    // A run's graph never changes, so neither does the answer.
    queryKey: ["behavior-tasks", wid, digest, tasks.map(({ task }) => task).join(" ")],
    queryFn: async ({ signal }) => {
      const graph = await client.workflow.graph({ digest: digest ?? "" }, { signal });
      return tasks.flatMap(({ task, taskName }) => taskIndex(graph, wid ?? "", task, taskName) ?? []);
    },
    enabled: isAsked && digest !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return numbers.data ?? [];
}

/** Tasks as a link to Watch selects them there. */
export const selectionOf = (numbers: readonly number[]): string | undefined =>
  numbers.length === 0 ? undefined : `t${numbers.join(".")}`;
