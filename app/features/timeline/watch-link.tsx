import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { taskIndex } from "../../api/client/task-index.ts";
import { GoLink } from "../../ui/go-link.tsx";

export interface WatchLinkProps {
  readonly wid: string;
  /** Token id and name of the task the entry is about. */
  readonly task: string | null;
  readonly taskName: string | null;
}

/** To the workflow of an entry, with the entry's task selected and opened where it is one of the workflow's. */
export function WatchLink({ wid, task, taskName }: WatchLinkProps) {
  const index = useTaskIndex({ wid, task, taskName });
  if (index === null)
    return (
      <GoLink to="/watch" search={{ wid }}>
        watch it
      </GoLink>
    );
  return (
    <GoLink to="/watch" search={{ wid, sel: `t${index}`, detail: true }}>
      watch its task
    </GoLink>
  );
}

/** Place of the task in its run, or null while it is not known and where it has none. */
function useTaskIndex({ wid, task, taskName }: WatchLinkProps): number | null {
  const { client, orpc } = useApi();
  const digest = useQuery({ ...orpc.workflow.list.queryOptions(), enabled: task !== null }).data?.workflows.find(
    (workflow) => workflow.wid === wid,
  )?.run.digest;
  const index = useQuery({
    // A run's graph never changes, so neither does the answer.
    queryKey: ["timeline-task", wid, task, digest],
    queryFn: async ({ signal }) => {
      const graph = await client.workflow.graph({ digest: digest ?? "" }, { signal });
      return taskIndex(graph, wid, task ?? "", taskName);
    },
    enabled: digest !== undefined && task !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return index.data ?? null;
}
