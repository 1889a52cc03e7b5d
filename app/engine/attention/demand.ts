import type { HitlRequestClaims } from "../../protocol/acp/claims.ts";
import type { Priority } from "../../protocol/attention/limits.ts";

/**
 * What counts as a demand on somebody's attention (A1): the one list, the same as in docs/requirements/safety.md. What is only
 * shown and asks nobody for anything is none.
 */
export const DEMAND_KINDS = [
  "request",
  "escalation",
  "lease",
  "stop",
  "cascade",
  "finding",
  "review",
  "behavior",
] as const;
export type DemandKind = (typeof DEMAND_KINDS)[number];

/** Times are epoch seconds by the log. */
export interface Demand {
  readonly kind: DemandKind;
  readonly priority: Priority;
  /** When somebody was asked. */
  readonly at: number;
  /** The entry that says so. */
  readonly seq: number;
  readonly wid: string | null;
  /** Equal for demands that are the same once more (A4). */
  readonly sameness: string;
  /** In words of the log: what it is about, and whose. */
  readonly about: string;
  readonly agent: string | null;
  /** Whoever holds one of these is asked. */
  readonly roles: readonly string[];
}

/** Whoever is asked about anything but a request, which names its own. */
export const RESPONDERS = ["operator", "duty_manager", "safety_officer"] as const;

/**
 * Of a request: by what it would do, one step up where the whole agent stands still until it is answered. Priorities are ours:
 * A2 gives the shares only.
 */
export function requestPriority(consequence: HitlRequestClaims["consequence"], pauses: boolean): Priority {
  if (consequence === "irreversible") return pauses ? "high" : "medium";
  return pauses ? "medium" : "low";
}

/** Of everything else, by what it is. */
export const PRIORITY_OF: Readonly<Record<Exclude<DemandKind, "request">, Priority>> = {
  escalation: "medium",
  lease: "low",
  stop: "high",
  cascade: "high",
  finding: "low",
  review: "medium",
  behavior: "medium",
};
