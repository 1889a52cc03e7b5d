import { useEffect, useState } from "react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EntryRow } from "../../api/contract/common.ts";
import type { TimelineSearch } from "./timeline-search.ts";

/**
 * The entry the list begins around: the one in the URL, or the one that was open when the pane was entered or was opened
 * from elsewhere; null at the log's end. Another filter or order begins at the end again.
 */
export function useAnchor(
  search: TimelineSearch,
  listKey: string,
): readonly [number | null, (anchor: number | null) => void] {
  const [own, setOwn] = useState({ listKey, anchor: search.entry ?? null });
  const anchor = own.listKey === listKey ? own.anchor : null;
  return [search.at ?? anchor, (next) => setOwn({ listKey, anchor: next })];
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
