import type { Level } from "../ect/known-ects.ts";
import type { CountersignClaims, HandoffClaims } from "./handoff-claims.ts";
import type { StitchClaim } from "./stitch-claims.ts";

/** An audit token of one domain, verified, as far as stitching looks at it. */
export interface TrailEntry {
  readonly seq: number;
  readonly jti: string;
  readonly wid: string;
  readonly execAct: string;
  readonly outcome: string;
  readonly pred: readonly string[];
  /** By the domain's clock, epoch s: for display only. */
  readonly at: number;
  readonly level: Level;
  readonly digest: string;
  readonly stitch?: StitchClaim;
}

/** A token of a crossing as it stands in a domain's log, verified. */
export interface LoggedToken<C> {
  readonly seq: number;
  readonly digest: string;
  readonly claims: C;
}

/** What one domain gave of its trail: entries of its log, verified by V1 to V3. */
export interface Segment {
  readonly domain: string;
  readonly entries: readonly TrailEntry[];
  readonly handoffs: readonly LoggedToken<HandoffClaims>[];
  readonly countersigns: readonly LoggedToken<CountersignClaims>[];
  /** Its log proves its first so many entries: a signed head covers them. */
  readonly provenSize: number;
}

/** A task in the joined trail. */
export interface TrailNode extends TrailEntry {
  readonly key: string;
  readonly domain: string;
  /** Above every counter that led here (X3 step 4); 0 on a circle. */
  readonly lamport: number;
}

export interface TrailProblem {
  readonly code: "causal_violation" | "dag_cycle" | "dag_duplicate";
  readonly detail: string;
  /** Keys of the tasks it is about. */
  readonly nodes: readonly string[];
}

/** Something that is known to be missing (XDA-11). */
export interface TrailGap {
  readonly domain: string;
  /** Key of the task after which something is missing; null where a whole domain is. */
  readonly at: string | null;
  /** Its place in that log. */
  readonly seq?: number;
  readonly missing: string | null;
  readonly reason: "domain_not_read" | "predecessor_missing" | "crossing_dangling";
}

/** Unique across domains, which choose their ids for themselves. */
export const nodeKey = (domain: string, jti: string): string => `${domain} ${jti}`;
