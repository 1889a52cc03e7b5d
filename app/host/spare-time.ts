import type { Clock } from "../base/ports.ts";
import { turn } from "../base/turn.ts";

/** How long a host has been open before it gets anything ready that nobody has asked for, ms: a first screen is there by then. */
export const READY_AFTER_MS = 3000;

/** Others want the thread when a turn of it takes longer, ms. */
const BUSY_MS = 2;

/** Begins a work when a host has been open for `afterMs` and nobody else wants the thread. Returns what calls it off. */
export function inSpareTime(
  clock: Pick<Clock, "monotonicMs" | "after">,
  afterMs: number,
  begin: () => void,
): () => void {
  let isOver = false;
  let end = (): void => undefined;
  const look = async (): Promise<void> => {
    const askedMs = clock.monotonicMs();
    await turn();
    if (isOver) return;
    if (clock.monotonicMs() - askedMs > BUSY_MS) wait();
    else begin();
  };
  const wait = (): void => {
    end = clock.after(afterMs, () => void look());
  };
  wait();
  return () => {
    isOver = true;
    end();
  };
}
