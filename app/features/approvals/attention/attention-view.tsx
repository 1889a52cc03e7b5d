import { problemOf } from "../../../api/client/problem.ts";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { ViewChoice, type ViewChoiceProps } from "../view-choice.tsx";
import { JudgedPart } from "./judged-part.tsx";
import { LoadPart, MixPart } from "./load-part.tsx";
import { PeoplePart } from "./people-part.tsx";
import { StandingPart } from "./standing-part.tsx";
import { spanOf, useOverview } from "./use-attention.ts";

/** How much is asked of people, and how they answer: attention as a measured resource (safety.md A1 to A5, R1, R2, R7). */
export function AttentionView({ search, setSearch }: ViewChoiceProps) {
  const overview = useOverview(search);
  const nowMs = useNow();
  return (
    <div className="flex h-full min-h-0 flex-col bg-panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
        <ViewChoice search={search} setSearch={setSearch} />
        <Segmented
          label="Measured over"
          selected={spanOf(search)}
          onChange={(span) => setSearch({ span: span === "day" ? undefined : span })}
          options={[
            { id: "day", name: "24 hours" },
            { id: "week", name: "7 days" },
            { id: "month", name: "30 days" },
          ]}
        />
        {overview.data === undefined ? null : (
          <span className="text-xs text-muted">
            computed from the log at {formatCount(overview.data.position.size)} entries,{" "}
            <Ago sinceMs={overview.data.position.atMs} />
          </span>
        )}
      </div>
      {overview.isError && overview.data !== undefined ? (
        <StaleNote ageMs={Math.max(0, nowMs - overview.dataUpdatedAt)} />
      ) : null}
      <section
        aria-label="Attention"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard as well
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto px-3 -outline-offset-2"
      >
        {overview.data === undefined ? (
          overview.isError ? (
            <div className="py-3">
              <ProblemNote problem={problemOf(overview.error)} onRetry={() => void overview.refetch()} />
            </div>
          ) : (
            <Loading what="what is asked of people" />
          )
        ) : (
          <>
            <LoadPart told={overview.data} />
            <StandingPart
              told={overview.data}
              onOpen={(request) => setSearch({ view: undefined, span: undefined, aside: true, request })}
            />
            <MixPart told={overview.data} />
            <JudgedPart told={overview.data} />
            <PeoplePart search={search} />
          </>
        )}
      </section>
    </div>
  );
}
