import type { GateRow } from "../../api/contract/gate.ts";
import { assertNever } from "../../base/assert.ts";

/**
 * Ms left, counted by the page's monotonic clock from the moment the view arrived (ACP-S6): neither the agent's clock nor a
 * changed wall clock moves a deadline. Null for a request that no longer waits.
 */
export function remainingAt(remainingMs: number | null, arrivedMs: number, nowMs: number): number | null {
  return remainingMs === null ? null : Math.max(0, remainingMs - Math.max(0, nowMs - arrivedMs));
}

export type Urgency = "calm" | "soon" | "over";
const SOON_MS = 60_000;

export function urgencyOf(leftMs: number | null): Urgency {
  if (leftMs === null) return "calm";
  if (leftMs <= 0) return "over";
  return leftMs <= SOON_MS ? "soon" : "calm";
}

/** Time left as a clock shows it: `4:05`, `1:02:09`; rounded up, so that 0:00 means over. */
export function clockText(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** What happens when nobody answers, as the rule has it. */
export function timeoutOutcome(onTimeout: GateRow["onTimeout"]): string {
  switch (onTimeout) {
    case "deny":
      return "denied";
    case "abort":
      return "aborted";
    case "escalate":
      return "escalated to the next role";
    case "allow":
      return "allowed";
    default:
      return assertNever(onTimeout, "timeout outcome");
  }
}
