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

export interface Delegations {
  readonly dags: readonly AcpClaims["dag"][];
  /** Every policy was read: there is no delegation that is not in `dags`. */
  readonly isWhole: boolean;
}

/** Who delegates to whom in a workflow: of every policy for it that nothing has replaced. */
export function useDelegations(wid: string, enabled: boolean): Delegations {
  const { orpc } = useApi();
  const list = useQuery({ ...orpc.policy.list.queryOptions(), enabled });
  const mine = list.data?.policies.filter((row) => row.wid === wid && row.replacedBy === null) ?? [];
  const read = useQueries({
    queries: mine.map(({ jti }) => ({ ...orpc.policy.get.queryOptions({ input: { jti } }), enabled })),
    combine: dagsOf,
  });
  // A list without any policy of the workflow is older than its start.
  return { dags: read.dags, isWhole: read.isWhole && mine.length > 0 && !list.isError };
}

/** What a policy says never changes, so that one that was read once is known. */
function dagsOf(answers: readonly { readonly data: { readonly claims: AcpClaims } | undefined }[]): Delegations {
  const dags = answers.flatMap(({ data }) => (data === undefined ? [] : [data.claims.dag]));
  return { dags, isWhole: dags.length === answers.length };
}

export function usePolicy(wid: string, enabled: boolean) {
  const { orpc } = useApi();
  return useQuery({ ...orpc.workflow.get.queryOptions({ input: { wid } }), enabled });
}
