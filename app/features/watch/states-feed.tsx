import { useEffect } from "react";
import { useNow } from "../../ui/clock.ts";
import { StaleNote } from "../../ui/states.tsx";
import { type LiveAnswer, useLive } from "./queries.ts";
import { applyStates, type TaskStatesStore } from "./task-states.ts";

/**
 * Carries the host's answers into the store; shows nothing, unless what is shown is old: these states, or the list the
 * workflow's own status comes from.
 */
export function StatesFeed({
  wid,
  store,
  listSinceMs,
}: {
  readonly wid: string;
  readonly store: TaskStatesStore;
  /** When the list was read that could not be read again; null while it is current. */
  readonly listSinceMs: number | null;
}) {
  const live = useLive(wid, statesOf);
  useEffect(() => {
    if (live.data !== undefined) applyStates(store, live.data);
  }, [store, live.data]);
  const old = [...(live.isError ? [live.dataUpdatedAt] : []), ...(listSinceMs === null ? [] : [listSinceMs])];
  return old.length === 0 ? null : <OldNote readAtMs={Math.min(...old)} />;
}

const statesOf = (live: LiveAnswer): readonly number[] => live.states;

/** Says that an answer is still shown because a newer one could not be read. */
export function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}
