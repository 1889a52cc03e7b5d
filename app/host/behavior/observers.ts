import type { WindowTasks } from "../../agents/evidence/question.ts";
import type { ProfileBody, ProfileRef } from "../../protocol/behavior/profile.ts";

/** What observers are asked when a window has closed. */
export interface EvidenceQuestion {
  readonly wid: string;
  /** The agent observed, by its id in the workflow. */
  readonly agent: string;
  readonly window: { readonly from: number; readonly to: number };
  /** The agent's own tasks of the window; null where it has none in it. */
  readonly tasks: WindowTasks | null;
  readonly profile: ProfileRef;
  readonly expected: ProfileBody;
  /** What the evidence has to name, so that it is known to be an answer to this (BEH-S2). */
  readonly nonce: string;
  /** By observer, the newest evidence of it about this agent, which the next has to follow. */
  readonly prev: Readonly<Record<string, { readonly jti: string; readonly hash: string }>>;
}

/** Observers beside the enforcement point: the agent itself, a sidecar. Their word is evidence, and verified like all of it. */
export interface ObserverPort {
  /** Compact `bet+jwt`s; none where nobody answers in time, which the assurance profile may or may not allow. */
  ask(question: EvidenceQuestion): Promise<readonly string[]>;
}
