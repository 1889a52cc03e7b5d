import { useSyncExternalStore } from "react";

const query = (): MediaQueryList => window.matchMedia("(min-width: 48rem)");

function subscribe(listener: () => void): () => void {
  const media = query();
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}

/** Whether the screen is wide enough for columns. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
