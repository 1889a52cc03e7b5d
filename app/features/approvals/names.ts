import type { GateRow } from "../../api/contract/gate.ts";
import { assertNever } from "../../base/assert.ts";
import type { Consequence, Trigger } from "../../protocol/acp/claims.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";
import type { Outcome } from "./decision.ts";

interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

const CONSEQUENCES: Record<Consequence, Look> = {
  none: { shape: "bar", tone: "neutral", label: "no consequence" },
  reversible: { shape: "ring", tone: "neutral", label: "reversible" },
  irreversible: { shape: "diamond", tone: "warning", label: "irreversible" },
};

export function consequenceMark(consequence: Consequence): Look {
  return CONSEQUENCES[consequence];
}

const STATES: Record<GateRow["state"], Look> = {
  pending: { shape: "diamond", tone: "notice", label: "waiting" },
  approved: { shape: "half", tone: "good", label: "approved" },
  consumed: { shape: "dot", tone: "good", label: "approved and used" },
  rejected: { shape: "cross", tone: "neutral", label: "rejected" },
  aborted: { shape: "square", tone: "critical", label: "aborted" },
  expired: { shape: "triangle", tone: "warning", label: "approval expired" },
  withdrawn: { shape: "bar", tone: "neutral", label: "withdrawn by its agent" },
};

/** The look of a state by its name, of this contract or a newer one. */
export function stateMark(state: string): Look {
  const known: Readonly<Record<string, Look | undefined>> = STATES;
  return known[state] ?? { shape: "ring", tone: "neutral", label: state };
}

interface OutcomeWords {
  readonly done: string;
  readonly noun: string;
}

export const OUTCOME_WORDS: Record<Outcome, OutcomeWords> = {
  approve: { done: "Approved", noun: "approval" },
  modify: { done: "Approved with changes", noun: "changed approval" },
  reject: { done: "Rejected", noun: "rejection" },
  abort: { done: "Aborted", noun: "abort" },
  escalate: { done: "Escalated", noun: "escalation" },
};

/** What was done by a decision, of this contract or a newer one. */
export function doneWord(outcome: string): string {
  const known: Readonly<Record<string, OutcomeWords | undefined>> = OUTCOME_WORDS;
  return known[outcome]?.done ?? outcome;
}

/** Nobody answered: the host ends such a request like a rejected or an aborted one, and nobody must read it as a no. */
const TIMED_OUT: Look = { shape: "triangle", tone: "warning", label: "timed out" };

/** How a request stands, or how it ended. */
export function rowMark(row: GateRow): Look {
  if (row.timedOut) return TIMED_OUT;
  const look = STATES[row.state];
  if (!row.modified || (row.state !== "approved" && row.state !== "consumed")) return look;
  return { ...look, label: row.state === "approved" ? "approved with changes" : "approved with changes and used" };
}

/** What the filter distinguishes: the host's states, and those that ran out of time apart from those somebody ended. */
type StateChoice = GateRow["state"] | "timed_out" | "all";

/** States of the filter, what waits first. */
export const STATE_CHOICES: readonly { readonly id: StateChoice; readonly name: string }[] = [
  { id: "pending", name: "Waiting" },
  { id: "approved", name: "Approved, not used yet" },
  { id: "consumed", name: "Approved and used" },
  { id: "rejected", name: "Rejected" },
  { id: "timed_out", name: "Timed out" },
  { id: "aborted", name: "Aborted" },
  { id: "withdrawn", name: "Withdrawn" },
  { id: "expired", name: "Approval expired unused" },
  { id: "all", name: "All requests" },
];

/** The last part of an agent's or operator's id: what tells them apart in a list. The whole id is always near. */
export function shortName(id: string): string {
  const path = id.split(/[/:]/).filter((part) => part !== "");
  return path.at(-1) ?? id;
}

/** A rule's trigger in words. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case "action":
      return `the action is one of ${trigger.patterns.join(", ")}`;
    case "consequence":
      return `the consequence is at least ${trigger.at_least}`;
    case "risk":
      return `the risk is at least ${trigger.min}`;
    case "confidence":
      return `the agent's confidence is below ${trigger.below}`;
    case "limit":
      return `${trigger.ratio} of ${trigger.constraint} is used`;
    case "resource":
      return `it touches ${trigger.patterns.join(", ")}`;
    case "domain":
      return "it leaves this trust domain";
    case "behavior":
      return `the behaviour verdict is ${trigger.verdict_in.join(" or ")}`;
    case "cascade":
      return `a breaker on the path is ${trigger.state_in.join(" or ")}`;
    case "consensus":
      return `the consensus is ${trigger.outcome_in.join(" or ")}`;
    case "always":
      return "always";
    default:
      return assertNever(trigger, "trigger");
  }
}
