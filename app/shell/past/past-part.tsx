import { Outlet, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { PastApi } from "../../api/client/past-api.tsx";
import { FrozenProvider } from "../../ui/frozen.ts";
import { Loading } from "../../ui/states.tsx";
import { PastBar } from "./past-bar.tsx";
import { AS_OF } from "./past-search.ts";
import { useShown } from "./use-shown.ts";

const WHY = "This is the past, where nothing can be done: return to now.";

/** Panes that show a state, and so can show an earlier one; the others show the log, or what no log keeps. */
const STATES: ReadonlySet<string> = new Set([
  "/watch",
  "/approvals",
  "/control",
  "/policies",
  "/behavior",
  "/accounting",
]);

/** The whole console as of an entry: the slider above, and the pane in view in a frame that says so. */
export function PastPart({ at }: { readonly at: number }) {
  const { entry, problem } = useShown(at);
  const shows = useRouterState({ select: (state) => STATES.has(state.location.pathname) });
  const frozen = useMemo(
    () => (entry === null ? null : { nowMs: entry.receivedMs, why: WHY, search: { [AS_OF]: entry.at } }),
    [entry],
  );
  return (
    <>
      <PastBar at={at} shown={entry} problem={problem} covers={shows} />
      {!shows ? (
        <Outlet />
      ) : entry === null || frozen === null ? (
        problem === null ? (
          <Loading what="the past" />
        ) : null
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-auto border-4 border-t-0 border-dashed border-notice">
          <FrozenProvider value={frozen}>
            <PastApi at={entry.at}>
              <Outlet />
            </PastApi>
          </FrozenProvider>
        </div>
      )}
    </>
  );
}
