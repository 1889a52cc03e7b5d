import { FolderOpen } from "lucide-react";
import { type ComponentType, lazy, Suspense, useMemo, useRef, useState } from "react";
import { problemOf } from "../../api/client/problem.ts";
import type { RunGraph, WorkflowSummary } from "../../api/contract/workflow.ts";
import type { WhyButtonProps } from "../../operator/why/why-button.tsx";
import { Button } from "../../ui/button.tsx";
import { useFrozen } from "../../ui/frozen.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { BreakerLine } from "./breakers/breaker-line.tsx";
import type { BreakerOrder } from "./breakers/order-breaker.tsx";
import { BreakersContext, useBreakers } from "./breakers/use-breakers.ts";
import { useAgentStops } from "./detail/use-agent-stops.ts";
import type { ShownDomain } from "./domains/shown-domains.ts";
import type { DagHandle } from "./graph/dag-view.tsx";
import { GraphPanel } from "./graph/graph-panel.tsx";
import { Halo } from "./halo/halo.tsx";
import { at } from "./layout/layout-types.ts";
import { countOnly, formatNumbers, parseNumbers } from "./linked-numbers.ts";
import { LivenessNote } from "./liveness/liveness-note.tsx";
import { LivenessContext, type ShownLiveness, useLiveness } from "./liveness/use-liveness.ts";
import { nextInNeed, nextMatch } from "./next-task.ts";
import { type OrderAsked, Orders } from "./order/orders.tsx";
import { LogRead } from "./playback/log-read.tsx";
import { PlaybackBar } from "./playback/playback-bar.tsx";
import { Reenactment } from "./playback/reenactment.tsx";
import { StateCounts } from "./playback/state-counts.tsx";
import { StatusNote } from "./playback/status-note.tsx";
import { usePlayback } from "./playback/use-playback.ts";
import { useLive, useRunGraph } from "./queries.ts";
import { planLink } from "./rollback/rollback-link.ts";
import { RollbackNote, Rollbacks } from "./rollback/rollbacks.tsx";
import { SelectionBar } from "./selection-bar.tsx";
import { StatesFeed } from "./states-feed.tsx";
import { FilterBar } from "./toolbar/filter-bar.tsx";
import { DrawControls, SeveralSwitch, ViewSwitch } from "./toolbar/view-controls.tsx";
import { useEvent, useLatest } from "./use-event.ts";
import { useMedia } from "./use-media.ts";
import { useWorkflowModel } from "./use-workflow.ts";
import type { SetSearch, WatchSearch } from "./watch-search.ts";

/** Where its part is not there, everything else still is. */
const WhyButton = lazy<ComponentType<WhyButtonProps>>(() =>
  import("../../operator/why/why-button.tsx").then(
    (loaded) => ({ default: loaded.WhyButton }),
    () => ({ default: () => null }),
  ),
);
const TableTwin = lazy(() => import("./table/table-twin.tsx").then((loaded) => ({ default: loaded.TableTwin })));
const BreakersDialog = lazy(() =>
  import("./breakers/breakers-dialog.tsx").then((loaded) => ({ default: loaded.BreakersDialog })),
);
const OrderBreaker = lazy(() =>
  import("./breakers/order-breaker.tsx").then((loaded) => ({ default: loaded.OrderBreaker })),
);
const LivenessDialog = lazy(() =>
  import("./liveness/liveness-dialog.tsx").then((loaded) => ({ default: loaded.LivenessDialog })),
);
const LeaseDialog = lazy(() =>
  import("./liveness/lease-dialog.tsx").then((loaded) => ({ default: loaded.LeaseDialog })),
);
const OrderDomain = lazy(() =>
  import("./domains/order-domain.tsx").then((loaded) => ({ default: loaded.OrderDomain })),
);
const DetailDrawer = lazy(() =>
  import("./detail/detail-drawer.tsx").then((loaded) => ({ default: loaded.DetailDrawer })),
);

export interface WorkflowViewProps {
  readonly workflow: WorkflowSummary;
  readonly search: WatchSearch;
  readonly setSearch: SetSearch;
  /** When the list was read that the workflow is from, if it could not be read again. */
  readonly oldSinceMs: number | null;
  /** Starts the same workflow again under a new policy. */
  onRestart(): void;
  /** Opens the dialog that loads another run. */
  onLoad(): void;
}

/** One re-enactment: what plays, how it stands, and its tasks as graph or table. */
export function WorkflowView(props: WorkflowViewProps) {
  const graph = useRunGraph(props.workflow.run.digest);
  const live = useLive(props.workflow.wid, answered);
  if (graph.data === undefined) {
    return graph.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(graph.error)} onRetry={() => void graph.refetch()} />
      </div>
    ) : (
      <Loading what="the recorded run" />
    );
  }
  // Nothing is shown as planned only because it is not known yet.
  if (live.data === undefined) {
    return live.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(live.error)} onRetry={() => void live.refetch()} />
      </div>
    ) : (
      <Loading what="the states of the tasks" />
    );
  }
  return <Loaded {...props} run={graph.data} />;
}

const NO_MORE_GROUPS = {
  title: "No more groups can be open at once",
  detail: "The link that keeps them is full. Close some, or turn grouping off to see every task.",
  tone: "notice",
} as const;

const answered = (): true => true;

function Loaded({
  workflow,
  search,
  setSearch,
  oldSinceMs,
  onRestart,
  onLoad,
  run,
}: WorkflowViewProps & { readonly run: RunGraph }) {
  const breakers = useBreakers(workflow.wid, run);
  const model = useWorkflowModel(workflow.wid, run, search, setSearch, breakers.domainOf);
  const control = usePlayback(workflow.wid);
  const narrow = useMedia("(width < 48rem)");
  const shown = search.view ?? (narrow ? "table" : "graph");
  const stops = useAgentStops();
  const [order, setOrder] = useState<BreakerOrder | null>(null);
  const liveness = useLiveness(workflow.wid, run);
  const [leased, setLeased] = useState<ShownLiveness | null>(null);
  const [domain, setDomain] = useState<ShownDomain | null>(null);
  const onGraph = useMemo(
    () => ({
      ...breakers,
      order: (breaker: BreakerOrder["breaker"]): void =>
        setOrder({ breaker, order: breaker.forced || breaker.isolated ? "release" : "trip" }),
      orderDomain: setDomain,
    }),
    [breakers],
  );
  const [several, setSeveral] = useState(false);
  const [asked, setAsked] = useState<OrderAsked | null>(null);
  const handle = useRef<DagHandle | null>(null);
  const searchField = useRef<HTMLInputElement | null>(null);
  const stage = useRef<HTMLDivElement | null>(null);
  const { view, selection } = model;
  // Failure domains are boxes around lanes: where there are some the graph has lanes, until they are turned off.
  const hasDomains = breakers.domainOf !== null;
  const drawn = shown === "graph" && hasDomains ? { ...search, lanes: search.lanes ?? true } : search;
  const setDrawn: SetSearch = (patch, options) =>
    setSearch(hasDomains && "lanes" in patch ? { ...patch, lanes: patch.lanes ?? false } : patch, options);
  const set = (patch: Partial<WatchSearch>): void => setSearch(patch, { replace: true });
  const linked = useLatest({ vp: search.vp, tasks: selection.tasks });
  const look = useEvent((now: string, whole: boolean): void => {
    // A link with a selection would lead to that instead.
    const vp = whole && selection.tasks.length === 0 ? undefined : now;
    if (vp !== search.vp) set({ vp });
  });
  const detail = useEvent(() => set({ detail: true }));
  // The arrow keys go on from there, and Enter opens it.
  const focusStage = (): void =>
    stage.current?.querySelector<HTMLElement>("[role=application],[role=grid]")?.focus({ preventScroll: true });
  const show = useEvent((task: number | null): void => {
    if (task === null) return;
    selection.set([task]);
    handle.current?.reveal(at(view.nodeOf, task));
    focusStage();
  });
  const setOpen = (open: readonly number[]): void => {
    const linked = formatNumbers(open);
    if (countOnly(linked) > 0) toast(NO_MORE_GROUPS);
    else set({ open: linked });
  };
  const openGroup = useEvent((first: number): void => setOpen([...parseNumbers(search.open, view.tasks.tasks), first]));
  const closeGroup = useEvent((first: number): void =>
    setOpen(parseNumbers(search.open, view.tasks.tasks).filter((open) => open !== first)),
  );
  // Nothing is played and nothing ordered in the past.
  const isOver = workflow.status === "finished" || workflow.status === "stopped";
  const ended = useFrozen() !== null || isOver;
  const unlessEnded = (run: () => void) => () => {
    if (!ended) run();
  };
  // An order is for what is selected; without a selection the key is the playback's.
  const ask = (order: OrderAsked): void => {
    if (!ended && selection.tasks.length > 0) setAsked(order);
  };
  const rollBack = (rollback: string | undefined): void => set({ rollback });
  const rollBackTo = (index: number): void => rollBack(planLink({ kind: "task", index }));
  // A rollback has the place of the details.
  const isDetailed = search.detail === true && selection.tasks.length > 0 && search.rollback === undefined;
  const leave = (): void => {
    if (search.rollback !== undefined) set({ rollback: undefined });
    else if (search.detail === true) set({ detail: undefined });
    else if (selection.tasks.length > 0 || selection.lost > 0) selection.set([]);
    else if (several) setSeveral(false);
    else set({ q: undefined, agent: undefined, action: undefined, state: undefined });
  };
  useKeys({
    "/": (event) => {
      event.preventDefault();
      searchField.current?.focus();
    },
    t: () => set({ view: shown === "graph" ? "table" : "graph" }),
    l: () => set({ dir: search.dir === "right" ? undefined : "right", vp: undefined }),
    f: () => handle.current?.fit(),
    c: () => {
      const first = selection.cursor === undefined ? -1 : at(view.openedFrom, selection.cursor);
      if (first >= 0) closeGroup(first);
    },
    n: () => show(nextInNeed(model)),
    b: () => set({ breakers: true }),
    v: () => set({ links: true }),
    p: (event) => {
      event.preventDefault();
      if (selection.tasks.length > 0) ask("pause");
      else unlessEnded(control.toggle)();
    },
    e: (event) => {
      event.preventDefault();
      ask("modify");
    },
    ".": unlessEnded(control.step),
    "[": unlessEnded(control.slower),
    "]": unlessEnded(control.faster),
    Escape: leave,
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-panel px-3 py-2">
        <div className="flex min-w-0 flex-1 md:flex-initial">
          <Reenactment workflow={workflow} />
        </div>
        <div className="order-last min-w-64 flex-1 basis-full md:order-none md:basis-0">
          <PlaybackBar wid={workflow.wid} status={workflow.status} control={control} />
        </div>
        <Button writes shortcut="o" onPress={onLoad}>
          <FolderOpen aria-hidden="true" size={15} /> <span className="sr-only md:not-sr-only">Load a run</span>
        </Button>
      </div>
      <StatusNote workflow={workflow} onRestart={onRestart} />
      <BreakerLine breakers={breakers} onOpen={() => set({ breakers: true })} onRollBack={rollBackTo} />
      <RollbackNote wid={workflow.wid} onOpen={rollBack} />
      {isOver ? null : <LivenessNote liveness={liveness} onOpen={() => set({ links: true })} />}
      <StatesFeed wid={workflow.wid} store={model.states} listSinceMs={oldSinceMs} />
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-3 py-1.5">
        <StateCounts
          states={model.states}
          chosen={model.filters.states}
          onChoose={(chosen) => set({ state: chosen.length === 0 ? undefined : chosen.join("-") })}
        />
        <LogRead wid={workflow.wid} />
        <Suspense>
          <WhyButton asked={{ wid: workflow.wid }} what={`this workflow is ${workflow.status}`} />
        </Suspense>
        {workflow.waiting === 0 ? null : (
          <GoLink
            to="/approvals"
            search={{ wid: workflow.wid }}
            className="py-1 text-xs font-semibold text-notice underline"
          >
            Decide in Approvals
          </GoLink>
        )}
        <FilterBar
          run={run}
          search={search}
          setSearch={setSearch}
          matches={model.matches}
          filtered={model.filtered}
          searchRef={searchField}
          onNext={() => show(nextMatch(model))}
        >
          <SeveralSwitch isOn={several} onChange={setSeveral} />
          <ViewSwitch shown={shown} setSearch={setSearch} />
        </FilterBar>
        <DrawControls search={drawn} setSearch={setDrawn} view={view} shown={shown} />
      </div>
      <Orders workflow={workflow} run={run} model={model} asked={asked} onAnswered={() => setAsked(null)} />
      <LivenessContext value={liveness}>
        <div ref={stage} className="relative flex min-h-0 flex-1">
          <Halo workflow={workflow} run={run} model={model} />
          {shown === "graph" ? (
            <BreakersContext value={onGraph}>
              <GraphPanel
                view={view}
                direction={search.dir ?? "down"}
                lanes={drawn.lanes ?? false}
                states={model.states}
                highlight={model.highlight}
                selection={selection}
                several={several}
                handle={handle}
                linked={linked}
                onLook={look}
                onDetail={detail}
                onOpenGroup={openGroup}
                onCloseGroup={closeGroup}
              />
            </BreakersContext>
          ) : (
            <BreakersContext value={onGraph}>
              <Suspense fallback={<Loading what="the table" />}>
                <TableTwin
                  model={model}
                  search={search}
                  setSearch={setSearch}
                  narrow={narrow}
                  several={several}
                  onDetail={detail}
                  onOpenGroup={openGroup}
                  onCloseGroup={closeGroup}
                />
              </Suspense>
            </BreakersContext>
          )}
          <Rollbacks link={search.rollback} onLink={rollBack} onShow={show} {...{ workflow, run, model }} />
          {isDetailed ? (
            <Suspense fallback={null}>
              <DetailDrawer
                workflow={workflow}
                run={run}
                model={model}
                shown={shown}
                stops={stops}
                onShow={show}
                onOpenGroup={openGroup}
                onRollBack={rollBackTo}
                onClose={() => set({ detail: undefined })}
              />
            </Suspense>
          ) : null}
        </div>
      </LivenessContext>
      <Suspense fallback={null}>
        {search.links === true && leased === null ? (
          <LivenessDialog
            liveness={liveness}
            isLive={!ended}
            onLease={setLeased}
            onClose={() => set({ links: undefined })}
          />
        ) : null}
        {leased === null ? null : (
          <LeaseDialog
            liveness={liveness}
            agent={liveness.all.find(({ agent }) => agent === leased.agent) ?? leased}
            onClose={() => setLeased(null)}
          />
        )}
        {search.breakers === true && order === null && domain === null ? (
          <BreakersDialog
            breakers={breakers}
            onOrder={setOrder}
            onOrderDomain={setDomain}
            onClose={() => set({ breakers: undefined })}
          />
        ) : null}
        {domain === null ? null : (
          <OrderDomain
            domain={breakers.domains.find(({ id }) => id === domain.id) ?? domain}
            breakers={breakers}
            graph={view.tasks}
            states={model.states}
            onClose={() => setDomain(null)}
          />
        )}
        {order === null ? null : (
          <OrderBreaker
            {...order}
            breaker={breakers.all.find(({ id }) => id === order.breaker.id) ?? order.breaker}
            breakers={breakers}
            graph={view.tasks}
            states={model.states}
            onClose={() => setOrder(null)}
          />
        )}
      </Suspense>
      {isDetailed ? null : (
        <SelectionBar
          workflow={workflow}
          run={run}
          selection={selection}
          stops={stops}
          onOrder={ask}
          onRollBack={rollBackTo}
          onDetail={() => {
            rollBack(undefined);
            detail();
            focusStage();
          }}
          onClear={() => {
            selection.set([]);
            focusStage();
          }}
        />
      )}
    </div>
  );
}
