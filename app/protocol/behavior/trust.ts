import type { Verdict } from "./result.ts";
import { rounded, type Trust, trustAt } from "./trust-known.ts";

export { startTrust, type Trust, trustAt } from "./trust-known.ts";

export type TrustCause = "conformant" | "drifting" | "nonconformant" | "severity_5" | "idle" | "released";

/** One line of the history. */
export interface TrustChange {
  readonly atS: number;
  readonly delta: number;
  readonly cause: TrustCause;
}

export interface TrustMoved {
  readonly trust: Trust;
  /** None where nothing changed; what idle time did comes before what was just found. */
  readonly changes: readonly TrustChange[];
}

const STEP = 0.02;
const FACTOR = { drifting: 0.9, nonconformant: 0.5 } as const;

/**
 * BEH-12: additive increase, multiplicative decrease. What says nothing about conduct changes nothing, and is no activity
 * either. A finding of severity 5 leaves at most half of the floor [ours: "at once below the floor"].
 */
export function trustAfter(trust: Trust, verdict: Verdict, severity5: boolean, atS: number): TrustMoved {
  const score = trustAt(trust, atS);
  if (severity5) return moved(trust, Math.min(score * FACTOR.nonconformant, trust.floor / 2), "severity_5", atS);
  switch (verdict) {
    case "conformant":
      return moved(trust, score + STEP, verdict, atS);
    case "drifting":
    case "nonconformant":
      return moved(trust, score * FACTOR[verdict], verdict, atS);
    case "insufficient":
    case "unverifiable":
      return { trust, changes: [] };
  }
}

/** A release restores the leave to work, not what was lost: trust begins at the floor, one bad window from quarantine [ours]. */
export function trustReleased(trust: Trust, atS: number): TrustMoved {
  return moved(trust, Math.max(trustAt(trust, atS), trust.floor), "released", atS);
}

/** BEH-13. */
export const belowFloor = (trust: Trust, atS: number): boolean => trustAt(trust, atS) < trust.floor;

function moved(trust: Trust, to: number, cause: TrustCause, atS: number): TrustMoved {
  const before = trustAt(trust, atS);
  const score = rounded(Math.min(1, Math.max(0, to)));
  const changes: TrustChange[] = [];
  if (before !== trust.score) changes.push({ atS, delta: rounded(before - trust.score), cause: "idle" });
  if (score !== before) changes.push({ atS, delta: rounded(score - before), cause });
  return { trust: { ...trust, score, updatedAtS: Math.max(atS, trust.updatedAtS) }, changes };
}
