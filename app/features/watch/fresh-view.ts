import { useEffect, useRef } from "react";
import type { SetSearch, WatchSearch } from "./watch-search.ts";

/** Everything in a link that is about the tasks of one workflow: it is taken out when another one is opened. */
export const NO_VIEW = {
  all: undefined,
  run: undefined,
  open: undefined,
  sel: undefined,
  vp: undefined,
  shut: undefined,
  detail: undefined,
  breakers: undefined,
  rollback: undefined,
  q: undefined,
  state: undefined,
  agent: undefined,
  action: undefined,
} as const satisfies Partial<WatchSearch>;

/** What of a link was only carried along from another workflow, as a patch that removes it; null when nothing was. */
export function carriedFrom(before: WatchSearch, now: WatchSearch): Partial<WatchSearch> | null {
  if (before.wid === now.wid || before.wid === undefined) return null;
  const carried = (Object.keys(NO_VIEW) as (keyof typeof NO_VIEW)[]).filter(
    (key) => key !== "run" && now[key] !== undefined && now[key] === before[key],
  );
  const left = Object.fromEntries(carried.map((key) => [key, undefined]));
  // Without a workflow after one: all of them were asked for.
  if (now.wid === undefined) return { ...left, all: true };
  return carried.length > 0 ? left : null;
}

/** Selection, filters and the place that is looked at do not come along when another workflow is chosen at the top. */
export function useFreshView(search: WatchSearch, setSearch: SetSearch): void {
  const last = useRef(search);
  useEffect(() => {
    const before = last.current;
    last.current = search;
    const patch = carriedFrom(before, search);
    if (patch !== null) setSearch(patch, { replace: true });
  }, [search, setSearch]);
}
