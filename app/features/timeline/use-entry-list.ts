import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { EntryRow, Position } from "../../api/contract/common.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
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
import type { Asked } from "./query-search.ts";

/** How often a query is asked again while its index is being made, ms. */
const AGAIN_MS = 400;

/** The newest matching entry and how many match: asked again at every change notice, so it is kept small. Null asks nothing. */
export function useHead(asked: Asked | null) {
  const { orpc } = useApi();
  const isFilter = asked !== null && "filter" in asked;
  const filter = isFilter ? asked.filter : {};
  const expression = asked === null || isFilter ? null : asked.expression;
  const all = useQuery(
    orpc.audit.entries.queryOptions({ input: { ...filter, order: "newest", limit: 1 }, enabled: isFilter }),
  );
  const some = useQuery(
    orpc.audit.query.queryOptions({
      input: { expression: expression ?? "", order: "newest", limit: 1 },
      enabled: expression !== null,
      refetchInterval: ({ state }) => (state.data?.complete === false ? AGAIN_MS : false),
    }),
  );
  const answer = expression === null ? null : (some.data ?? null);
  return { ...(isFilter ? all : some), complete: answer?.complete !== false, answer };
}

export interface EntryList {
  readonly rows: readonly EntryRow[];
  /** Names the list that `rows` belongs to: the earlier one's stay until the first page of another one is there. */
  readonly rowsOf: string;
  readonly isEarlier: boolean;
  /** Matching entries over the whole log, or null before the first answer. */
  readonly total: number | null;
  readonly position: Position | null;
  /** Of a query whose index is still being made: how far it is. Null where all was looked at. */
  readonly indexed: number | null;
  /** What the host says is wrong with the query. */
  readonly problems: readonly QueryProblem[];
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
export function useEntryList(asked: Asked | null, order: Order, anchor: number | null): EntryList {
  const { client } = useApi();
  const [begun, setBegun] = useState(0);
  const head = useHead(asked);
  const newest = head.data?.rows[0]?.seq ?? null;
  const name = JSON.stringify([asked, order, anchor]);
  const list = useInfiniteQuery({
    // Not a key of the audit area: see above.
    queryKey: ["timeline-pages", name, begun],
    enabled: asked !== null,
    queryFn: ({ pageParam, signal }) =>
      (asked !== null && "expression" in asked
        ? client.audit.query({ ...asked, ...pageInput(pageParam) }, { signal })
        : client.audit.entries({ ...asked?.filter, ...pageInput(pageParam) }, { signal })
      ).then((answer) => ({ ...pageOf(answer, pageParam, order), name })),
    placeholderData: keepPreviousData,
    initialPageParam: firstParam(order, anchor),
    getNextPageParam: (_, pages) => paramAfter(pages, order, newest),
    getPreviousPageParam: (_, pages) => paramBefore(pages, order, newest),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const pages = list.data?.pages;
  const rows = useMemo(() => rowsOf(pages ?? []), [pages]);
  const total = head.data?.total ?? null;
  const isPart = pages?.some(({ complete }) => !complete) === true;
  const busy = isPart || list.isFetching || list.isError || list.isPlaceholderData;
  const { refetch } = list;
  const isOlder = list.dataUpdatedAt < head.dataUpdatedAt && !list.isFetching;
  // Pages read while the index was made are not all: they are read again as it gets on, and once more when it is done.
  useEffect(() => {
    if (isPart && isOlder) void refetch();
  }, [isPart, isOlder, refetch]);
  const newer = order === "newest" && anchor === null && total !== null ? newerCount(pages ?? [], total) : 0;
  return {
    rows,
    rowsOf: pages?.[0]?.name ?? name,
    isEarlier: list.isPlaceholderData,
    total,
    position: head.data?.position ?? null,
    indexed: head.complete && !isPart ? null : (head.answer?.indexed ?? 0),
    problems: head.answer?.problems ?? [],
    isPending: list.isPending && asked !== null,
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
