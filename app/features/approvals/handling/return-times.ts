import { formatAge, formatDuration } from "../../../ui/duration.ts";

/** Time that must be left to decide in, once something comes back, ms [ours]. */
const LEFT_TO_DECIDE_MS = 30_000;
/** Longest anything is put away: one shift (A3, ACP-38), ms. */
const SHIFT_MS = 28_800_000;
const MINUTE_MS = 60_000;
const CHOICES_MIN = [5, 15, 30, 60, 240, 480] as const;

export interface ReturnTime {
  readonly id: string;
  readonly name: string;
  /** From now, ms. */
  readonly afterMs: number;
}

/**
 * When something put away may come back: usual times that lie before its deadline, and as late as there is time to decide
 * it, within one shift. Empty where it is due too soon to be put away at all (ACP-38).
 */
export function returnTimes(leftMs: number): readonly ReturnTime[] {
  const latestMs = Math.min(SHIFT_MS, Math.floor((leftMs - LEFT_TO_DECIDE_MS) / 1000) * 1000);
  if (latestMs < MINUTE_MS) return [];
  const usual = CHOICES_MIN.map((minutes) => minutes * MINUTE_MS).filter((afterMs) => afterMs < latestMs);
  return [
    ...usual.map((afterMs) => ({ id: String(afterMs), name: `in ${formatAge(afterMs)}`, afterMs })),
    {
      id: "latest",
      name:
        latestMs === SHIFT_MS
          ? `in ${formatAge(latestMs)}: the longest there is`
          : `in ${formatDuration(latestMs)}: as late as it can be decided`,
      afterMs: latestMs,
    },
  ];
}
