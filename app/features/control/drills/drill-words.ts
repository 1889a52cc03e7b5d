import type { DrillView, ProofView } from "../../../api/contract/drill.ts";
import type { MarkShape, MarkTone } from "../../../ui/mark.tsx";

type Score = NonNullable<DrillView["score"]>;

export const RESULTS: Readonly<
  Record<Score["result"], { readonly shape: MarkShape; readonly tone: MarkTone; readonly label: string }>
> = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  aborted: { shape: "bar", tone: "neutral", label: "aborted" },
};

export const REASONS: Readonly<Record<Score["reasons"][number], string>> = {
  not_commanded: "No stop was given in time.",
  not_all_named: "Agents of the drill were named by no stop until the end.",
  unnamed_acted: "Agents that the first stop did not name went on acting.",
  not_confirmed: "Of some agents nothing was known after the deadline: neither obeyed, nor ended, nor violating.",
  lie_not_found: "An agent that lied was taken for obedient, or found too late.",
};

export const CONTROL_NAMES: Readonly<Record<ProofView["control"], string>> = {
  stop: "Stop",
  release: "Release",
  pause: "Pause",
  modify: "Change of limits",
  takeover: "Takeover",
};

export const HOW: Readonly<Record<NonNullable<ProofView["last"]>["how"], string>> = {
  drill: "a passed drill",
  release: "the release of a drill's stop",
  signal: "a test signal that every target acknowledged; its effect is not proven by that",
};

/** What would prove a control that is not proven. */
export const TO_PROVE: Readonly<Record<ProofView["control"], string>> = {
  stop: "Pass a drill.",
  release: "Release the stop of a drill, in Control.",
  pause: "Test it in a running drill, without effect.",
  modify: "Test it in a running drill, without effect.",
  takeover: "Test it in a running drill, without effect.",
};

/** What goes on after the stop in these scripts, so that a drill without a trace of it has tested less than its name says. */
const GO_ON: ReadonlySet<string> = new Set(["one-lies", "children-evade", "late-and-replayed"]);

/** Whether the fault of a passed drill left no trace: its agent was ended or obeyed before it could show. */
export const leftNoTrace = ({ script }: Pick<DrillView, "script">, score: Score): boolean =>
  GO_ON.has(script) &&
  score.result === "passed" &&
  score.violated === null &&
  score.acted.length === 0 &&
  score.refused_calls === 0;

/** Overdue by now: also where that has come since the log was read. */
export const isOverdue = ({ overdue, dueAt }: Pick<ProofView, "overdue" | "dueAt">, nowMs: number): boolean =>
  overdue || (dueAt !== null && dueAt * 1000 <= nowMs);
