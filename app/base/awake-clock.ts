import type { Clock } from "./ports.ts";

/**
 * Counts only the time in which whoever asks was awake: between two looks at most `longestMs`. Where a tab was throttled or
 * frozen, or a machine slept, nobody's silence grows by that (L6).
 */
export function createAwakeClock(clock: Pick<Clock, "monotonicMs">, longestMs: number): { look(): number } {
  let awakeMs = 0;
  let lookedMs = clock.monotonicMs();
  return {
    look: () => {
      const nowMs = clock.monotonicMs();
      awakeMs += Math.min(Math.max(0, nowMs - lookedMs), longestMs);
      lookedMs = nowMs;
      return awakeMs;
    },
  };
}
