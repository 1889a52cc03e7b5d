import { useCallback, useEffect, useRef, useState } from "react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EntryRow } from "../../api/contract/common.ts";
import type { SetTimelineSearch, TimelineSearch } from "./timeline-search.ts";

export interface Anchor {
  /** The entry the list begins around; null at the log's end. */
  readonly seq: number | null;
  /** It is the place in the URL, which is shown as it was left; otherwise an entry that was opened is brought into view. */
  readonly isGiven: boolean;
  moveTo(seq: number | null): void;
  /** The place in the URL is about to become this one, only because the list was scrolled: the list stays as it is. */
  scrolledTo(at: number | undefined): void;
}

interface Place {
  readonly listKey: string;
  /** The place in the URL that the anchor was made from, and one that scrolling has written or is about to. */
  readonly at: number | undefined;
  readonly written: number | undefined;
  readonly seq: number | null;
  readonly isGiven: boolean;
}

/**
 * The entry the list begins around: the place in the URL, or the entry that was open when the pane was entered or was opened
 * from elsewhere. A place that comes into the URL by any other way than scrolling moves the list. Another filter or order
 * begins at the end again.
 */
export function useAnchor({ at, entry }: TimelineSearch, listKey: string): Anchor {
  const [own, setOwn] = useState<Place>({
    listKey,
    at,
    written: at,
    seq: at ?? entry ?? null,
    isGiven: at !== undefined,
  });
  const now = placeAfter(own, at, listKey);
  if (now !== own) setOwn(now);
  const scrolledTo = useCallback((written: number | undefined) => setOwn((before) => ({ ...before, written })), []);
  return { seq: now.seq, isGiven: now.isGiven, moveTo: (seq) => setOwn({ ...now, seq, isGiven: false }), scrolledTo };
}

function placeAfter(own: Place, at: number | undefined, listKey: string): Place {
  const moved = at !== own.at;
  const given = { listKey, at, written: at, seq: at ?? null, isGiven: at !== undefined };
  if (own.listKey !== listKey) return moved ? given : { ...given, seq: null, isGiven: false };
  if (!moved) return own;
  return at === own.written ? { ...own, at } : given;
}

/** How long the list must rest before its place goes into the URL, ms. */
const REST_MS = 300;

/** Keeps the first entry in view in the URL, so that a reload or a link shows the same part of the log. */
export function usePlaceInUrl(
  view: ViewStore,
  { at }: TimelineSearch,
  anchor: Anchor,
  setSearch: SetTimelineSearch,
): void {
  const current = useRef({ at, anchor, setSearch });
  useEffect(() => {
    current.current = { at, anchor, setSearch };
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = (): void => {
      const { first, atTop } = view.getState();
      const { at: before, anchor: place, setSearch: set } = current.current;
      const next = atTop && place.seq === null ? undefined : first?.seq;
      if (next === before || (next === undefined && !atTop)) return;
      place.scrolledTo(next);
      set({ at: next }, { replace: true });
    };
    const forget = view.subscribe((now, before) => {
      // Rows that come in above do not scroll: only what is seen counts, and only once something was seen.
      if (before.first === undefined || now.first?.seq === before.first.seq) return;
      clearTimeout(timer);
      timer = setTimeout(write, REST_MS);
    });
    return () => {
      clearTimeout(timer);
      forget();
    };
  }, [view]);
}

/** An entry opened from outside the loaded rows (a link of another entry or pane) moves the list to it. */
export function useEntryFromElsewhere(
  entry: number | undefined,
  rows: readonly EntryRow[],
  moveTo: (anchor: number) => void,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked when another entry is opened, not when rows come in
  useEffect(() => {
    const [one, other] = [rows[0]?.seq, rows.at(-1)?.seq];
    if (entry === undefined || one === undefined || other === undefined) return;
    if (entry < Math.min(one, other) || entry > Math.max(one, other)) moveTo(entry);
  }, [entry]);
}

/** What of the list is in view. A store, because it changes with every row scrolled and only the time axis follows it. */
export interface InView {
  readonly first: EntryRow | undefined;
  readonly last: EntryRow | undefined;
  readonly atTop: boolean;
}
export type ViewStore = StoreApi<InView>;

export function useViewStore(): ViewStore {
  return useState(() => createStore<InView>(() => ({ first: undefined, last: undefined, atTop: true })))[0];
}

/** The row `by` away from the active one; from what is in view when none is active. */
export function stepRow(
  rows: readonly EntryRow[],
  active: number | null,
  inView: EntryRow | undefined,
  by: 1 | -1,
): EntryRow | undefined {
  const at = rows.findIndex((row) => row.seq === active);
  if (at !== -1) return rows[at + by];
  return inView ?? rows[0];
}
