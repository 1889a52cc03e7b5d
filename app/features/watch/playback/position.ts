import type { Playback } from "../../../api/contract/workflow.ts";

export const SPEEDS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The next speed of the list in a direction; the same at its end. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  const sorted = step === 1 ? SPEEDS : SPEEDS.toReversed();
  return sorted.find((candidate) => (step === 1 ? candidate > speed : candidate < speed)) ?? speed;
}

/**
 * Where a re-enactment stands now, in recorded ms: what the host said, moved on by the speed while it runs. Never past the
 * recording's end.
 */
export function positionAt(playback: Playback, readAtMs: number, nowMs: number, moving: boolean): number {
  if (!moving || playback.paused) return playback.positionMs;
  return Math.min(playback.endMs, playback.positionMs + Math.max(0, nowMs - readAtMs) * playback.speed);
}
