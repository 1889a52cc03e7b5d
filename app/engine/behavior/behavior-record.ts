import type { Trust, TrustChange } from "../../protocol/behavior/trust.ts";
import type { VerdictChange, VerdictState } from "../../protocol/behavior/verdict-state.ts";
import type { FactOf } from "../fact.ts";
import type { AppraisedWindow, QuarantineCause } from "./behavior-state.ts";

/** `data` of the record `behavior_appraised`: what one appraisal found, and what became of the agent's standing by it. */
export interface AppraisedRecord {
  /** The instance, and the agent behind it. */
  readonly agent: string;
  readonly standing: string;
  readonly window: Omit<AppraisedWindow, "wid" | "agent" | "seq" | "at">;
  readonly now: VerdictState;
  readonly trust: Trust;
  readonly self_only: number;
  readonly change: VerdictChange | null;
  readonly trust_changes: readonly TrustChange[];
  readonly quarantine: QuarantineCause | null;
  /** Seconds of the profile's window, for the timer. */
  readonly window_s: number;
}

/** `data` of the record `behavior_state`: a change that no appraisal made: silence, an order, a release. */
export interface StateRecord {
  readonly standing: string;
  readonly now: VerdictState;
  readonly trust: Trust;
  readonly change: VerdictChange;
  readonly trust_changes: readonly TrustChange[];
  /** The person who ordered it, and in their words why. */
  readonly by?: string;
  readonly reason?: string;
  readonly build?: string;
}

/** `data` of the record `behavior_refused`: evidence that did not verify, which counts for nothing (B4 step 2). */
export interface RefusedRecord {
  readonly agent: string;
  readonly bet: string;
  readonly hash: string;
  readonly iss: string;
  readonly observer: string;
  readonly window: { readonly from: number; readonly to: number };
  readonly samples: number;
  readonly compliance: number;
  readonly violations: number;
  readonly code: string;
  readonly detail: string;
}

/** What this enforcement point has stated itself reads as it was written. */
export const recordData = <T>({ claims }: FactOf<"record+jwt">): T => claims.data as unknown as T; // Signed by this host, of its own type.
