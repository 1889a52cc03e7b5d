import { createStore, type StoreApi } from "zustand/vanilla";

/**
 * The console's link to its host. `leader`: this tab runs the engine; `follower`: another tab does; `lost`: it stopped
 * answering and is being sought; `failed`: there is none and trying again by itself is of no use.
 */
export interface Connection {
  readonly state: "starting" | "leader" | "follower" | "lost" | "failed";
  /** A sentence for the operator. */
  readonly detail: string;
  /** Epoch ms since when it is so. */
  readonly sinceMs: number;
}

export type ConnectionStore = StoreApi<Connection>;

export function createConnectionStore(nowMs: number): ConnectionStore {
  return createStore<Connection>(() => ({ state: "starting", detail: "The engine is starting.", sinceMs: nowMs }));
}
