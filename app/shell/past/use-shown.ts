import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Api, useApi } from "../../api/client/api-context.tsx";
import { PAST_KEY, pastApi } from "../../api/client/past-api.tsx";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";

/** An entry that is shown, and when it came (epoch ms). */
export interface ShownEntry {
  readonly at: number;
  readonly receivedMs: number;
}

export interface Shown {
  /** What is in view; null until the first is there. */
  readonly entry: ShownEntry | null;
  /** Why the one that is asked for cannot be shown. */
  readonly problem: ShownProblem | null;
}

/**
 * Goes to an entry: everything in view is read as of it first and then changes at once, so that what is shown is never of
 * another moment than the one it is marked with.
 */
export function useShown(at: number): Shown {
  const api = useApi();
  const queries = useQueryClient();
  const [entry, setEntry] = useState<ShownEntry | null>(null);
  const [problem, setProblem] = useState<{ readonly at: number; readonly what: ShownProblem } | null>(null);
  const from = entry?.at ?? null;
  useEffect(() => {
    if (from === at) return;
    let wanted = true;
    const go = async (): Promise<void> => {
      const { receivedAt } = await api.client.audit.instant({ at });
      if (from !== null) await readAhead(queries, api, from, at);
      if (wanted) setEntry({ at, receivedMs: receivedAt * 1000 });
    };
    go().then(
      () => wanted && setProblem(null),
      (error: unknown) => wanted && setProblem({ at, what: problemOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [api, queries, at, from]);
  return { entry, problem: problem?.at === at ? problem.what : null };
}

/** Asks as of another entry what is in view as of one. What is refused there is refused again when it is shown. */
async function readAhead(queries: QueryClient, api: Api, from: number, to: number): Promise<void> {
  const { client } = pastApi(api, to);
  const shown = queries
    .getQueryCache()
    .findAll({ type: "active", predicate: ({ queryKey }) => placeOf(queryKey) === from });
  const areas = client as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>; // operations by area
  const asked = shown.map(async ({ queryKey }) => {
    const [path, about] = queryKey as [readonly string[], { readonly input?: unknown }]; // as the past's keys are, see above
    const [, , area = "", operation = ""] = path;
    const key = [[PAST_KEY, String(to), area, operation], about];
    await queries.prefetchQuery({ queryKey: key, queryFn: () => areas[area]?.[operation]?.(about.input) ?? null });
  });
  await Promise.all(asked);
}

/** As of which entry a query is; null for one of now. */
function placeOf(key: readonly unknown[]): number | null {
  const [path] = key;
  return Array.isArray(path) && path[0] === PAST_KEY && path.length === 4 ? Number(path[1]) : null;
}
