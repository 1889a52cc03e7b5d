import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { EntryDetail } from "./entry-detail.ts";
import { entryKey } from "./entry-key.ts";
import type { SetTimelineSearch, TimelineSearch } from "./timeline-search.ts";

/** Filters that name what is of one workflow; types and outcomes are the same in all of them. */
const OF_ONE_WORKFLOW = ["agent", "action", "q"] as const;

/**
 * When another workflow is chosen, the open entry, the place and the agents, actions and query of the one before do not come
 * along: they would leave an empty list, or an entry beside a workflow it is not of.
 */
export function useFreshLog(search: TimelineSearch, setSearch: SetTimelineSearch): void {
  const queries = useQueryClient();
  const last = useRef(search);
  useEffect(() => {
    const before = last.current;
    last.current = search;
    if (search.wid === undefined || before.wid === search.wid) return;
    const known = queries.getQueryData<EntryDetail>(entryKey(search.entry ?? -1));
    const names: (keyof TimelineSearch)[] = [
      ...(known?.row.wid === search.wid ? [] : (["entry"] as const)),
      "at",
      // What was chosen while no workflow was is meant to be narrowed further.
      ...(before.wid === undefined ? [] : OF_ONE_WORKFLOW),
    ];
    const carried = names.filter((name) => search[name] !== undefined && search[name] === before[name]);
    if (carried.length > 0) {
      setSearch(Object.fromEntries(carried.map((name) => [name, undefined])), { replace: true });
    }
  }, [search, setSearch, queries]);
}
