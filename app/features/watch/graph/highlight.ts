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
