import { assert } from "../base/assert.ts";
import type { Clock } from "../base/ports.ts";

/** Time that passes only when told to, timer by timer, in the order in which they are due and were set. */
export interface VirtualTime extends Clock {
  /** Passes the time up to then; after each timer everything that follows from it has happened. */
  until(atMs: number): Promise<void>;
  /** Passes as much time as what is asked for needs. */
  settle<T>(asked: Promise<T>): Promise<T>;
  /** Everything that follows from what was done has happened. */
  quiet(): Promise<void>;
  close(): void;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Most virtual time that something asked for may take. */
const PATIENCE_MS = 60_000;

export function createVirtualTime(startMs: number): VirtualTime {
  let nowMs = startMs;
  let order = 0;
  const timers: Timer[] = [];
  const channel = new MessageChannel();
  let turned: (() => void) | null = null;
  channel.port1.onmessage = () => turned?.();

  const before = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const push = (timer: Timer): void => {
    let at = timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = timers[parent];
      if (above === undefined || !before(timer, above)) break;
      timers[at] = above;
      at = parent;
    }
    timers[at] = timer;
  };
  const pop = (): Timer | undefined => {
    const first = timers[0];
    const last = timers.pop();
    if (first === undefined || last === undefined || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [timers[left], timers[left + 1]];
      if (one === undefined) break;
      const next = other !== undefined && before(other, one) ? left + 1 : left;
      const child = timers[next];
      if (child === undefined || !before(child, last)) break;
      timers[at] = child;
      at = next;
    }
    timers[at] = last;
    return first;
  };
  const next = (): Timer | undefined => {
    while (timers[0]?.cancelled === true) pop();
    return timers[0];
  };

  /** One turn of the event loop: all that was promised, and what that promised, is over by then. */
  const quiet = (): Promise<void> =>
    new Promise((resolve) => {
      turned = resolve;
      channel.port2.postMessage(null);
    });
  const step = async (): Promise<void> => {
    const timer = pop();
    if (timer === undefined) return;
    nowMs = Math.max(nowMs, timer.atMs);
    timer.run();
    await quiet();
  };

  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after: (ms, run) => {
      order += 1;
      // Whole ms: less than the clock can tell apart would never pass.
      const timer: Timer = { atMs: nowMs + Math.ceil(ms), order, run, cancelled: false };
      push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    quiet,
    until: async (atMs) => {
      await quiet();
      for (let timer = next(); timer !== undefined && timer.atMs <= atMs; timer = next()) await step();
      nowMs = Math.max(nowMs, atMs);
    },
    settle: async (asked) => {
      let open = true;
      const over = (): void => {
        open = false;
      };
      asked.then(over, over);
      await quiet();
      const limitMs = nowMs + PATIENCE_MS;
      while (open && next() !== undefined && nowMs < limitMs) await step();
      assert(!open, "what was asked for is answered in time");
      return asked;
    },
    close: () => {
      channel.port1.close();
      channel.port2.close();
      timers.length = 0;
    },
  };
}
