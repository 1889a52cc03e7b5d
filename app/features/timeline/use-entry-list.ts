import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { EntryRow, Position } from "../../api/contract/common.ts";
import {
  firstParam,
  newerCount,
  type Order,
  PAGE_ROWS,
  pageInput,
  pageOf,
  paramAfter,
  paramBefore,
  rowsOf,
} from "./entry-pages.ts";
import type { EntryFilter } from "./timeline-search.ts";

/** The newest matching entry and how many match: asked again at every change notice, so it is kept small. */
export function useHead(filter: EntryFilter) {
  const api = useApi();
  return useQuery(api.orpc.audit.entries.queryOptions({ input: { ...filter, order: "newest", limit: 1 } }));
}

export interface EntryList {
  readonly rows: readonly EntryRow[];
  /** Names the list that `rows` belongs to: the earlier one's stay until the first page of another one is there. */
  readonly rowsOf: string;
  readonly isEarlier: boolean;
  /** Matching entries over the whole log, or null before the first answer. */
  readonly total: number | null;
  readonly position: Position | null;
  readonly isPending: boolean;
  readonly isReading: boolean;
  readonly error: unknown;
  readonly readAtMs: number;
  readonly hasMore: boolean;
  readonly hasBefore: boolean;
  /** Matching entries newer than the list's first row. */
  readonly newer: number;
  readMore(): void;
  readBefore(): void;
  /** Reads what is newer; begins anew where that is more than a page. */
  catchUp(): void;
  retry(): void;
}

/**
 * The list's rows: pages that never change once read, so change notices ask for the head only. `anchor` is an entry the
 * list begins around; null begins at the end of the log that the order starts from.
 */
export function useEntryList(filter: EntryFilter, order: Order, anchor: number | null): EntryList {
  const api = useApi();
  const [begun, setBegun] = useState(0);
  const head = useHead(filter);
  const newest = head.data?.rows[0]?.seq ?? null;
  const name = JSON.stringify([filter, order, anchor]);
  const list = useInfiniteQuery({
    // Not a key of the audit area: see above.
    queryKey: ["timeline-pages", name, begun],
    queryFn: ({ pageParam, signal }) =>
      api.client.audit
        .entries(pageInput(filter, pageParam), { signal })
        .then((answer) => ({ ...pageOf(answer, pageParam, order), name })),
    placeholderData: keepPreviousData,
    initialPageParam: firstParam(order, anchor),
    getNextPageParam: (_, pages) => paramAfter(pages, order, newest),
    getPreviousPageParam: (_, pages) => paramBefore(pages, order, newest),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const pages = list.data?.pages;
  const rows = useMemo(() => rowsOf(pages ?? []), [pages]);
  const busy = list.isFetching || list.isError || list.isPlaceholderData;
  const total = head.data?.total ?? null;
  const newer = order === "newest" && anchor === null && total !== null ? newerCount(pages ?? [], total) : 0;
  return {
    rows,
    rowsOf: pages?.[0]?.name ?? name,
    isEarlier: list.isPlaceholderData,
    total,
    position: head.data?.position ?? null,
    isPending: list.isPending,
    isReading: list.isFetching,
    error: list.error ?? head.error,
    readAtMs: head.dataUpdatedAt,
    hasMore: list.hasNextPage,
    hasBefore: list.hasPreviousPage,
    newer,
    readMore: () => {
      if (!busy) void list.fetchNextPage();
    },
    readBefore: () => {
      if (!busy) void list.fetchPreviousPage();
    },
    catchUp: () => {
      if (busy) return;
      if (newer > PAGE_ROWS) setBegun((times) => times + 1);
      else void list.fetchPreviousPage();
    },
    retry: () => {
      void head.refetch();
      if (list.data === undefined) void list.refetch();
      else if (list.hasNextPage) void list.fetchNextPage();
      else void list.fetchPreviousPage();
    },
  };
}
