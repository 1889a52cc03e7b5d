import { useEffect } from "react";
import { useStore } from "zustand";
import { useNow } from "../ui/clock.ts";
import { STATUS_OLD_MS, useHostStatus } from "./host-status.ts";
import { paneKeys } from "./pane-host.tsx";

/** How many requests wait for a human, all of them whoever is asked; `isOld` when the host has not said so lately (L1). */
export function useWaitingCount(): { readonly count: number | null; readonly isOld: boolean } {
  const { data, dataUpdatedAt, isError } = useHostStatus();
  const nowMs = useNow();
  if (data === undefined) return { count: null, isOld: isError };
  return { count: data.pendingGates, isOld: nowMs - dataUpdatedAt > STATUS_OLD_MS };
}

/** `3`; `3?` when that is old, `?` when it could not be read: a count that is not known never looks like none (L2). */
export function countText(count: number | null, isOld: boolean): string {
  if (count === null || count === 0) return isOld ? "?" : "";
  return `${count}${isOld ? "?" : ""}`;
}

/** The count in the page's title and, where the console is installed, on its badge: what waits is seen from other tabs. */
export function PageTitle() {
  const { count, isOld } = useWaitingCount();
  const { title } = useStore(paneKeys);
  const waiting = countText(count, isOld);
  useEffect(() => {
    document.title = `${waiting === "" ? "" : `(${waiting}) `}${title === "" ? "" : `${title} · `}Signalbox`;
  }, [waiting, title]);
  useEffect(() => {
    // Not in every browser, and only where the console is installed does it show; a refusal changes nothing else.
    if (count !== null) void (navigator as Partial<Navigator>).setAppBadge?.(count).catch(() => undefined);
  }, [count]);
  return null;
}
