import type { MarkShape, MarkTone } from "../../ui/mark.tsx";
import type { AgentProof } from "./use-self-test.ts";

/** How an agent's attachment stands (N21): what failed, was left open or is over is never proven. */
export const PROOF_STATES = ["failed", "open", "aged", "never", "testing", "proven"] as const;
export type ProofState = (typeof PROOF_STATES)[number];

export function proofState({ last, overdue, dueAt, running }: AgentProof, nowMs: number): ProofState {
  if (running !== null) return "testing";
  if (last === null) return "never";
  if (last.result !== "passed") return last.result === "failed" ? "failed" : "open";
  return overdue || (dueAt !== null && dueAt * 1000 <= nowMs) ? "aged" : "proven";
}

export interface ProofLook {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

/** Each with a shape and a word of its own. */
export const PROOF_LOOKS: Readonly<Record<ProofState, ProofLook>> = {
  failed: { shape: "cross", tone: "critical", label: "failed" },
  open: { shape: "half", tone: "warning", label: "inconclusive" },
  aged: { shape: "triangle", tone: "warning", label: "overdue, proven" },
  never: { shape: "diamond", tone: "warning", label: "never tested" },
  testing: { shape: "ring", tone: "notice", label: "being tested" },
  proven: { shape: "dot", tone: "good", label: "proven" },
};
