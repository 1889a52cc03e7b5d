import { useEffect, useState } from "react";
import type { Layout } from "../layout/layout-types.ts";
import { isSmall, type Mounted, mountedFor, NOTHING_MOUNTED } from "./mounted.ts";
import type { ViewGraph } from "./view-graph.ts";
import type { LookStore } from "./viewport-store.ts";

/** Nothing is mounted while the view moves, only once it has rested this long: until then the canvas stands in. */
const REST_MS = 100;
/** Nodes mounted in one frame, so that no frame is late. */
const PER_FRAME = 40;

interface Held {
  readonly nodes: readonly number[];
  /** The layout it was made for: what belongs to another one is never shown. */
  readonly layout: Layout | null;
}

const NONE: readonly number[] = [];

/** The nodes to give to React Flow: renewed when the view rests, and grown frame by frame. */
export function useMounted(look: LookStore, view: ViewGraph, layout: Layout): readonly number[] {
  const [held, setHeld] = useState<Held>({ nodes: NONE, layout: null });
  useEffect(() => {
    let wanted: Mounted = NOTHING_MOUNTED;
    let shown: readonly number[] = NONE;
    let rest: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    const show = (nodes: readonly number[]): void => {
      shown = nodes;
      setHeld({ nodes, layout });
    };
    const grow = (): void => {
      const have = new Set(shown);
      const missing = wanted.nodes.filter((node) => !have.has(node));
      show([...shown, ...missing.slice(0, PER_FRAME)]);
      frame = missing.length > PER_FRAME ? requestAnimationFrame(grow) : 0;
    };
    const renew = (): void => {
      const next = mountedFor(wanted, view, layout, look.getState());
      if (next === wanted) return;
      wanted = next;
      cancelAnimationFrame(frame);
      if (isSmall(view)) {
        show(next.nodes);
        return;
      }
      const keep = new Set(next.nodes);
      show(shown.filter((node) => keep.has(node)));
      grow();
    };
    const soon = (): void => {
      // Growing stops while the view moves again.
      cancelAnimationFrame(frame);
      frame = 0;
      clearTimeout(rest);
      rest = setTimeout(() => {
        renew();
        if (frame === 0 && shown.length < wanted.nodes.length) grow();
      }, REST_MS);
    };
    renew();
    const end = isSmall(view) ? () => undefined : look.subscribe(soon);
    return () => {
      end();
      clearTimeout(rest);
      cancelAnimationFrame(frame);
    };
  }, [look, view, layout]);
  return held.layout === layout ? held.nodes : NONE;
}
