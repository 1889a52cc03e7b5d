import type { TaskEffect } from "./effect.ts";
import type { StoredResource } from "./resource-book.ts";
import type { SavedState } from "./resource-store.ts";

/** A saved state as it is stored, with what its digest is of. */
export interface StoredState extends SavedState {
  readonly states: readonly Pick<StoredResource, "uri" | "text" | "by" | "version">[];
  readonly compensation: TaskEffect["compensation"];
}

/** What became of a task's effect. `begun`: what it makes of each resource, so that a crash in the middle is finished. */
export interface StoredTask {
  readonly agent: string;
  readonly ckptId: string | null;
  readonly begun: readonly StoredResource[] | null;
  readonly hash: string | null;
  readonly problem: { readonly code: string; readonly detail: string } | null;
  /** The one compensation it ever has (ECT-45). */
  readonly compensatedBy: string | null;
}

export const NOTHING_YET = { ckptId: null, begun: null, hash: null, problem: null, compensatedBy: null } as const;

export const CKPT = "resource/ckpt/";
export const TASK = "resource/task/";
/** Rows like a task's, under names that no task can have: nobody finds a compensation where a task is looked for. */
export const COMPENSATION = "resource/compensation/";
/** By agent, rollback and number: what one agent is told of a step is no other's answer. */
export const STEP = "resource/undo/";
export const ROLLBACK = "resource/rollback/";

/** As others see it. */
export function shownState({ states: _states, compensation: _compensation, ...saved }: StoredState): SavedState {
  return saved;
}

/** Whether a resource is the workflow's own. */
export const isOwn = (wid: string, uri: string): boolean => uri.startsWith(`store://${wid}/`);
