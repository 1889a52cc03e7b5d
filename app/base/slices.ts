import type { Clock } from "./ports.ts";
import { turn } from "./turn.ts";

/** Called between two pieces of long work: nothing as long as the slice lasts, otherwise a promise to wait for. */
export type Breath = () => Promise<void> | undefined;

/** Others are at work when a turn of the thread takes longer, and then work in spare time waits so long, ms. */
const BUSY_MS = 2;
const REST_MS = 50;

/**
 * Long work in slices: the thread is kept for `sliceMs` at most and a piece of work, then whatever has arrived meanwhile is
 * handed out, a stop like any message. Work in spare time (`isSpare`) goes on only when nobody else wants the thread.
 */
export function createSlices(
  clock: Pick<Clock, "monotonicMs" | "after">,
  sliceMs: number,
  isSpare: () => boolean = () => false,
): Breath {
  let sinceMs = clock.monotonicMs();
  const others = async (): Promise<void> => {
    let askedMs = clock.monotonicMs();
    await turn();
    while (isSpare() && clock.monotonicMs() - askedMs > BUSY_MS) {
      await new Promise<void>((resolve) => void clock.after(REST_MS, resolve));
      askedMs = clock.monotonicMs();
      await turn();
    }
    sinceMs = clock.monotonicMs();
  };
  return () => (clock.monotonicMs() - sinceMs < sliceMs ? undefined : others());
}
