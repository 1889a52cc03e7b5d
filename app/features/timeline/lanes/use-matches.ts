import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { fromBase64url } from "../../../base/bytes.ts";
import { expressionOf } from "../query-search.ts";
import type { TimelineSearch } from "../timeline-search.ts";

export interface Matches {
  /** Whether an entry of a domain matches the filters and the query; undefined where nothing is asked for, or it cannot be read. */
  readonly shows: ((domain: string, seq: number) => boolean) | undefined;
  /** Entries that were looked at, where the answer does not go to the end of the logs yet; null where it does. */
  readonly indexed: number | null;
  readonly error: unknown;
  retry(): void;
}

/** Which entries of which logs the filters and the query leave: the same that the table shows. The first is the log in view. */
export function useMatches(search: TimelineSearch, domains: readonly string[]): Matches {
  const { orpc } = useApi();
  const expression = expressionOf(search).text ?? "";
  const isAsked = expression !== "";
  // Of the audit area: asked again when a log grows.
  const answers = useQueries({
    queries: domains.map((domain, at) => ({
      ...orpc.audit.selected.queryOptions({ input: at === 0 ? { expression } : { expression, domain } }),
      enabled: isAsked,
      placeholderData: keepPreviousData,
    })),
    combine: (all) => ({
      bits: all.map(({ data }) => (data === undefined || data.problems.length > 0 ? null : data.bits)),
      indexed: all.some(({ data }) => data?.complete === false)
        ? all.reduce((sum, { data }) => sum + (data?.indexed ?? 0), 0)
        : null,
      failed: all.find(({ error }) => error !== null) ?? null,
    }),
  });
  const names = domains.join("\n");
  const { bits } = answers;
  const shows = useMemo(() => {
    // Until the log in view has answered everything is shown.
    if (!isAsked || bits[0] === undefined || bits[0] === null) return undefined;
    const sets = new Map(
      names.split("\n").map((domain, at) => [domain, fromBase64url(bits[at] ?? "") ?? new Uint8Array()]),
    );
    return (domain: string, seq: number): boolean => {
      const set = sets.get(domain);
      return set !== undefined && (((set[seq >> 3] ?? 0) >> (seq & 7)) & 1) === 1;
    };
  }, [isAsked, bits, names]);
  return {
    shows,
    indexed: isAsked ? answers.indexed : null,
    error: isAsked ? (answers.failed?.error ?? null) : null,
    retry: () => void answers.failed?.refetch(),
  };
}
