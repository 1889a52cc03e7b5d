/**
 * How far somebody's clock is from ours, from when they say that they sent and when we heard (L7). What travels is late and
 * never early, so that the message that came fastest tells most: the largest difference of the newest few.
 */
export interface ClockOffset {
  add(sentMs: number, heardMs: number): void;
  /** Ms that their clock is ahead of ours, negative when it is behind; null before anything was heard. */
  offsetMs(): number | null;
}

/** Above this their times say nothing about what was before what: only what follows from what does (L7), ms. */
export const CLOCK_TOLERANCE_MS = 500;
const KEPT = 8;

export function createClockOffset(): ClockOffset {
  const differences: number[] = [];
  return {
    add: (sentMs, heardMs) => {
      differences.push(sentMs - heardMs);
      if (differences.length > KEPT) differences.shift();
    },
    offsetMs: () => (differences.length === 0 ? null : Math.max(...differences)),
  };
}
