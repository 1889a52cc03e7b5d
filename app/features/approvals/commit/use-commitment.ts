import { useStore } from "zustand";
import { useOperator } from "../../../operator/operator-context.tsx";
import { exercisedRole } from "../decision.ts";
import type { GateDetail } from "../gate-detail.ts";
import { type Commitment, commit, commitmentKey, commitments } from "./commitments.ts";

export interface CommitmentState {
  /** The agent's words are not shown and nothing is decided before a first verdict is there. */
  readonly isDue: boolean;
  readonly given: Commitment | null;
  give(outcome: Commitment["outcome"]): void;
}

/** The first verdict of whoever is signed in, where a rule of an open request asks for one (F6). */
export function useCommitment({ row, digest }: GateDetail): CommitmentState {
  const { operator } = useOperator();
  const { given: all } = useStore(commitments);
  // Whoever cannot decide it is not asked what they think of it.
  const isAsked = operator === null || exercisedRole(row, operator.roles) !== null;
  const asked = row.commitFirst && row.state === "pending" && isAsked;
  const key = operator === null ? null : commitmentKey(operator.subject, digest);
  const given = asked && key !== null ? (all.get(key) ?? null) : null;
  return {
    isDue: asked && given === null,
    given,
    give: (outcome) => {
      if (asked && key !== null) commit(key, { outcome, at: Math.floor(Date.now() / 1000) });
    },
  };
}
