import { Instant } from "../../../ui/instant.tsx";
import { isApproval, type Outcome } from "../decision.ts";
import type { Commitment } from "./commitments.ts";

/** What was said before the agent's words were read. */
export function FirstVerdict({ committed }: { readonly committed: Commitment }) {
  return (
    <p className="mb-1 text-xs">
      Before you read this you said <b>{committed.outcome}</b>, <Instant epochMs={committed.at * 1000} />.
    </p>
  );
}

/** Whether a decision is another than the first verdict; an escalation is neither. */
export function isOtherMind(committed: Commitment | null | undefined, outcome: Outcome): boolean {
  if (committed === null || committed === undefined || outcome === "escalate") return false;
  return isApproval(outcome) !== (committed.outcome === "approve");
}

/** Said where a changed mind is about to be signed, or was. */
export const changedMind = (committed: Commitment, who: "you" | "they"): string =>
  `${who === "you" ? "You" : "They"} first said ${committed.outcome}.`;

/** Beside the decision, which may be another one. */
export function FirstSaid({ committed }: { readonly committed: Commitment }) {
  return (
    <p className="text-xs text-muted">{changedMind(committed, "you")} Decide as you think now; both are recorded.</p>
  );
}
