import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { EntryRow } from "../../api/contract/common.ts";
import { columnsOf, EntryListRow, PHONE_ROW_PX, WIDE_ROW_PX } from "./entry-list-row.tsx";
import type { EntryList } from "./use-entry-list.ts";
import type { ViewStore } from "./use-place.ts";
import { useWide } from "./use-wide.ts";

/** What the lanes mark an entry with, in words. */
export type Signs = (seq: number) => string | null;

export interface EntryListViewProps {
  readonly list: EntryList;
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Entry the keyboard is at. */
  readonly active: number | null;
  /** Entry named bad by the last verification. */
  readonly bad: number | null;
  /** While the findings are in view. */
  readonly signs: Signs | null;
  /** New entries flow in at the top while it is in view. */
  readonly flows: boolean;
  /** Entries above the list's first one are read when it comes near. */
  readonly readsBefore: boolean;
  /** An entry to bring into view when it is first there. */
  readonly reveal: number | null;
  /** An entry that the list begins with at its upper edge, before anything is revealed. */
  readonly top: number | null;
  onOpen(seq: number): void;
  readonly view: ViewStore;
}

/** Rows from the end of what is loaded at which more is read. */
const AHEAD = 60;

/**
 * The log as a list box, only the rows in view mounted. What is read stays where it is: rows that come in above move the scroll
 * position along, except while it follows at the very top.
 */
export function EntryListView(props: EntryListViewProps) {
  const { list, scroller, active, bad, signs, flows, readsBefore, reveal, top, view, onOpen } = props;
  const { rows } = list;
  const rowPx = useWide() ? WIDE_ROW_PX : PHONE_ROW_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.seq ?? index,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const opener = useRef(onOpen);
  useEffect(() => {
    opener.current = onOpen;
  });
  const openRow = useCallback((seq: number) => opener.current(seq), []);
  const firstShown = Math.floor((virtual.scrollOffset ?? 0) / rowPx);
  const lastShown = Math.min(rows.length - 1, firstShown + Math.ceil((virtual.scrollRect?.height ?? 0) / rowPx) - 1);
  const atTop = (virtual.scrollOffset ?? 0) < rowPx / 2;

  // A change between columns and two lines changes every row's height.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew for another row height only
  useEffect(() => virtual.measure(), [rowPx]);
  useKeptPlace(rows, scroller, rowPx, flows && atTop);
  useReveal(rows, top, null, (index) => virtual.scrollToIndex(index, { align: "start" }));
  useReveal(rows, reveal, top === null ? null : reveal, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  useEffect(() => {
    if (list.hasMore && lastShown >= rows.length - AHEAD) list.readMore();
    if (list.hasBefore && readsBefore && firstShown < AHEAD) list.readBefore();
  });
  useEffect(
    () => view.setState({ first: rows[firstShown], last: rows[lastShown], atTop }),
    [view, rows, firstShown, lastShown, atTop],
  );

  return (
    <div
      ref={scroller}
      role="listbox"
      aria-label="Log entries"
      aria-activedescendant={active === null ? undefined : rowId(active)}
      tabIndex={0}
      aria-busy={list.isEarlier}
      className={`min-h-0 flex-1 overflow-auto -outline-offset-2 ${list.isEarlier ? "opacity-60" : ""}`}
    >
      <Headings hasSigns={signs !== null} />
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return row === undefined ? null : (
            <EntryListRow
              key={row.seq}
              row={row}
              id={rowId(row.seq)}
              place={list.hasBefore ? undefined : item.index + 1}
              of={list.total ?? undefined}
              top={item.start}
              height={rowPx}
              isActive={row.seq === active}
              isBad={row.seq === bad}
              sign={signs === null ? undefined : signs(row.seq)}
              onOpen={openRow}
            />
          );
        })}
      </div>
    </div>
  );
}

const rowId = (seq: number): string => `entry-${seq}`;

/** Names of the columns for the eye; a row says what its values are by its own words. */
function Headings({ hasSigns }: { readonly hasSigns: boolean }) {
  const names = ["Entry", "Received", "Type", "Action", "Outcome", "By", "Task", ...(hasSigns ? ["Signs"] : [])];
  return (
    <div
      aria-hidden="true"
      className={`sticky top-0 z-10 hidden h-7 items-center gap-x-3 border-b border-l-3 border-line border-l-transparent bg-panel px-3 text-xs font-medium text-muted md:grid ${columnsOf(hasSigns)}`}
    >
      <span />
      {names.map((name) => (
        <span key={name} className={name === "Entry" ? "text-right" : name === "Received" ? "min-w-24" : ""}>
          {name}
        </span>
      ))}
    </div>
  );
}

/** Rows that were put before the first one known push the scroll position down by their height, in the same frame. */
function useKeptPlace(
  rows: readonly EntryRow[],
  scroller: RefObject<HTMLElement | null>,
  rowPx: number,
  flowing: boolean,
): void {
  const before = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const first = before.current;
    before.current = rows[0]?.seq;
    if (first === undefined || first === rows[0]?.seq || flowing || scroller.current === null) return;
    const at = rows.findIndex((row) => row.seq === first);
    if (at > 0) scroller.current.scrollTop += at * rowPx;
  }, [rows, scroller, rowPx, flowing]);
}

/** Brings an entry into view once, as soon as it is loaded; not the one that the list began with when it was left. */
function useReveal(
  rows: readonly EntryRow[],
  seq: number | null,
  left: number | null,
  scrollTo: (index: number) => void,
): void {
  const done = useRef(left);
  useEffect(() => {
    if (seq === null) done.current = null;
    if (seq === null || done.current === seq) return;
    const index = rows.findIndex((row) => row.seq === seq);
    if (index === -1) return;
    done.current = seq;
    scrollTo(index);
  });
}
