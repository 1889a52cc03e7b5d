import type { Window } from "./observed.ts";
import type { BehaviorStateName, Verdict } from "./result.ts";

/**
 * Where an agent stands (behavior.md section c), by its standing id. Plain data, never changed in place.
 *
 *     unverified ──verdict──> conformant <──two clean── drifting <──one clean── nonconformant ──again──> quarantined
 *     any but quarantined ──no verdict for two windows──> stale ──verdict──> as the state before would go on
 *     any ──trust below the floor, or an order──> quarantined ──release──> unverified
 */
export interface VerdictState {
  readonly state: BehaviorStateName;
  readonly sinceS: number;
  /** While `stale`: where it stood before, so that silence washes nothing off [ours]. */
  readonly before: BehaviorStateName | null;
  /** Clean windows in a row, of those that count. */
  readonly clean: number;
  /** Nonconformant windows in a row. */
  readonly failed: number;
  /** The newest window that counted. Its end is the age of what is known. */
  readonly counted: Window | null;
}

export const unverified = (atS: number): VerdictState => ({
  state: "unverified",
  sinceS: atS,
  before: null,
  clean: 0,
  failed: 0,
  counted: null,
});

/**
 * The verdict that gates and votes go by: what is stale counts as drifting (section c), and as nonconformant where it was
 * that before [ours]. Null where nothing is known yet.
 */
export function verdictInForce({ state, before }: VerdictState): Verdict | null {
  switch (state) {
    case "unverified":
      return null;
    case "stale":
      return before === "nonconformant" ? "nonconformant" : "drifting";
    case "quarantined":
      return "nonconformant";
    case "conformant":
    case "drifting":
    case "nonconformant":
      return state;
  }
}

const STALE_WINDOWS = 2;

/**
 * When it becomes stale, epoch seconds: two windows after the newest one with a verdict, or after it was first known. Null
 * where it does not. A window with too few samples says nothing, so that trickling along keeps no good name [ours].
 */
export function staleAtS({ state, sinceS, counted }: VerdictState, windowS: number): number | null {
  if (state === "quarantined" || state === "stale") return null;
  return (
    (state === "unverified" ? Math.max(sinceS, counted?.to ?? 0) : (counted?.to ?? sinceS)) + STALE_WINDOWS * windowS
  );
}
