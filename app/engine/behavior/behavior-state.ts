import type { BetClaims, Observer } from "../../protocol/behavior/evidence.ts";
import type { ProfileBody, ProfileRef } from "../../protocol/behavior/profile.ts";
import type { BehaviorStateName, Verdict } from "../../protocol/behavior/result.ts";
import { startTrust, type Trust } from "../../protocol/behavior/trust-known.ts";
import { unverified, type VerdictState } from "../../protocol/behavior/verdict-known.ts";

/** A version of a profile, as its token put it in force. */
export interface SignedProfile {
  readonly profile: ProfileBody;
  readonly hash: string;
  readonly jti: string;
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly role: string;
  readonly reason: string;
}

/** Why a verdict is what it is (BEH-20). */
export interface KnownReason {
  readonly rule: string;
  readonly kind: string;
  readonly severity: number | null;
  readonly task: string | null;
  readonly wid: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly detail: string | null;
  /** Found by replay alone: no observer told of it (BEH-S1). */
  readonly hidden: boolean;
}

/** Why a window closed: its time was over, its workflow was, or something was done that cannot wait. */
export type Closed = "time" | "over" | "severity";

/** What an appraisal found, as its record states it. */
export interface AppraisedWindow {
  readonly wid: string;
  readonly agent: string;
  readonly from: number;
  readonly to: number;
  readonly closed: Closed;
  readonly samples: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly verdict: Verdict;
  readonly compliance: number;
  readonly drift: number | null;
  readonly interval: { readonly low: number; readonly high: number; readonly confidence: number } | null;
  readonly alarm: {
    readonly raised: boolean;
    readonly statistic: number;
    readonly threshold: number;
    readonly falseAlarmRate: number;
    readonly at: number | null;
  } | null;
  readonly trust: number;
  readonly state: BehaviorStateName;
  readonly observers: readonly Observer[];
  readonly conflict: boolean;
  /** Kept of the newest windows only; `reasonCount` of all. */
  reasons: readonly KnownReason[];
  readonly reasonCount: number;
  readonly worst: number | null;
  readonly profile: ProfileRef;
  readonly ear: string;
  readonly seq: number;
  readonly at: number;
}

/** Evidence that was taken for a window. */
interface HeldBet {
  readonly jti: string;
  readonly hash: string;
  readonly seq: number;
  readonly at: number;
  readonly claims: BetClaims;
}

/** Conduct of an instance that is not appraised yet. Its tasks are those asked for from one entry on and before another. */
export interface ConductWindow {
  readonly wid: string;
  readonly agent: string;
  readonly from: number;
  /** End of the window before it; what became due since is judged in this one. Its own begin where it is the first. */
  readonly after: number;
  readonly firstSeq: number;
  /** Null while it is open, as are the two below. */
  to: number | null;
  endSeq: number | null;
  closed: Closed | null;
  bets: HeldBet[];
  /** Evidence about it that did not verify, the first few. */
  refused: { jti: string; code: string; detail: string }[];
}

/** An instance: an agent in one workflow. */
export interface InstanceConduct {
  open: ConductWindow | null;
  /** Closed and not appraised, oldest first. */
  closing: ConductWindow[];
  /** End of the last window, which the next does not begin before. */
  lastTo: number;
  /** By observer, the newest evidence about it (`prev_bet`). */
  chains: Record<string, { jti: string; hash: string }>;
}

export type QuarantineCause = "order" | "trust" | "second_window" | "severity";

export interface Quarantine {
  readonly cause: QuarantineCause;
  readonly by: string;
  readonly at: number;
  readonly seq: number;
  readonly reason: string | null;
  /** In force when it began, which a release has to differ from; null where none was. */
  readonly profile: { readonly profile_id: string; readonly version: number } | null;
}

/** A change of state or trust, and the entry that states it. */
export interface StandingChange {
  readonly at: number;
  readonly seq: number;
  readonly from: BehaviorStateName;
  readonly to: BehaviorStateName;
  readonly trust: number;
  readonly delta: number;
  readonly cause: string;
  readonly by: string | null;
  readonly reason: string | null;
}

/** One token about an agent's conduct, taken or refused. */
export interface EvidenceNote {
  readonly typ: "bet" | "ear";
  readonly jti: string;
  readonly hash: string;
  readonly seq: number;
  readonly at: number;
  /** What B1 said of evidence that was refused. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** Where the agent behind its ids in workflows stands (behavior.md section c). */
export interface AgentStanding {
  readonly agent: string;
  now: VerdictState;
  trust: Trust;
  /** Windows in a row that nobody but the agent itself has told of (BEH-8). */
  selfOnly: number;
  /** The entry of the newest change of state. */
  seq: number | null;
  /** Oldest first. */
  windows: AppraisedWindow[];
  lastGood: AppraisedWindow | null;
  changes: StandingChange[];
  quarantine: Quarantine | null;
  /** Builds that a release rested on. */
  builds: string[];
  /** Newest last. */
  evidence: EvidenceNote[];
}

/** What evidence was asked with. */
export interface EvidenceInput {
  /** The challenge it has to name; null where none was given out, as for what the enforcement point itself has seen. */
  readonly nonce: string | null;
}

/** A result that another domain's verifier has given (BEH-27): what it asserts, which moves nothing of this domain. */
export interface AssertedNote {
  readonly typ: "ear+jwt" | "bench-result+jwt";
  readonly jti: string;
  readonly iss: string;
  /** The statement that pinned its verifier when it came. */
  readonly pin: string;
  readonly seq: number;
  readonly at: number;
}

export interface BehaviorState {
  /** By id, its versions, oldest first. */
  readonly profiles: Map<string, SignedProfile[]>;
  /** By the id behind those in workflows (`standingOf`). */
  readonly agents: Map<string, AgentStanding>;
  /** By agent id, of the workflows that have conduct to appraise. */
  readonly instances: Map<string, InstanceConduct>;
  /** By whom they are about, as the result names them, the newest last; never an agent of this domain. */
  readonly asserted: Map<string, AssertedNote[]>;
}

/** Kept of each agent, at most. */
export const MAX_WINDOWS = 200;
export const MAX_CHANGES = 200;
export const MAX_EVIDENCE = 200;
/** Refused evidence of one window. */
export const MAX_REFUSED = 16;
/** Windows whose reasons are kept. */
export const MAX_EXPLAINED = 8;

export function initialBehavior(): BehaviorState {
  return { profiles: new Map(), agents: new Map(), instances: new Map(), asserted: new Map() };
}

/** Where an agent stands of whom nothing was ever said. */
export function unknownStanding(agent: string, atS: number): AgentStanding {
  return {
    agent,
    now: unverified(atS),
    trust: startTrust(atS),
    selfOnly: 0,
    seq: null,
    windows: [],
    lastGood: null,
    changes: [],
    quarantine: null,
    builds: [],
    evidence: [],
  };
}
