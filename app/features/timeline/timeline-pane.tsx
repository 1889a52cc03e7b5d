import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { useKeys } from "../../ui/use-keys.ts";
import { mergeSamples } from "./axis-model.ts";
import { EntryDrawer } from "./entry-drawer.tsx";
import { EntryListView } from "./entry-list.tsx";
import { FilterBar, growthOf } from "./filter-bar.tsx";
import { ListState, Staleness, ToNewest } from "./list-state.tsx";
import { paneKey } from "./pane-key.ts";
import { TimeAxis } from "./time-axis.tsx";
import { FILTER_NAMES, filterOf, type SetTimelineSearch, type TimelineSearch } from "./timeline-search.ts";
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
  { keys: "/", does: "search" },
  { keys: "v", does: "verify the log" },
  { keys: "e", does: "export the log" },
  { keys: "ArrowLeft ArrowRight", does: "on the time axis: earlier or later, with Shift further; Enter goes there" },
];

export interface TimelinePaneProps {
  readonly search: TimelineSearch;
  readonly setSearch: SetTimelineSearch;
}

const EVERYTHING = {};
const CLEARED = Object.fromEntries([...FILTER_NAMES, "at"].map((name) => [name, undefined]));

/** The log: every entry, filtered and opened, over time, verified and exported. */
export function TimelinePane({ search, setSearch }: TimelinePaneProps) {
  const root = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const filter = filterOf(search);
  const isFiltered = Object.keys(filter).length > 0;
  const order = search.order ?? "newest";
  const listKey = JSON.stringify([filter, order]);
  const place = useAnchor(search, listKey);
  const anchor = place.seq;
  const list = useEntryList(filter, order, anchor);
  const whole = useHead(EVERYTHING);
  const position = whole.data?.position ?? null;
  const size = position?.size ?? null;
  const sampled = useSamples(size ?? 0, whole.data?.rows[0]);
  const samples = useMemo(() => mergeSamples(sampled, list.rows), [sampled, list.rows]);
  const view = useViewStore();
  const atTop = useStore(view, (shown) => shown.atTop);
  const [cursor, setCursor] = useState<number | null>(null);
  const verifying = search.verify === true;
  const verification = useVerification();
  const exporting = useExport(position);
  const bad = verification.state.phase === "done" ? (verification.state.result.report.firstBad?.seq ?? null) : null;
  const active = search.entry ?? cursor;
  const follows = order === "newest" && anchor === null && search.entry === undefined;

  const open = (seq: number): void => {
    setCursor(seq);
    setSearch({ entry: seq, verify: undefined }, { replace: true });
  };
  const close = (): false | undefined => {
    if (verifying) setSearch({ verify: undefined }, { replace: true });
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
  const verify = (): void => setSearch({ verify: true }, { replace: true });
  const toNewest = (): void => {
    if (anchor === null) list.catchUp();
    place.moveTo(null);
    if (search.at !== undefined) setSearch({ at: undefined }, { replace: true });
    scroller.current?.scrollTo({ top: 0 });
  };
  const onPick = useCallback((at: number) => setSearch({ at }), [setSearch]);
  const listHasKeys = (): boolean => document.activeElement === scroller.current;
  useKeys({
    j: paneKey(root, () => step(1)),
    k: paneKey(root, () => step(-1)),
    ArrowDown: paneKey(root, () => (listHasKeys() ? step(1) : false)),
    ArrowUp: paneKey(root, () => (listHasKeys() ? step(-1) : false)),
    Enter: paneKey(root, () => (cursor === null || isControl(document.activeElement) ? false : void open(cursor))),
    Escape: paneKey(root, close),
    "/": paneKey(root, () => void searchField.current?.focus()),
    v: paneKey(root, () => void verify()),
    e: paneKey(root, () => void exporting.start()),
  });
  useEffect(() => {
    if (follows && atTop && list.newer > 0 && list.hasBefore) list.catchUp();
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
        onVerify={verify}
      />
      <FilterBar search={search} growth={growthOf(size ?? 0)} searchField={searchField} setSearch={setSearch} />
      <TimeAxis
        samples={samples}
        rows={list.rows}
        matching={isFiltered ? list.total : null}
        isFiltered={isFiltered}
        view={view}
        onPick={onPick}
      />
      <Staleness list={list} />
      <div className="flex min-h-0 flex-1">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          <ListState list={list} isFiltered={isFiltered} onClear={() => setSearch(CLEARED)} />
          {list.rows.length === 0 ? null : (
            <EntryListView
              key={list.rowsOf}
              list={list}
              scroller={scroller}
              active={active}
              bad={bad}
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
        {verifying ? (
          <VerifyDrawer verification={verification} onOpen={open} onClose={close} />
        ) : search.entry === undefined ? null : (
          <EntryDrawer seq={search.entry} bad={bad} onOpen={open} onClose={close} />
        )}
      </div>
    </div>
  );
}

/** Enter belongs to a control that has the focus. */
function isControl(element: Element | null): boolean {
  return element?.closest("button, a, input, summary, [role='button']") != null;
}
