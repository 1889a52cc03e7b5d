import { v5 as uuidV5 } from "uuid";
import type { Json } from "../../base/json.ts";
import type { Result } from "../../base/result.ts";
import type { HeldCheckpoint, ParticipantState } from "../../protocol/cascade/rollback-participant.ts";
import type { StepResult } from "../../protocol/cascade/rollback-state.ts";
import type { Deed, TaskEffect } from "./effect.ts";

/** The store says no. `retry`: it could not answer now, and nothing is known to have changed. */
export interface StoreProblem {
  readonly code: string;
  readonly detail: string;
  readonly retry?: boolean;
}

/** A resource as it is now. */
export interface Resource {
  readonly uri: string;
  readonly text: string;
  /** Counts every change of this resource, those that were taken back included. */
  readonly version: number;
  /** The task that made it so: of a restored state the one that had made it before; null when none did. */
  readonly by: string | null;
  /** Epoch ms of the change. */
  readonly atMs: number;
  /** A commit nobody has confirmed yet: from then on, epoch ms, it is taken back. */
  readonly confirmByMs: number | null;
}

/** A state of some resources, saved before a task changes them. */
export interface SavedState {
  readonly ckptId: string;
  readonly agent: string;
  readonly wid: string;
  readonly task: string;
  readonly scope: readonly string[];
  /** Digest of the state when it was saved. */
  readonly hash: string;
  /** Epoch seconds from which it is not used any more. */
  readonly usableUntilS: number;
  /** The task that made the state current; null for the state before the first. */
  readonly madeAfter: string | null;
}

/** What an agent may ask of the store: everything is durable when it is answered with ok, and may be asked again. */
export interface ResourceDesk {
  /**
   * Saves the state of what the task is going to write. Refusals: `rollback_locked`, `resource_unconfirmed` while another
   * task's commit waits for its confirmation, `checkpoint_known` where another state was saved under this id,
   * `resource_denied` for what is not the agent's task or not of its workflow.
   */
  save(
    input: Pick<SavedState, "agent" | "wid" | "task" | "ckptId" | "usableUntilS"> & { readonly effect: TaskEffect },
  ): Promise<Result<SavedState, StoreProblem>>;
  /**
   * Does what the task's effect says, once: a second time it is answered as the first time. Refusals: `checkpoint_missing`,
   * `resource_conflict` when what is to be written was changed since it was saved, `commit_reverted`, `rollback_locked`.
   */
  perform(input: {
    readonly agent: string;
    readonly wid: string;
    readonly task: string;
    readonly deeds: readonly Deed[];
  }): Promise<Result<{ readonly hash: string }, StoreProblem>>;
  /** The agent's own checkpoints as they are found now, with what they cover (CAS-S5). */
  held(agent: string, ckptIds: readonly string[]): Promise<Result<readonly HeldCheckpoint[], StoreProblem>>;
  /**
   * A step of a rollback, once for each agent, `rbId` and `n` (CAS-17). Refusals are in the result. The compensation of a
   * task that never wrote runs nothing and is `done` with the code `nothing_written`.
   */
  undo(input: UndoOrder): Promise<Result<StepResult, StoreProblem>>;
  /** What a participant is to remember, and all that an agent remembers of rollbacks. */
  keep(agent: string, kept: KeptParticipant): Promise<Result<void, StoreProblem>>;
  kept(agent: string): Promise<Result<readonly KeptParticipant[], StoreProblem>>;
  /**
   * Another rollback that holds some of these resources; null when none does. Whoever has nothing under way and has not
   * heard anything for `CONFIRM_WITHIN_S` holds nothing, whether it is there to say so or not.
   */
  lockedBy(rbId: string, resources: readonly string[]): Promise<Result<string | null, StoreProblem>>;
}

export interface UndoOrder {
  readonly agent: string;
  readonly rbId: string;
  readonly n: number;
  readonly task: string;
  readonly method: "restore" | "compensate";
  readonly ckptId: string | null;
  /** `compensationId` of rollback and step. */
  readonly compensation: string;
}

/** Id of the compensation of a step: the same one, however often the step is asked for. */
export const compensationId = (rbId: string, n: number): string => uuidV5(`compensation ${n}`, rbId);

/** A participant in one rollback with what its answers need. Plain JSON. */
export interface KeptParticipant {
  readonly wid: string;
  readonly state: ParticipantState;
  /** Compensations signed for its steps, by number: the same ones are sent again. */
  readonly ects: Readonly<Record<number, string>>;
}

/** The versioned resources of a host. */
export interface ResourceStore extends ResourceDesk {
  read(uri: string): Promise<Result<Resource | null, StoreProblem>>;
  /** All that lies at or below a place, by name; everything without one. */
  list(place?: string): Promise<Result<readonly Resource[], StoreProblem>>;
  /** Digest of the names and bytes in a scope: equal digests, equal bytes. */
  digest(scope: readonly string[]): Promise<Result<string, StoreProblem>>;
  saved(ckptId: string): Promise<Result<SavedState | null, StoreProblem>>;
  /** What a step of a rollback came to; null while it has not been done. */
  undone(order: UndoOrder): Promise<Result<StepResult | null, StoreProblem>>;
}

/** What is stored under a name. A subset of the engine's `KeyValueStore`, which every storage technology implements. */
export interface StoredValues {
  get(key: string): Promise<Result<unknown, StoreProblem>>;
  put(key: string, value: unknown): Promise<Result<void, StoreProblem>>;
  keys(prefix: string): Promise<Result<readonly string[], StoreProblem>>;
}

/** What a state is, as its digest sees it: pairs of name and text, by name. What is not there is not in it. */
export function stateValue(resources: readonly { readonly uri: string; readonly text: string | null }[]): Json {
  return resources
    .filter(({ text }) => text !== null)
    .toSorted((a, b) => (a.uri < b.uri ? -1 : 1))
    .map(({ uri, text }) => [uri, text]);
}
