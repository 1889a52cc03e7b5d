import { problemOf } from "../../../api/client/problem.ts";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import type { ControlSearch, SetControlSearch } from "../control-search.ts";
import { DrillResult } from "./drill-result.tsx";
import { HistoryTable } from "./history-table.tsx";
import { ProvenTable } from "./proven-table.tsx";
import { RunningDrill } from "./running-drill.tsx";
import { SelfTests } from "./self-tests.tsx";
import { StartForm } from "./start-form.tsx";
import { useHistory, useProven } from "./use-drills.ts";

export interface DrillsViewProps {
  readonly search: ControlSearch;
  readonly setSearch: SetControlSearch;
}

/** Drills: what is proven and what is overdue, one to start, the one that runs, and how they went (S12, C5, N25). */
export function DrillsView({ search, setSearch }: DrillsViewProps) {
  const history = useHistory();
  const proven = useProven();
  const failed = history.isError ? history : proven.isError ? proven : null;
  if (history.data === undefined || proven.data === undefined) {
    return failed === null ? (
      <Loading what="the drills" />
    ) : (
      <div className="p-4">
        <ProblemNote
          problem={problemOf(failed.error)}
          onRetry={() => void Promise.all([history.refetch(), proven.refetch()])}
        />
      </div>
    );
  }
  const { drills, position } = history.data;
  const running = drills.filter(({ score }) => score === null);
  // Without a choice the newest that is over, which is what one has come from.
  const shown = drills.find(({ wid, score }) => (search.drill === undefined ? score !== null : wid === search.drill));
  const show = (wid: string): void => setSearch({ drill: wid }, { replace: true });
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <div className="mx-auto max-w-5xl px-3 pb-4">
        {failed === null ? null : <OldNote readAtMs={Math.min(history.dataUpdatedAt, proven.dataUpdatedAt)} />}
        {running.map((drill) => (
          <RunningDrill key={drill.wid} drill={drill} isChosen={drill.wid === search.drill} />
        ))}
        {search.drill !== undefined && shown === undefined ? (
          <Empty title="No such drill in this log">
            <Identifier value={search.drill} label="drill" /> may belong to another console or to a log that was started
            anew.
          </Empty>
        ) : null}
        {shown?.score == null ? null : <DrillResult drill={shown} score={shown.score} />}
        <ProvenTable controls={proven.data.controls} />
        <SelfTests />
        <StartForm isRunning={running.length > 0} onStarted={show} />
        <HistoryTable
          drills={drills}
          only={search.past}
          selected={shown?.wid ?? null}
          onOnly={(past) => setSearch({ past }, { replace: true })}
          onSelect={show}
        />
        <p className="pt-2 text-xs text-muted">
          Read from the log of {position.domain} at {formatCount(position.size)} entries,{" "}
          <Ago sinceMs={position.atMs} />
        </p>
      </div>
    </div>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}
