import type { ProfileBody, ProfileRef } from "../../protocol/behavior/profile.ts";

/**
 * The tasks of a window as the log has them, by which an observer finds its own (BEH-58): where a window begins and ends
 * goes by places in the log, which no agent knows.
 */
export interface WindowTasks {
  /** The agent's own first and last task of the window, by id. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** How many it had asked for in its workflow before. */
  readonly before: number;
}

/** What is asked of somebody who sees one agent: an agent itself, or the sidecar beside it. */
export interface OwnQuestion {
  readonly wid: string;
  readonly agent: string;
  readonly window: { readonly from: number; readonly to: number };
  readonly tasks: WindowTasks;
  /** By what it is judged, and which text of it exactly. */
  readonly expected: ProfileBody;
  readonly profile: ProfileRef;
  readonly nonce: string;
  /** Its own newest evidence about this agent. */
  readonly prev: { readonly jti: string; readonly hash: string } | null;
  readonly aud: readonly string[];
}
