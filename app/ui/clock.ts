import { useSyncExternalStore } from "react";
import { useFrozen } from "./frozen.ts";

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    nowMs = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Stable between two renders, as React asks of a snapshot; fresh when nobody was looking for a while. */
function current(): number {
  if (timer === undefined && Date.now() - nowMs >= 1000) nowMs = Date.now();
  return nowMs;
}

const standsStill = (): (() => void) => () => undefined;

/** The wall clock for display, epoch ms, renewed once a second for everybody at the same moment; in the past it stands still. */
export function useNow(): number {
  const frozen = useFrozen();
  return useSyncExternalStore(
    frozen === null ? subscribe : standsStill,
    frozen === null ? current : () => frozen.nowMs,
  );
}

const MINUTE_MS = 60_000;

/** The same clock in whole minutes, for what is drawn many times over: nothing is drawn anew in between. */
export function useMinute(): number {
  const frozen = useFrozen();
  return useSyncExternalStore(
    frozen === null ? subscribe : standsStill,
    () => Math.floor((frozen?.nowMs ?? current()) / MINUTE_MS) * MINUTE_MS,
  );
}
