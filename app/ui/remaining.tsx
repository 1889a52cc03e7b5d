import { useNow } from "./clock.ts";
import { formatDuration } from "./duration.ts";

export interface RemainingProps {
  /** By the host's monotonic clock, when it was read. */
  readonly remainingMs: number;
  /** Wall clock, epoch ms, of the reading. */
  readonly readAtMs: number;
}

/** What is left of an effect that ends by itself: the host keeps the clock, this counts on from its last answer (OVR-28, L6). */
export function Remaining({ remainingMs, readAtMs }: RemainingProps) {
  const left = remainingMs - Math.max(0, useNow() - readAtMs);
  return <span className="whitespace-nowrap tabular-nums">{left <= 0 ? "due now" : formatDuration(left)}</span>;
}
