import type { PlanStep, RollbackAuthority, RollbackStatus } from "./rollback-claims.ts";
import type { Impossible } from "./rollback-input.ts";

/** Seconds without `confirm` after which participants let go and say so (C5). */
export const CONFIRM_WITHIN_S = 600;
/** Seconds a step may take before its outcome counts as unknown [ours]; a person's step has the time of a confirmation. */
export const STEP_TIMEOUT_S = 60;

/** `ready` and `completed` are waiting points: what follows is logged before anything is sent. */
export type RollbackPhase =
  | "preparing"
  | "ready"
  | "refused"
  | "executing"
  | "completed"
  | "partial"
  | "failed"
  | "confirmed"
  | "aborted";

/**
 * `waiting` for other steps; `open`: asked for, may be under way. The rest is over: `partial` is undone with a residue,
 * `timeout` is not known, `refused` was never begun by its participant, `blocked` waits for one that failed, `not_run` was
 * left when all stopped.
 */
export type StepStatus =
  | "waiting"
  | "open"
  | "done"
  | "skipped"
  | "partial"
  | "failed"
  | "irreversible"
  | "timeout"
  | "refused"
  | "blocked"
  | "not_run";

export interface StepState {
  readonly status: StepStatus;
  /** Steps it still waits for. */
  readonly left: number;
  /** When it was asked for, seconds; null before. */
  readonly sinceS: number | null;
  readonly code: string | null;
  readonly residue: readonly string[];
  /** Digest of what a restore came out with, as its participant says. */
  readonly restoredHash: string | null;
  /** The same as the host itself found it in its resources; null where it holds none of them. */
  readonly foundHash: string | null;
  readonly compensation: string | null;
  /**
   * How it was undone, of a step that a domain's gateway has to take in: until that one has answered it is `open`, and
   * without its answer `partial` (CAS-37). Null before it was undone, and for all other steps.
   */
  readonly said: "done" | "partial" | null;
}

/** Code and words of a step that was undone, and of which its domain's gateway has not said that its log has it. */
export const GATEWAY_SILENT = "gateway_no_answer";
export const GATEWAY_RESIDUE = "its domain's gateway has not said that its log has it";

/** What was asked for and on whose authority: with the events after it, all the coordinator knows. */
export interface RollbackRequested {
  readonly kind: "requested";
  readonly rbId: string;
  readonly wid: string;
  readonly planHash: string;
  readonly steps: readonly PlanStep[];
  /** Per step what it writes. */
  readonly writes: readonly (readonly string[])[];
  /** Per step who must be told if it stays changed. */
  readonly tell: readonly (readonly string[])[];
  readonly checkpoints: Readonly<Record<string, { readonly hash: string; readonly usableUntilS: number }>>;
  readonly impossible: readonly Impossible[];
  readonly bestEffort: boolean;
  readonly authority: RollbackAuthority;
  readonly reason: string;
  /** Until when participants may answer `prepare`. */
  readonly deadlineS: number;
  readonly atS: number;
}

/** A fold of events; plain data, so that it can be stored and read back. */
export interface RollbackState {
  readonly request: RollbackRequested;
  readonly phase: RollbackPhase;
  /** By participant: its answer to `prepare`; null while it owes one. */
  readonly answers: Readonly<
    Record<string, { readonly status: "ready" | "refused"; readonly code: string | null } | null>
  >;
  /** Step `n` at index `n - 1`. */
  readonly steps: readonly StepState[];
  readonly open: number;
  /** Why nothing more is begun; null while it goes on. */
  readonly stopped: { readonly code: string; readonly n: number | null } | null;
  /** Counts what changed about the steps: an operator confirms what was shown, and nothing newer (CAS-16). */
  readonly revision: number;
  /** When the last step was over. */
  readonly endedS: number | null;
  /** Participants have let go, because nobody confirmed. */
  readonly lapsed: boolean;
  readonly confirmedBy: { readonly operator: string; readonly reason: string } | null;
  /** Participants that have acknowledged the last word, `abort` or `confirm`. */
  readonly acknowledged: readonly string[];
}

export interface StepResult {
  readonly status: Extract<RollbackStatus, "done" | "partial" | "failed" | "irreversible" | "timeout">;
  readonly code?: string;
  readonly restoredHash?: string;
  readonly residue: readonly string[];
  readonly compensation?: string;
}

/** What happens to a rollback. Answers and results are of verified tokens; `atS` is when the coordinator took them. */
export type RollbackEvent =
  | RollbackRequested
  | {
      readonly kind: "answered";
      readonly agent: string;
      readonly planHash: string;
      readonly status: "ready" | "refused";
      readonly code?: string;
      readonly atS: number;
    }
  /** The coordinator's own word, logged before the first step goes out. */
  | { readonly kind: "execute"; readonly atS: number }
  | ({ readonly kind: "result"; readonly agent: string; readonly n: number; readonly atS: number } & StepResult)
  /** What the host found of a step's state before it took the result: a participant's word is not enough (CAS-S5). */
  | { readonly kind: "found"; readonly n: number; readonly foundHash: string; readonly atS: number }
  /** What an operator did by hand. */
  | ({ readonly kind: "manual"; readonly operator: string; readonly n: number; readonly atS: number } & StepResult)
  /** By a person; or by a newer stop, with its code (OVR-46). */
  | {
      readonly kind: "abort";
      readonly operator: string | null;
      readonly code?: "rollback_aborted" | "rollback_stopped";
      readonly atS: number;
    }
  /** The coordinator's own word, logged before it goes out; `manual` where something is left (CAS-16). */
  | {
      readonly kind: "confirm";
      readonly manual: { readonly operator: string; readonly reason: string; readonly revision: number } | null;
      readonly atS: number;
    }
  | { readonly kind: "acknowledged"; readonly agent: string; readonly phase: "abort" | "confirm"; readonly atS: number }
  | { readonly kind: "tick"; readonly atS: number };

/** What is to be done now. Everything may be done again: it is answered the same way. */
export type RollbackOutput =
  | { readonly kind: "send"; readonly to: string; readonly phase: "prepare" | "abort" | "confirm" }
  | { readonly kind: "send"; readonly to: string; readonly phase: "execute"; readonly steps: readonly number[] }
  /** An operator is asked to undo this by hand. */
  | { readonly kind: "ask"; readonly n: number }
  /** The host logs this word of the coordinator next. */
  | { readonly kind: "proceed"; readonly word: "execute" | "confirm" }
  | { readonly kind: "signal"; readonly code: "rollback_failed" | "rollback_partial" | "rollback_unconfirmed" };

/** One thing that stays changed, or of which it is not known whether it does. */
export interface Residue {
  readonly n: number;
  readonly task: string;
  readonly agent: string;
  readonly why: StepStatus | "impossible" | "uncovered";
  readonly code: string | null;
  /** What its participant says stays: text of an agent's. */
  readonly residue: readonly string[];
  readonly writes: readonly string[];
  readonly tell: readonly string[];
}

/** Whether nothing can happen any more but acknowledgements. */
export function isFinished(phase: RollbackPhase): boolean {
  return phase === "confirmed" || phase === "aborted" || phase === "refused";
}

/**
 * CAS-16: everything that is not back as it was, by step, and who must be told (N13); while it goes on, also what is not
 * back yet. A finished rollback with an empty list left nothing.
 */
export function residuesOf({ request, steps, phase }: RollbackState): Residue[] {
  if (phase === "refused" || phase === "aborted") return [];
  const impossible = new Set(request.impossible.map(({ n }) => n));
  const restored = new Set<string>();
  request.steps.forEach(({ method, ckpt_id }, index) => {
    if (method === "restore" && ckpt_id !== undefined && steps[index]?.status === "done") restored.add(ckpt_id);
  });
  return request.steps.flatMap(({ n, task, agent, method, ckpt_id }, index): Residue[] => {
    const step = steps[index];
    if (step === undefined) return [];
    const covered = method === "skip" && ckpt_id !== undefined;
    const why = impossible.has(n)
      ? "impossible"
      : covered && !restored.has(ckpt_id)
        ? "uncovered"
        : method === "skip" || (step.status === "done" && step.residue.length === 0)
          ? null
          : step.status;
    if (why === null) return [];
    const writes = request.writes[index] ?? [];
    const tell = request.tell[index] ?? [];
    return [{ n, task, agent, why, code: step.code, residue: step.residue, writes, tell }];
  });
}
