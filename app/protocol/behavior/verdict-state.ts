import type { Window } from "./observed.ts";
import type { BehaviorStateName, Verdict } from "./result.ts";
import { staleAtS, unverified, type VerdictState } from "./verdict-known.ts";

export { staleAtS, unverified, type VerdictState, verdictInForce } from "./verdict-known.ts";

export type VerdictEvent =
  | {
      readonly kind: "appraised";
      readonly verdict: Verdict;
      readonly window: Window;
      /** After this appraisal (BEH-13). */
      readonly trustBelowFloor: boolean;
      readonly atS: number;
    }
  /** The timer of `staleAtS`. Told too early it does nothing. */
  | { readonly kind: "silent"; readonly windowS: number; readonly atS: number }
  /** By a person's order. */
  | { readonly kind: "quarantine"; readonly atS: number }
  | { readonly kind: "release"; readonly atS: number };

/** Why the state changed. */
export type VerdictCause = "verdict" | "trust_floor" | "repeated" | "silence" | "order" | "release";

export interface VerdictChange {
  readonly from: BehaviorStateName;
  readonly to: BehaviorStateName;
  readonly atS: number;
  readonly cause: VerdictCause;
}

/** After an event, with the one change it made at most (BEH-S8). */
export interface VerdictStep {
  readonly state: VerdictState;
  readonly change: VerdictChange | null;
}

/** Clean windows that lead from drifting to conformant, and nonconformant ones that lead to quarantine. */
const CLEAN_NEEDED = 2;
const FAILED_LIMIT = 2;

export function stepVerdict(now: VerdictState, event: VerdictEvent): VerdictStep {
  switch (event.kind) {
    case "appraised":
      return appraised(now, event);
    case "silent": {
      const dueS = staleAtS(now, event.windowS);
      if (dueS === null || event.atS < dueS) return same(now);
      return moved(now, { ...now, state: "stale", before: now.state, clean: 0 }, "silence", event.atS);
    }
    case "quarantine":
      return now.state === "quarantined" ? same(now) : moved(now, quarantined(now), "order", event.atS);
    case "release":
      return now.state === "quarantined" ? moved(now, unverified(event.atS), "release", event.atS) : same(now);
  }
}

function appraised(now: VerdictState, event: Extract<VerdictEvent, { kind: "appraised" }>): VerdictStep {
  const { verdict, window, trustBelowFloor, atS } = event;
  // Left only by a release (BEH-14); and what says nothing about conduct moves nothing.
  if (now.state === "quarantined" || verdict === "insufficient" || verdict === "unverifiable") return same(now);
  const bad = verdict === "nonconformant";
  // Instances in several workflows have windows at the same time: what is better counts only where it is newer [ours].
  const newer = now.counted === null || window.from >= now.counted.to;
  if (verdict === "conformant" && !newer && !trustBelowFloor) return same(now);
  const counted: VerdictState = {
    ...now,
    before: null,
    clean: verdict === "conformant" ? now.clean + 1 : 0,
    failed: bad ? now.failed + 1 : newer ? 0 : now.failed,
    counted:
      newer || now.counted === null ? window : { from: now.counted.from, to: Math.max(now.counted.to, window.to) },
  };
  if (trustBelowFloor) return moved(now, quarantined(counted), "trust_floor", atS);
  const standing = now.before ?? now.state;
  if (bad && standing === "nonconformant" && counted.failed >= FAILED_LIMIT)
    return moved(now, quarantined(counted), "repeated", atS);
  const state = next(standing, verdict, counted.clean);
  // The two clean windows are those of the state they lead out of.
  return moved(now, { ...counted, state, clean: state === standing ? counted.clean : 0 }, "verdict", atS);
}

function next(
  standing: BehaviorStateName,
  verdict: "conformant" | "drifting" | "nonconformant",
  clean: number,
): BehaviorStateName {
  if (verdict !== "conformant") return verdict === "drifting" && standing === "nonconformant" ? standing : verdict;
  if (standing === "nonconformant") return "drifting";
  return standing === "drifting" && clean < CLEAN_NEEDED ? standing : "conformant";
}

const quarantined = (now: VerdictState): VerdictState => ({ ...now, state: "quarantined", before: null, clean: 0 });

const same = (state: VerdictState): VerdictStep => ({ state, change: null });

function moved(from: VerdictState, to: VerdictState, cause: VerdictCause, atS: number): VerdictStep {
  if (from.state === to.state) return same(to);
  return { state: { ...to, sinceS: atS }, change: { from: from.state, to: to.state, atS, cause } };
}
