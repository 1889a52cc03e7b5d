import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { ApprovalsSearch } from "../approvals-search.ts";

export type Overview = Awaited<ReturnType<SignalboxClient["attention"]["overview"]>>;
export type People = Awaited<ReturnType<SignalboxClient["attention"]["people"]>>;
export type Figures = Overview["all"];

const HOURS = { day: 24, week: 168, month: 720 } as const;
export type Span = keyof typeof HOURS;
/** Figures are of hours and days: measured anew so often while they are looked at, ms. */
const AGAIN_MS = 30_000;

export const spanOf = ({ span }: ApprovalsSearch): Span => span ?? "day";

export function useOverview(search: ApprovalsSearch) {
  const { orpc } = useApi();
  const input = { hours: HOURS[spanOf(search)] };
  return useQuery(orpc.attention.overview.queryOptions({ input, refetchInterval: AGAIN_MS }));
}

/** Of whoever is signed in, or of everybody where that is their business; nothing where nobody is. */
export function usePeople(search: ApprovalsSearch) {
  const { orpc } = useApi();
  const { operator } = useOperator();
  const reader = operator?.subject ?? "";
  const input = { hours: HOURS[spanOf(search)], reader };
  return useQuery(orpc.attention.people.queryOptions({ input, enabled: reader !== "", refetchInterval: AGAIN_MS }));
}
