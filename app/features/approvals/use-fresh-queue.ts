import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { ApprovalsSearch } from "./approvals-search.ts";

type SetSearch = (patch: Partial<ApprovalsSearch>, options?: { readonly replace?: boolean }) => void;

/**
 * When another workflow is chosen, the open request of the one before and the state filter do not come along: what waits in
 * the new one is in view, and a decision is never given about a workflow that is no longer the one named above.
 */
export function useFreshQueue(search: ApprovalsSearch, setSearch: SetSearch): void {
  const { orpc } = useApi();
  const queries = useQueryClient();
  const last = useRef(search);
  useEffect(() => {
    const before = last.current;
    last.current = search;
    const { request, state, wid } = search;
    if (wid === undefined || before.wid === wid) return;
    const known =
      request === undefined ? undefined : queries.getQueryData(orpc.gate.request.queryKey({ input: { request } }));
    const closes = request !== undefined && before.request === request && known?.row.wid !== wid;
    const resets = state !== undefined && before.state === state;
    if (closes || resets) {
      setSearch(
        { ...(closes ? { request: undefined } : {}), ...(resets ? { state: undefined } : {}) },
        { replace: true },
      );
    }
  }, [search, setSearch, queries, orpc]);
}
