import { createStore, type StoreApi } from "zustand/vanilla";
import type { Sight } from "./picture.ts";
import { type TimeSpan, within } from "./view.ts";

/** Where the lanes are looked at. A store, because it changes with every frame while somebody moves, and only drawings follow. */
export interface SightState {
  readonly span: TimeSpan;
  readonly whole: TimeSpan;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scrollPx: number;
  /** A time that zooming keeps where it is while it is in view; null for the middle. */
  readonly focusMs: number | null;
  /** The whole is in view, and stays so while it grows. */
  readonly isWhole: boolean;
}
export type SightStore = StoreApi<SightState>;

const NOTHING: TimeSpan = { fromMs: 0, toMs: 1 };

export function createSightStore(whole: TimeSpan | null, span: TimeSpan | null): SightStore {
  const all = whole ?? NOTHING;
  return createStore<SightState>(() => ({
    whole: all,
    span: span === null ? all : within(span, all),
    isWhole: span === null,
    widthPx: 0,
    heightPx: 0,
    scrollPx: 0,
    focusMs: null,
  }));
}

export function sightOf({ span, widthPx, heightPx, scrollPx }: SightState): Sight {
  return { ...span, widthPx, heightPx, scrollPx };
}

/** Looks at another span. */
export function lookAt(store: SightStore, span: TimeSpan): void {
  const { whole } = store.getState();
  const next = within(span, whole);
  store.setState({ span: next, isWhole: next.toMs - next.fromMs >= (whole.toMs - whole.fromMs) * 0.9999 });
}

/** The whole has become longer: what is looked at stays, or grows with it where it was all. */
export function growTo(store: SightStore, whole: TimeSpan): void {
  const { isWhole, span, whole: before } = store.getState();
  if (before.fromMs === whole.fromMs && before.toMs === whole.toMs) return;
  // Another time altogether: nothing of what was looked at is left.
  const isElsewhere = span.toMs <= whole.fromMs || span.fromMs >= whole.toMs;
  store.setState({
    whole,
    isWhole: isWhole || isElsewhere,
    span: isWhole || isElsewhere ? whole : within(span, whole),
  });
}
