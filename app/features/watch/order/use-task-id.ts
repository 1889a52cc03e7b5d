import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";

export interface TaskId {
  /** Id of the task in the log; null while it is not known, or no task is asked for. */
  readonly id: string | null;
  readonly taskOf: ReadonlyMap<string, number>;
}

/** The id in the log of a task of a run, which an order for that task alone names. */
export function useTaskId(wid: string, index: number | undefined): TaskId {
  const { orpc } = useApi();
  const task = useQuery({
    ...orpc.workflow.task.queryOptions({ input: { wid, index: index ?? 0 } }),
    enabled: index !== undefined,
  });
  const id = index === undefined ? null : (task.data?.jti ?? null);
  return useMemo(() => ({ id, taskOf: new Map(id === null || index === undefined ? [] : [[id, index]]) }), [id, index]);
}
