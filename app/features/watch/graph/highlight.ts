import { createStore, type StoreApi } from "zustand/vanilla";

/** What is picked out in the graph, by task index. Kept out of React's props, so that a click renders two nodes, not all. */
export interface Highlight {
  readonly selected: ReadonlySet<number>;
  /** The task that keys move from, where that is not plain from what is selected; -1 otherwise. */
  readonly cursor: number;
  /** Tasks that pass search and filters (1), or null when there is neither. */
  readonly matched: Uint8Array | null;
  /** What the override or rollback in view would touch, as bits by task (`halo/reach.ts`), or null when none is looked at. */
  readonly halo: Uint8Array | Uint16Array | null;
}

export type HighlightStore = StoreApi<Highlight>;

export function createHighlight(): HighlightStore {
  return createStore<Highlight>(() => ({ selected: new Set(), cursor: -1, matched: null, halo: null }));
}

/** `in` when any of the tasks is selected; `faded` when a search or filter is on and none of them passes. */
export function isSelected(highlight: Highlight, task: number, members: Int32Array | null): boolean {
  if (highlight.selected.size === 0) return false;
  return members === null ? highlight.selected.has(task) : members.some((member) => highlight.selected.has(member));
}

export function isCursor({ cursor }: Highlight, task: number, members: Int32Array | null): boolean {
  return cursor >= 0 && (members === null ? cursor === task : members.includes(cursor));
}

/** What an override in view would do to any of the tasks, as bits; -1 when none is looked at. */
export function haloBits({ halo }: Highlight, task: number, members: Int32Array | null): number {
  if (halo === null) return -1;
  if (members === null) return halo[task] ?? 0;
  return members.reduce((bits, member) => bits | (halo[member] ?? 0), 0);
}

/** How many of the tasks pass; -1 when there is no search or filter. */
export function matchCount(highlight: Highlight, task: number, members: Int32Array | null): number {
  const { matched } = highlight;
  if (matched === null) return -1;
  if (members === null) return matched[task] ?? 0;
  return members.reduce((sum, member) => sum + (matched[member] ?? 0), 0);
}
