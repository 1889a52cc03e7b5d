import { useMutation, useQueries, useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { must } from "../../../base/assert.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { BenchProfile } from "../../../protocol/behavior/bench-profile.ts";
import type { BenchResultClaims } from "../../../protocol/behavior/bench-result.ts";
import { resultProblems } from "../../../protocol/behavior/bench-verify.ts";
import { createSha256 } from "../../../protocol/jose/hasher.ts";
import { download, fileSafe } from "../../../ui/download.ts";

export function useBenchmarks() {
  const { orpc } = useApi();
  return useQuery(orpc.benchmark.list.queryOptions());
}

/** Once a second as well while it runs: its clock goes on without an entry. */
const LIVE_MS = 1000;

export function useBenchmark(order: string) {
  const { orpc } = useApi();
  return useQuery({
    ...orpc.benchmark.detail.queryOptions({ input: { order } }),
    refetchInterval: ({ state }) => (state.data?.benchmark.status === "running" ? LIVE_MS : false),
  });
}

/** A result against each of several others, in their order. */
export function useComparisons(order: string, others: readonly string[]) {
  const { orpc } = useApi();
  return useQueries({
    queries: others.map((before) => orpc.benchmark.compare.queryOptions({ input: { order, before } })),
  });
}

/** Computes anew in this page what of a result does not follow from what was ordered; undefined until that is done. */
export function useResultProblems(profile: BenchProfile, result: BenchResultClaims): readonly string[] | undefined {
  const { data } = useQuery({
    queryKey: ["benchmark-result", result.jti],
    queryFn: async () => resultProblems(profile, result, await createSha256()),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

export function useCancel(order: string) {
  const { client } = useApi();
  const by = useOperator().operator?.subject ?? null;
  return {
    ...useMutation({
      mutationFn: () => client.benchmark.cancel({ order, by: must(by, "somebody is signed in who calls it off") }),
    }),
    /** Somebody has to be there whom the record can name. */
    isSignedIn: by !== null,
  };
}

/** The signed result as it stands in the log, as a file: whoever has the log's keys verifies it without this console. */
export function useSaveResult() {
  const { client } = useApi();
  return useMutation({
    mutationFn: async ({ seq, name }: { readonly seq: number; readonly name: string }) => {
      const { token } = await client.audit.entry({ seq });
      download(`${fileSafe(name)}.jwt`, `${token}\n`, "application/jwt");
    },
  });
}
