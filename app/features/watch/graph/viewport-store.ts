import { createStore, type StoreApi } from "zustand/vanilla";
import type { Size, Viewport } from "./geometry.ts";

/** Where the graph is looked at, outside React: it changes with every frame of panning. */
export interface Look {
  readonly viewport: Viewport;
  readonly size: Size;
}

export type LookStore = StoreApi<Look>;

export function createLook(): LookStore {
  return createStore<Look>(() => ({ viewport: { x: 0, y: 0, zoom: 1 }, size: { width: 0, height: 0 } }));
}
