import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { EntryRow } from "../../api/contract/common.ts";
import { type Sample, samplePlaces } from "./axis-model.ts";

/**
 * When the log's entries were received, at a few places of it. Each place is asked once: the log only grows. `last` is its
 * newest entry, known already.
 */
export function useSamples(size: number, last: EntryRow | undefined): readonly Sample[] {
  const api = useApi();
  const places = samplePlaces(size).filter((seq) => seq !== last?.seq);
  const samples = useQueries({
    queries: places.map((seq) => ({
      queryKey: ["log-sample", seq],
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Sample | null> => {
        const { rows } = await api.client.audit.entries({ order: "newest", cursor: seq + 1, limit: 1 }, { signal });
        const row = rows[0];
        return row === undefined ? null : { seq: row.seq, at: row.receivedAt };
      },
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    })),
    combine: known,
  });
  return last === undefined ? samples : [...samples, { seq: last.seq, at: last.receivedAt }];
}

const known = (results: readonly UseQueryResult<Sample | null>[]): Sample[] =>
  results.flatMap((result) => result.data ?? []);
