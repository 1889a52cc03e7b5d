import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { problemOf } from "../../api/client/problem.ts";
import { Loading, OldNote, ProblemNote } from "../../ui/states.tsx";

/** What a query has answered, its problem, or that it is not current any more (L1, L2). */
export function Answered<T>({
  query,
  what,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}) {
  const retry = (): void => void query.refetch();
  if (query.data === undefined)
    return query.isError ? (
      <div className="py-4">
        <ProblemNote problem={problemOf(query.error)} onRetry={retry} />
      </div>
    ) : (
      <Loading what={what} />
    );
  return (
    <>
      {query.isError ? <OldNote readAtMs={query.dataUpdatedAt} onRetry={retry} /> : null}
      {children(query.data)}
    </>
  );
}
