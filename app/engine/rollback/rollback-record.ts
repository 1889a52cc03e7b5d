import type { RollbackAuthority, RollbackTarget } from "../../protocol/cascade/rollback-claims.ts";
import type { PlacedCheckpoint } from "../../protocol/cascade/rollback-input.ts";
import type { RollbackOutput, RollbackState } from "../../protocol/cascade/rollback-state.ts";

/** A checkpoint of the log, at its entry. */
export interface CheckpointState extends PlacedCheckpoint {
  readonly wid: string;
  readonly at: number;
}

/** What the log says of one step beside what the coordinator knows. */
export interface StepRecord {
  /** Entry and second of its newest result. */
  entry: number;
  at: number;
  /** The person who did it by hand; null for an agent's. */
  operator: string | null;
  /** The ECT that says how it ended. */
  ect: string | null;
}

/** What became of one residue as somebody's work (CAS-33). */
export interface ResidueRecord {
  /** Who is to deal with it; null while nobody is named. */
  assignee: string | null;
  /** Who said that it is dealt with, when and how; null while it is open. */
  settled: { readonly by: string; readonly at: number; readonly reason: string } | null;
  /** Why it was opened again, where it was. */
  reopened: string | null;
  /** Entry of the newest word about it. */
  entry: number;
}

/** One rollback as the log has it: who ordered it, and the coordinator's state as a fold of its logged events (CAS-25). */
export interface RollbackRecord {
  /** The `jti` of the order [ours]. */
  rbId: string;
  wid: string;
  seq: number;
  at: number;
  by: string;
  target: RollbackTarget;
  keepTarget: boolean;
  bestEffort: boolean;
  reason: string;
  authority: RollbackAuthority;
  /** The text of the plan as far as it has been logged, until it is whole. */
  text: string;
  run: RollbackState | null;
  /** What the log has yet to state; empty after every frame. */
  owed: RollbackOutput[];
  steps: Map<number, StepRecord>;
  /** By step: who deals with what it has left, as far as anybody has said (CAS-33). */
  residues: Map<number, ResidueRecord>;
  /** When it was over: finished, or left with something; null before. */
  endedAt: number | null;
}
