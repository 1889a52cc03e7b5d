import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { Loading } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { mergeSamples } from "./axis-model.ts";
import { EntryDrawer } from "./entry-drawer.tsx";
import { EntryListView, type Signs } from "./entry-list.tsx";
import { FilterBar, growthOf } from "./filter-bar.tsx";
import { ListState, Staleness, ToNewest } from "./list-state.tsx";
import { paneKey } from "./pane-key.ts";
import { expressionOf, placedIn } from "./query-search.ts";
import { TimeAxis } from "./time-axis.tsx";
import { FILTER_NAMES, type SetTimelineSearch, type TimelineSearch } from "./timeline-search.ts";
import { TitleBar } from "./title-bar.tsx";
import { useEntryList, useHead } from "./use-entry-list.ts";
import { useExport } from "./use-export.ts";
import { useFreshLog } from "./use-fresh-log.ts";
import { stepRow, useAnchor, useEntryFromElsewhere, usePlaceInUrl, useViewStore } from "./use-place.ts";
import { useSamples } from "./use-samples.ts";
import { useStartOnOpening, useVerification } from "./use-verification.ts";
import { VerifyDrawer } from "./verify-drawer.tsx";

export { timelineSearchSchema } from "./timeline-search.ts";

export const timelineKeys: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: "j / k", does: "next or previous entry" },
  { keys: "Enter", does: "open the entry" },
  { keys: "Esc", does: "close what is open" },
  { keys: "/", does: "query: Enter asks and goes to the list, arrows choose what may come next" },
  { keys: "v", does: "verify the log" },
  { keys: "a", does: "anchors of the log, and witnessing others" },
  { keys: "e", does: "export the log" },
  { keys: "p", does: "evidence pack: one file for an auditor" },
  { keys: "l", does: "lanes or table" },
  { keys: "[ / ]", does: "in the lanes: to a cause or an effect of the entry" },
  { keys: "+ / - / 0", does: "in the lanes: zoom in, zoom out, all of time" },
  { keys: "f", does: "findings: causes, critical path, bursts and gaps" },
  { keys: "ArrowLeft ArrowRight", does: "on the time axis: earlier or later, with Shift further; Enter goes there" },
];

export interface TimelinePaneProps {
  readonly search: TimelineSearch;
  readonly setSearch: SetTimelineSearch;
}

const LanesView = lazy(() => import("./lanes/lanes-view.tsx").then((loaded) => ({ default: loaded.LanesView })));

const ListFindings = lazy(() =>
  import("./lanes/list-findings.tsx").then((loaded) => ({ default: loaded.ListFindings })),
);

const AnchorsDrawer = lazy(() =>
  import("./anchors/anchors-drawer.tsx").then((loaded) => ({ default: loaded.AnchorsDrawer })),
);

const EvidenceDialog = lazy(() =>
  import("./evidence/evidence-dialog.tsx").then((loaded) => ({ default: loaded.EvidenceDialog })),
);

const EVERYTHING = { filter: {} };
const CLEARED = Object.fromEntries([...FILTER_NAMES, "q", "at"].map((name) => [name, undefined]));

/** The log: every entry, filtered and opened, over time, verified and exported. */
export function TimelinePane({ search, setSearch }: TimelinePaneProps) {
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  /** Enter was pressed in the query: its list gets the keys. */
  const asked = useRef(false);
  const { asked: wanted, text: expression, problems } = expressionOf(search);
  const isFiltered = expression !== "";
  const order = search.order ?? "newest";
  const listKey = JSON.stringify([expression, order]);
  const place = useAnchor(search, listKey);
  const anchor = place.seq;
  const list = useEntryList(wanted, order, anchor);
  const whole = useHead(EVERYTHING);
  const position = whole.data?.position ?? null;
  const size = position?.size ?? null;
  const sampled = useSamples(size ?? 0, whole.data?.rows[0]);
  const samples = useMemo(() => mergeSamples(sampled, list.rows), [sampled, list.rows]);
  const found = list.problems.map((problem) => placedIn(search.q ?? "", expression ?? "", problem));
  const view = useViewStore();
  const atTop = useStore(view, (shown) => shown.atTop);
  const [cursor, setCursor] = useState<number | null>(null);
  const verifying = search.verify === true;
  const [packing, setPacking] = useState(false);
  const [signs, setSigns] = useState<Signs | null>(null);
  const showSigns = useCallback((shown: Signs | null) => setSigns(() => shown), []);
  const verification = useVerification();
  const exporting = useExport(position);
  const bad = verification.state.phase === "done" ? (verification.state.result.report.firstBad?.seq ?? null) : null;
  const active = search.entry ?? cursor;
  const showsLanes = search.view === "lanes";
  // The table in groups is the lanes' twin; without groups it is the list.
  const usesLanes = showsLanes || search.group !== undefined;
  const follows = order === "newest" && anchor === null && search.entry === undefined;

  const open = (seq: number): void => {
    setCursor(seq);
    setSearch({ entry: seq, verify: undefined, anchors: undefined }, { replace: true });
  };
  const close = (): false | undefined => {
    if (verifying || search.anchors === true) setSearch({ verify: undefined, anchors: undefined }, { replace: true });
    else if (search.entry !== undefined) setSearch({ entry: undefined }, { replace: true });
    else return false;
    scroller.current?.focus({ preventScroll: true });
    return undefined;
  };
  const step = (by: 1 | -1): undefined => {
    const next = stepRow(list.rows, active, view.getState().first, by);
    if (next === undefined) return;
    // From here on the arrows and Enter are the list's, wherever the focus was.
    scroller.current?.focus({ preventScroll: true });
    if (search.entry !== undefined && !verifying) open(next.seq);
    else setCursor(next.seq);
  };
  const showView = (shown: "table" | "lanes"): void => setSearch({ view: shown === "lanes" ? shown : undefined });
  const verify = (): void => setSearch({ verify: true, anchors: undefined }, { replace: true });
  const anchors = (): void => setSearch({ anchors: true, verify: undefined }, { replace: true });
  const toNewest = (): void => {
    if (anchor === null) list.catchUp();
    place.moveTo(null);
    if (search.at !== undefined) setSearch({ at: undefined }, { replace: true });
    scroller.current?.scrollTo({ top: 0 });
  };
  const onPick = useCallback((at: number) => setSearch({ at }), [setSearch]);
  const find = usesLanes ? undefined : search.find;
  const findings = (): void => setSearch({ find: search.find === undefined ? "bursts" : undefined }, { replace: true });
  const listHasKeys = (): boolean => document.activeElement === scroller.current;
  useKeys({
    // The lanes have their own way from entry to entry: along the time.
    j: paneKey(root, () => (usesLanes ? false : step(1))),
    k: paneKey(root, () => (usesLanes ? false : step(-1))),
    ArrowDown: paneKey(root, () => (listHasKeys() ? step(1) : false)),
    ArrowUp: paneKey(root, () => (listHasKeys() ? step(-1) : false)),
    Enter: paneKey(root, () =>
      cursor === null || usesLanes || isControl(document.activeElement) ? false : void open(cursor),
    ),
    // The lanes have their own, with what is chosen there.
    f: paneKey(root, () => (usesLanes ? false : void findings())),
    l: paneKey(root, () => void showView(showsLanes ? "table" : "lanes")),
    Escape: paneKey(root, close),
    "/": paneKey(root, () => void searchField.current?.focus()),
    v: paneKey(root, () => void verify()),
    a: paneKey(root, () => void anchors()),
    e: paneKey(root, () => void exporting.start()),
    p: paneKey(root, () => void setPacking(true)),
  });
  useEffect(() => {
    if (follows && atTop && list.newer > 0 && list.hasBefore) list.catchUp();
  });
  useEffect(() => {
    // The list of another query is another element.
    if (!asked.current || list.isEarlier || scroller.current === null) return;
    asked.current = false;
    if (document.activeElement === document.body) scroller.current.focus({ preventScroll: true });
  });
  useEntryFromElsewhere(search.entry, list.rows, place.moveTo);
  usePlaceInUrl(view, search, place, setSearch);
  useFreshLog(search, setSearch);
  useStartOnOpening(verifying, () => {
    if (verification.state.phase === "idle") verification.start();
  });

  return (
    <div ref={root} className="relative flex h-full min-h-0 flex-col bg-panel">
      <TitleBar
        position={position}
        matching={list.total}
        isFiltered={isFiltered}
        exporting={exporting}
        view={showsLanes ? "lanes" : "table"}
        onView={showView}
        onEvidence={() => setPacking(true)}
        onAnchors={anchors}
        onVerify={verify}
      />
      <FilterBar
        search={search}
        growth={growthOf(size ?? 0)}
        searchField={searchField}
        found={found}
        onAsked={() => {
          asked.current = true;
          // While there is no list its keys are nobody's: they must not be written into the field.
          if (scroller.current === null) searchField.current?.blur();
          else scroller.current.focus({ preventScroll: true });
        }}
        setSearch={setSearch}
        hasFindings={usesLanes ? null : find !== undefined}
        onFindings={findings}
      />
      {usesLanes ? null : (
        <TimeAxis
          samples={samples}
          rows={list.rows}
          matching={isFiltered ? list.total : null}
          isFiltered={isFiltered}
          view={view}
          onPick={onPick}
        />
      )}
      <Staleness list={list} />
      <div className="flex min-h-0 flex-1">
        {usesLanes ? (
          <Suspense fallback={<Loading what="the lanes" />}>
            <LanesView
              search={search}
              setSearch={setSearch}
              root={root}
              size={size ?? 0}
              active={active}
              onOpen={open}
              onMove={setCursor}
            />
          </Suspense>
        ) : null}
        <div className={`relative flex min-h-0 min-w-0 flex-1 flex-col ${usesLanes ? "hidden" : ""}`}>
          <ListState
            list={list}
            isFiltered={isFiltered}
            isUnread={problems.length + found.length > 0}
            onClear={() => setSearch(CLEARED)}
          />
          {list.rows.length === 0 || usesLanes ? null : (
            <EntryListView
              key={list.rowsOf}
              list={list}
              scroller={scroller}
              active={active}
              bad={bad}
              signs={signs}
              flows={follows}
              readsBefore={anchor !== null}
              reveal={active ?? anchor}
              top={place.isGiven ? anchor : null}
              onOpen={open}
              view={view}
            />
          )}
          <ToNewest
            newer={follows && atTop ? 0 : list.newer}
            anchored={anchor !== null && order === "newest"}
            onPress={toNewest}
          />
        </div>
        {search.anchors === true ? (
          <Suspense fallback={<Loading what="the anchors" />}>
            <AnchorsDrawer onClose={close} />
          </Suspense>
        ) : verifying ? (
          <VerifyDrawer verification={verification} onOpen={open} onClose={close} />
        ) : search.entry === undefined ? null : (
          <EntryDrawer seq={search.entry} bad={bad} onOpen={open} onClose={close} />
        )}
      </div>
      {find === undefined || size === null ? null : (
        <Suspense fallback={<Loading what="the findings" />}>
          <ListFindings
            {...{ search, setSearch, size, active }}
            find={find === "differences" ? "bursts" : find}
            onOpen={open}
            onSigns={showSigns}
          />
        </Suspense>
      )}
      {packing && position !== null ? (
        <Suspense fallback={null}>
          <EvidenceDialog
            position={position}
            expression={expression}
            matching={isFiltered ? list.total : null}
            onClose={() => setPacking(false)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

/** Enter belongs to a control that has the focus. */
function isControl(element: Element | null): boolean {
  return element?.closest("button, a, input, summary, [role='button']") != null;
}
