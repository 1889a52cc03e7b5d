import type { ContractRouterClient } from "@orpc/contract";
import { type UseQueryResult, useQueries, useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { Contract } from "../../api/contract/contract.ts";
import type { RunGraph } from "../../api/contract/workflow.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";

type Workflow = ContractRouterClient<Contract>["workflow"];
export type LiveAnswer = Awaited<ReturnType<Workflow["states"]>>;
export type TaskAnswer = Awaited<ReturnType<Workflow["task"]>>;
export type PreparedAnswer = Awaited<ReturnType<Workflow["prepare"]>>;

/** A run's graph never changes: its key lies outside those that change notices renew. */
export function useRunGraph(digest: string | undefined): UseQueryResult<RunGraph> {
  const { client } = useApi();
  return useQuery({
    queryKey: ["watch", "graph", digest ?? ""],
    queryFn: ({ signal }) => client.workflow.graph({ digest: digest ?? "" }, { signal }),
    enabled: digest !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
}

export function useWorkflows() {
  const { orpc } = useApi();
  return useQuery(orpc.workflow.list.queryOptions());
}

export function useStoredRuns() {
  const { orpc } = useApi();
  return useQuery(orpc.workflow.listRuns.queryOptions());
}

/** States of all tasks and agents. The arrays are compared by ourselves, not member by member by the query cache. */
export function useLive<T = LiveAnswer>(wid: string, select?: (live: LiveAnswer) => T): UseQueryResult<T> {
  const { orpc } = useApi();
  return useQuery({
    ...orpc.workflow.states.queryOptions({ input: { wid } }),
    structuralSharing: false,
    ...(select === undefined ? {} : { select }),
  }) as UseQueryResult<T>;
}

export function useTask(wid: string, index: number) {
  const { orpc } = useApi();
  return useQuery(orpc.workflow.task.queryOptions({ input: { wid, index } }));
}

const NONE: readonly AcpClaims["dag"][] = [];

/** Who delegates to whom in a workflow: of every policy for it that nothing has replaced. */
export function useDelegations(wid: string, enabled: boolean): readonly AcpClaims["dag"][] {
  const { orpc } = useApi();
  const list = useQuery({ ...orpc.policy.list.queryOptions(), enabled });
  const mine = list.data?.policies.filter((row) => row.wid === wid && row.replacedBy === null) ?? [];
  return useQueries({
    queries: mine.map(({ jti }) => ({ ...orpc.policy.get.queryOptions({ input: { jti } }), enabled })),
    combine: dagsOf,
  });
}

function dagsOf(answers: readonly { readonly data: { readonly claims: AcpClaims } | undefined }[]) {
  const dags = answers.flatMap(({ data }) => (data === undefined ? [] : [data.claims.dag]));
  return dags.length === 0 ? NONE : dags;
}

export function usePolicy(wid: string, enabled: boolean) {
  const { orpc } = useApi();
  return useQuery({ ...orpc.workflow.get.queryOptions({ input: { wid } }), enabled });
}
