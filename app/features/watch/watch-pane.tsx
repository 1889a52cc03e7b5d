import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { problemOf } from "../../api/client/problem.ts";
import type { WorkflowSummary } from "../../api/contract/workflow.ts";
import { Button } from "../../ui/button.tsx";
import { useFrozen } from "../../ui/frozen.ts";
import { Empty, Loading, ProblemNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { WorkflowList } from "./fleet/workflow-list.tsx";
import { NO_VIEW, useFreshView } from "./fresh-view.ts";
import { useWorkflows } from "./queries.ts";
import { DropTarget } from "./runs/drop-target.tsx";
import type { RunSource } from "./runs/run-source.ts";
import { OldNote } from "./states-feed.tsx";
import type { SetSearch, WatchSearch } from "./watch-search.ts";
import { WorkflowView } from "./workflow-view.tsx";

export { watchKeys } from "./watch-keys.ts";
export { watchSearchSchema } from "./watch-search.ts";

const LoadRun = lazy(() => import("./runs/load-run.tsx").then((loaded) => ({ default: loaded.LoadRun })));
const StartRun = lazy(() => import("./runs/start-run.tsx").then((loaded) => ({ default: loaded.StartRun })));

export interface WatchPaneProps {
  readonly search: WatchSearch;
  readonly setSearch: SetSearch;
}

/** Workflows as they run: graph or table, with the way to load a recorded run and to start it under a policy. */
export function WatchPane({ search, setSearch }: WatchPaneProps) {
  const list = useWorkflows();
  const [loading, setLoading] = useState<{ readonly source: RunSource | null } | null>(null);
  const [restart, setRestart] = useState<WorkflowSummary | null>(null);
  const load = (source: RunSource | null = null): void => setLoading({ source });
  const frozen = useFrozen();
  useKeys({
    o: () => {
      if (frozen === null) load();
    },
  });
  useFreshView(search, setSearch);
  useLanding(list.data?.workflows, search, setSearch);
  if (list.data === undefined) {
    return list.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
      </div>
    ) : (
      <Loading what="the workflows" />
    );
  }
  const { workflows } = list.data;
  const [only] = workflows;
  const workflow =
    search.wid === undefined && search.all !== true && workflows.length === 1
      ? only
      : workflows.find((item) => item.wid === search.wid);
  const open = (wid: string): void => setSearch({ ...NO_VIEW, wid });
  // When the list could not be read again: when it was read.
  const oldSinceMs = list.isError ? list.dataUpdatedAt : null;
  return (
    <DropTarget onFiles={(files) => load({ kind: "files", files })}>
      {oldSinceMs !== null && workflow === undefined ? <OldNote readAtMs={oldSinceMs} /> : null}
      {workflow !== undefined ? (
        <WorkflowView
          key={workflow.wid}
          workflow={workflow}
          search={search}
          setSearch={setSearch}
          oldSinceMs={oldSinceMs}
          onRestart={() => setRestart(workflow)}
          onLoad={() => load()}
        />
      ) : workflows.length > 0 && search.wid === undefined ? (
        <WorkflowList workflows={workflows} position={list.data.position} onOpen={open} onLoad={() => load()} />
      ) : workflows.length > 0 ? (
        <Empty title="This workflow is not in the log of this console">
          <p>The link names another one. Choose one at the top, or load a run.</p>
          <Button writes onPress={() => load()}>
            Load a run
          </Button>
        </Empty>
      ) : (
        <Suspense fallback={<Loading what="the list of recorded runs" />}>
          <LoadRun first source={loading?.source ?? null} onChosen={(digest) => setSearch({ run: digest })} />
        </Suspense>
      )}
      <Suspense fallback={null}>
        {loading !== null && workflows.length > 0 ? (
          <LoadRun
            source={loading.source}
            onClose={() => setLoading(null)}
            onChosen={(digest) => {
              setLoading(null);
              setSearch({ run: digest });
            }}
          />
        ) : null}
        {search.run !== undefined || restart !== null ? (
          <StartRun
            digest={restart?.run.digest ?? search.run ?? ""}
            restart={restart}
            onClose={() => {
              setRestart(null);
              setSearch({ run: undefined }, { replace: true });
            }}
            onStarted={(wid) => {
              setRestart(null);
              open(wid);
            }}
          />
        ) : null}
      </Suspense>
    </DropTarget>
  );
}

/** The only workflow there is goes into the link, so that it stays the one in view when another is started. */
function useLanding(
  workflows: readonly WorkflowSummary[] | undefined,
  search: WatchSearch,
  setSearch: SetSearch,
): void {
  const landed = useRef(false);
  useEffect(() => {
    if (workflows === undefined || landed.current) return;
    landed.current = true;
    const [only] = workflows;
    if (search.wid === undefined && search.all !== true && workflows.length === 1 && only !== undefined)
      setSearch({ wid: only.wid }, { replace: true });
  }, [workflows, search.wid, search.all, setSearch]);
}
