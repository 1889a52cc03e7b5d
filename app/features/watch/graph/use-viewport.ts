import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { at, type Layout } from "../layout/layout-types.ts";
import { type FirstView, opensWhole, showAll } from "./first-view.ts";
import { MAX_ZOOM, MIN_ZOOM, nodeBox, reveal, type Viewport } from "./geometry.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { LookStore } from "./viewport-store.ts";

export interface ViewportControl {
  fit(): void;
  move(to: Viewport): void;
  /** Around the middle of the screen. */
  zoomBy(factor: number): void;
  /** To life size, around the middle of the screen. */
  zoomToLife(): void;
  /** The operator moved or picked something: from now on nothing moves by itself. */
  touch(): void;
  isUntouched(): boolean;
  /** True while the whole graph is shown by itself. */
  showsAll(): boolean;
  /** True where a link that says nothing leads to the whole graph. */
  opensWhole(): boolean;
  /** Brings a point of the graph to the middle of the screen, at once. */
  centre(x: number, y: number): void;
  /** The task that stays where it is on screen when the layout changes. */
  readonly anchor: RefObject<number | null>;
}

/**
 * Shows what is to be looked at first until the operator takes over; after that a new layout keeps the anchor in its
 * place. `turned` says where to look when the graph runs in another direction.
 */
export function useViewport(
  look: LookStore,
  view: ViewGraph,
  layout: Layout,
  first: FirstView,
  turned: () => FirstView,
  setViewport: (to: Viewport, durationMs: number) => void,
): ViewportControl {
  const touched = useRef(false);
  const home = useRef(first);
  const anchor = useRef<number | null>(null);
  const before = useRef<{ view: ViewGraph; layout: Layout } | null>(null);
  const set = useRef(setViewport);
  set.current = setViewport;
  const turn = useRef(turned);
  turn.current = turned;

  useLayoutEffect(() => {
    const last = before.current;
    before.current = { view, layout };
    if (last === null || last.layout === layout) return;
    const { size, viewport } = look.getState();
    const task = anchor.current;
    // A turned graph has nothing in its old place.
    if (last.layout.direction !== layout.direction) {
      touched.current = false;
      home.current = turn.current();
    }
    if (!touched.current) set.current(home.current(view, layout, size), 0);
    else if (task !== null && last.view.tasks === view.tasks) {
      const from = at(last.view.nodeOf, task);
      const to = at(view.nodeOf, task);
      const dx = viewport.zoom * (at(last.layout.x, from) - at(layout.x, to));
      const dy = viewport.zoom * (at(last.layout.y, from) - at(layout.y, to));
      set.current({ x: viewport.x + dx, y: viewport.y + dy, zoom: viewport.zoom }, 0);
    }
  }, [view, layout, look]);

  useEffect(
    () =>
      look.subscribe((now, last) => {
        const shown = before.current;
        if (now.size === last.size || shown === null) return;
        if (!touched.current) set.current(home.current(shown.view, shown.layout, now.size), 0);
        else if (anchor.current !== null) {
          // The details open beside the graph and may cover what they are about.
          const node = at(shown.view.nodeOf, anchor.current);
          const to = reveal(now.viewport, now.size, nodeBox(shown.layout, node));
          if (to !== now.viewport) set.current(to, reducedMotion() ? 0 : 150);
        }
      }),
    [look],
  );

  return useMemo(() => {
    const zoomTo = (wanted: number): void => {
      touched.current = true;
      const { size, viewport } = look.getState();
      const zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, wanted));
      const ratio = zoom / viewport.zoom;
      const x = size.width / 2 - ratio * (size.width / 2 - viewport.x);
      const y = size.height / 2 - ratio * (size.height / 2 - viewport.y);
      set.current({ x, y, zoom }, 0);
    };
    return {
      anchor,
      isUntouched: () => !touched.current,
      showsAll: () => !touched.current && home.current === showAll,
      opensWhole: () => before.current !== null && opensWhole(before.current.layout, look.getState().size),
      touch: () => {
        touched.current = true;
      },
      move: (to) => {
        touched.current = true;
        if (to !== look.getState().viewport) set.current(to, reducedMotion() ? 0 : 150);
      },
      centre: (x, y) => {
        touched.current = true;
        const { size, viewport } = look.getState();
        const { zoom } = viewport;
        set.current({ x: size.width / 2 - zoom * x, y: size.height / 2 - zoom * y, zoom }, 0);
      },
      fit: () => {
        touched.current = false;
        home.current = showAll;
        const shown = before.current;
        if (shown !== null) set.current(showAll(shown.view, shown.layout, look.getState().size), 0);
      },
      zoomBy: (factor) => zoomTo(look.getState().viewport.zoom * factor),
      zoomToLife: () => zoomTo(1),
    };
  }, [look]);
}

function reducedMotion(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
