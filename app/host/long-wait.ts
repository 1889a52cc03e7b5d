import type { Clock } from "../base/ports.ts";

/** A browser's timer overflows at 2^31 ms and then fires at once; a longer wait is taken in turns. */
const MAX_WAIT_MS = 2 ** 30;

/** Runs `callback` once the monotonic clock reads `atMs`, however far that is; the returned function cancels it. */
export function waitUntil(clock: Clock, atMs: number, callback: () => void): () => void {
  let cancel = (): void => undefined;
  const wait = (): void => {
    const leftMs = Math.max(0, atMs - clock.monotonicMs());
    cancel = clock.after(Math.min(leftMs, MAX_WAIT_MS), leftMs > MAX_WAIT_MS ? wait : callback);
  };
  wait();
  return () => cancel();
}
