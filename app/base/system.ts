import { v4 } from "uuid";
import type { Clock, Ids } from "./ports.ts";

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    // Longer than 2^31 ms a browser fires at once; nothing here waits for 24 days.
    const timer = setTimeout(callback, Math.min(delayMs, 2_147_483_647));
    return () => clearTimeout(timer);
  },
};

/** Resolves once what has arrived in this thread by now has been handed out. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Random ids (RFC 9562 version 4). */
export const systemIds: Ids = { uuid: () => v4() };
