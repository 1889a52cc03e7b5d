import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { lockWhenIdle } from "../operator/idle-lock.ts";
import type { OperatorSession } from "../operator/session.ts";
import { readPreference, writePreference } from "./preferences.ts";

/** Minutes without an act after which the key is locked. */
export const LOCK_AFTER = ["1", "5", "15", "30", "60"] as const;
export type LockAfter = (typeof LOCK_AFTER)[number];
const DEFAULT: LockAfter = "15";

const chosen = createStore<{ readonly after: LockAfter }>(() => ({
  after: readPreference("signalbox.lock-after") ?? DEFAULT,
}));

export const useLockAfter = (): LockAfter => useStore(chosen, (now) => now.after);

/** False when the browser does not keep it: the choice then holds until the page is left. */
export function setLockAfter(after: LockAfter): boolean {
  chosen.setState({ after });
  return writePreference("signalbox.lock-after", after);
}

/** Locks this tab when nobody has acted in it for the chosen time. */
export function useIdleLock(session: OperatorSession): void {
  const after = useLockAfter();
  const [ports] = useState(() => ({
    session,
    page: window,
    nowMs: () => Date.now(),
    every: (ms: number, run: () => void) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
  }));
  useEffect(() => lockWhenIdle(ports, Number(after) * 60_000), [ports, after]);
}
