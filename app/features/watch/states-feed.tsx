import { useEffect } from "react";
import { useNow } from "../../ui/clock.ts";
import { StaleNote } from "../../ui/states.tsx";
import { type LiveAnswer, useLive } from "./queries.ts";
import { applyStates, type TaskStatesStore } from "./task-states.ts";

/** Carries the host's answers into the store; shows nothing, unless what is shown is old. */
export function StatesFeed({ wid, store }: { readonly wid: string; readonly store: TaskStatesStore }) {
  const live = useLive(wid, statesOf);
  useEffect(() => {
    if (live.data !== undefined) applyStates(store, live.data);
  }, [store, live.data]);
  return live.isError ? <Old readAtMs={live.dataUpdatedAt} /> : null;
}

const statesOf = (live: LiveAnswer): readonly number[] => live.states;

function Old({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}
