import { useEffect } from "react";
import type { LookStore } from "./viewport-store.ts";

/** What is needed of React Flow's store. */
export interface FlowStore {
  getState(): { readonly transform: [number, number, number]; readonly domNode: HTMLElement | null };
  subscribe(listener: (state: { readonly transform: [number, number, number] }) => void): () => void;
}

/** How long after the last move the graph counts as resting. */
const REST_MS = 150;

/**
 * Tells the others where React Flow looks, frame by frame. While it only pans, its layer is moved as a whole instead of
 * being painted again; not while it zooms, which would leave text blurred.
 */
export function useFollow(look: LookStore, store: FlowStore): void {
  useEffect(() => {
    // The graph around it is the one that takes the keys and has a name.
    store.getState().domNode?.setAttribute("role", "presentation");
    const layer = store.getState().domNode?.querySelector<HTMLElement>(".react-flow__viewport");
    let rest: ReturnType<typeof setTimeout> | undefined;
    const asOneLayer = (on: boolean): void => {
      if (layer !== null && layer !== undefined) layer.style.willChange = on ? "transform" : "";
    };
    const follow = ({ transform: [x, y, zoom] }: { readonly transform: [number, number, number] }): void => {
      const { viewport } = look.getState();
      if (viewport.x === x && viewport.y === y && viewport.zoom === zoom) return;
      asOneLayer(viewport.zoom === zoom);
      clearTimeout(rest);
      rest = setTimeout(asOneLayer, REST_MS, false);
      look.setState({ viewport: { x, y, zoom } });
    };
    follow(store.getState());
    const end = store.subscribe(follow);
    return () => {
      end();
      clearTimeout(rest);
    };
  }, [store, look]);
}
