import type { RollbackResidue, RollbackSummary } from "../contract/rollback.ts";
import type { TaskMark } from "./task-marks.ts";

/** How a rollback stands, in shape and words; what several panes say of it. */
export const PHASES: Record<RollbackSummary["phase"], TaskMark> = {
  preparing: { shape: "half", tone: "notice", label: "asking the agents whether they can" },
  ready: { shape: "half", tone: "notice", label: "all have answered, nothing begun" },
  refused: { shape: "cross", tone: "warning", label: "refused, nothing was changed" },
  executing: { shape: "half", tone: "notice", label: "under way" },
  completed: { shape: "dot", tone: "good", label: "every step is over, nothing is left" },
  partial: { shape: "triangle", tone: "warning", label: "over, something is left" },
  failed: { shape: "cross", tone: "critical", label: "failed, something is left" },
  confirmed: { shape: "dot", tone: "neutral", label: "over and confirmed" },
  aborted: { shape: "bar", tone: "neutral", label: "aborted" },
};

/** Nothing more comes of it but acknowledgements. */
export const isOver = ({ phase }: Pick<RollbackSummary, "phase">): boolean =>
  phase === "confirmed" || phase === "aborted" || phase === "refused";

export const RESIDUE_WORDS: Record<RollbackResidue["why"], string> = {
  waiting: "not undone yet",
  open: "asked for, no result yet",
  done: "undone, with something left",
  skipped: "not undone",
  partial: "partly undone",
  failed: "its undoing failed",
  irreversible: "turned out to be final",
  timeout: "not known whether it was undone",
  refused: "refused by whoever was asked",
  blocked: "not begun: behind a step that is not undone",
  not_run: "not begun: all was stopped",
  impossible: "could not be undone",
  uncovered: "the restore it was to come back with was not made",
};

/** Codes of the engine in words; another one as it is. */
const CODES: Readonly<Record<string, string>> = {
  rollback_conflict: "Something stands against it.",
  rollback_irreversible: "All or nothing was chosen, and something cannot be undone.",
  rollback_busy: "Another rollback of this workflow is under way.",
  rollback_state_mismatch: "what was restored is not what the checkpoint holds",
  rollback_no_answer: "no answer in time",
  nothing_written: "its task had written nothing: there was nothing to make good",
  rollback_stopped: "a stop came after it was ordered",
  rollback_aborted: "somebody aborted it",
  gateway_no_answer: "its domain's gateway has not answered",
  gateway_refused: "its domain's gateway has not taken it in",
  trail_incomplete: "the log of its domain does not have these tasks",
  trail_not_taken_back: "what was handed on to another domain was not taken back there",
  rollback_state_changed: "what it would restore has changed",
};

export const codeWords = (code: string): string => (Object.hasOwn(CODES, code) ? (CODES[code] ?? code) : code);

const many = (count: number, one: string, more: string): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

export const tasksWords = (count: number): string => many(count, "task", "tasks");
export const stayWords = (count: number): string => many(count, "task stays", "tasks stay");
export const stepsWords = (count: number): string => many(count, "step", "steps");
export const gatewaysWords = (count: number): string =>
  many(count, "gateway of another domain", "gateways of other domains");
export const agentsWords = (count: number): string => many(count, "agent", "agents");
