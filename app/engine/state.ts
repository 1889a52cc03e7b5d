import type { JsonObject } from "../base/json.ts";
import type { AcpClaims, HitlRequestClaims, HitlRule } from "../protocol/acp/claims.ts";
import type { RoleApprovals } from "../protocol/acp/decide-action.ts";
import type { StandingGrantClaims } from "../protocol/acp/grant.ts";
import type { HitlReviewClaims, HitlWithdrawalClaims } from "../protocol/acp/handling.ts";
import type { Constraints } from "../protocol/acp/narrow.ts";
import type { Call } from "../protocol/cascade/breaker.ts";
import type { Breaker, CircuitChange, CircuitStats } from "../protocol/cascade/breaker-state.ts";
import type { Attempts } from "../protocol/cascade/bulkhead.ts";
import type { FailingAgent } from "../protocol/cascade/cascade-graph.ts";
import type { CascadeAlert, CircuitReason } from "../protocol/cascade/claims.ts";
import type { DomainHealth, HealthAlert } from "../protocol/cascade/domain-health.ts";
import type { DomainSetup } from "../protocol/cascade/domain-setup.ts";
import type { DomainChange, FailureDomain } from "../protocol/cascade/failure-domain.ts";
import type { SeenSignal } from "../protocol/cascade/failure-signals.ts";
import type { SlidingWindow } from "../protocol/cascade/sliding-window.ts";
import type { DrillMark } from "../protocol/drill/drill-mark.ts";
import type { DrillScore } from "../protocol/drill/drill-score.ts";
import type { SelfTestOutcome } from "../protocol/drill/self-test.ts";
import type { IntentClaims } from "../protocol/ect/claims.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { EnrolledPasskey } from "../protocol/identity/passkey.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import { type AccountingState, initialAccounting } from "./accounting/accounting-state.ts";
import { type AuditState, initialAuditState } from "./audit/statement.ts";
import { type BehaviorState, initialBehavior } from "./behavior/behavior-state.ts";
import type { BenchmarkState } from "./behavior/bench-state.ts";
import type { FindingState } from "./crossings/finding-state.ts";
import type { OnTimeout } from "./gate/terms.ts";
import type { TrustedItem } from "./identity/trusted-item.ts";
import type { AgentLiveness } from "./liveness/liveness-state.ts";
import type { CheckpointState, RollbackRecord } from "./rollback/rollback-record.ts";

/**
 * The state of one domain: a pure fold of its log, nothing else. Maps and arrays are changed in place by `evolve` (a
 * log of 100,000 entries folds in a second that way); nobody else may write them. Structured-cloneable, for snapshots.
 *
 * ```text
 * intent ─ asked ─┬─ permitted ─ running ─ effect_started ─ effect ─ ECT ─ done | failed
 *                 ├─ gate_required ─ waiting ─ approve ─ running (…)
 *                 │                          └ reject, time-out, abort ─ refused
 *                 └─ refused
 * stop reaching asked, waiting, running: stopped; an effect already under way ends as it ends and says so
 * ```
 *
 * Invariants: a task is `effect` only after `permitted` and a re-check (ACP P2.5); an approved gate is consumed at most
 * once (ACP-12); while a stop is latched no task in its scope becomes `running` or `effect` (S3).
 */
export interface State {
  size: number;
  keys: Map<string, EnrolledKey>;
  /** By person, the newest statement about them; empty in a log from before there were roles (COM-15). */
  roles: Map<string, RoleGrant>;
  /** By statement, what the verification of identities rests on, also what has been ended (XA-63). */
  trust: Map<string, TrustedItem>;
  /** COM-7 replay scopes seen, with the second after which they may be forgotten. */
  seen: Map<string, number>;
  policies: Map<string, PolicyState>;
  /** Revoked policies by jti; those derived from one are revoked with it (ACP-19). */
  revocations: Map<string, { by: string; at: number; reason: string; seq: number }>;
  workflows: Map<string, WorkflowState>;
  gates: Map<string, GateState>;
  /** Standing grants by jti, also those that are over. */
  grants: Map<string, GrantState>;
  overrides: Map<string, OverrideState>;
  /** Last `seq` per operator and scope (O1 step 5). */
  overrideSeq: Map<string, number>;
  /** Circuit breakers of the workflows that are not finished, by id; one is there from its first call on. */
  breakers: Map<string, BreakerState>;
  /** Edges ("caller callee") that an operator has tripped for every kind of action, and who. */
  edgeHolds: Map<string, string>;
  /** By task jti, the calls that were let through and have not ended. */
  openCalls: Map<string, OpenCalls>;
  /** Transitions that the log does not state yet; empty after every frame (CAS-5). */
  unstated: { breaker: string; change: CircuitChange }[];
  /** Failure domains of the workflows that are not finished, by workflow and name. */
  domains: Map<string, DomainState>;
  /** Failure signals of the last 300 s by their subject (C2), and those of them that count for their issuer alone. */
  signals: Map<string, readonly SeenSignal[]>;
  unconfirmed: Set<string>;
  /** The agents that fail now (C3). */
  failing: Map<string, FailingAgent>;
  cascades: Map<string, CascadeState>;
  /** Checkpoints by id, also expired ones (CAS-21). */
  checkpoints: Map<string, CheckpointState>;
  /** Rollbacks by the `jti` of their order, also those that are over (CAS-S4). */
  rollbacks: Map<string, RollbackRecord>;
  /** Drills by workflow, also those that are over (S12, C5). */
  drills: Map<string, DrillState>;
  /** Self-tests of agents by workflow, also those that are over (N21). */
  selfTests: Map<string, SelfTestState>;
  /** Benchmarks by the `jti` of their order, also those that are over (B5). */
  benchmarks: Map<string, BenchmarkState>;
  /** Profiles of conduct, where agents stand, and what is not appraised yet (behavior.md). */
  behavior: BehaviorState;
  /** By agent id, of the workflows that are not finished: leases, link-loss plans, links that are lost. */
  liveness: Map<string, AgentLiveness>;
  /** What is found between domains, by crossing or gap (N11). */
  findings: Map<string, FindingState>;
  /** What was metered, at which tariffs, and how it was settled (cross-domain-audit.md). */
  accounting: AccountingState;
  /** What is over and has no audit token yet (XA-1), and who has read what lately (XA-18). */
  audit: AuditState;
}

/** Version of this shape; a snapshot of another version is thrown away. */
export const STATE_VERSION = 6;

export interface EnrolledKey {
  kid: string;
  subject: string;
  name: string;
  jwk: PublicJwk;
  /** A key for stops, or for messages about settlements, signs nothing else (COM-19). */
  use: "all" | "stop" | "settlement" | "border" | "query" | "verifier";
  /** The passkey that stands before it; none where it was enrolled without one. */
  passkey?: EnrolledPasskey;
  /** Seconds since the epoch from which the key is not accepted any more. */
  exp: number;
  seq: number;
  at: number;
}

/** What somebody may do, until `exp` (epoch seconds) or a newer statement about them. */
export interface RoleGrant {
  roles: readonly string[];
  by: string;
  at: number;
  exp: number;
  jti: string;
  seq: number;
  reason: string;
}

/** A verified ECT, as far as later ones are checked against it (D4). Never changed once it is held. */
export interface HeldEct {
  readonly seq: number;
  readonly digest: string;
  readonly iss: string;
  readonly iat: number;
  readonly execAct: string;
  readonly pred: readonly string[];
  /** The members of its extension object that bear on successors. */
  readonly ext: JsonObject;
}

export interface PolicyState {
  jti: string;
  hash: string;
  seq: number;
  claims: AcpClaims;
  /** The policy that took its place while its workflow ran. */
  replacedBy: string | null;
}

export type TaskStatus = "asked" | "waiting" | "running" | "effect" | "done" | "failed" | "stopped" | "refused";

export interface TaskState {
  jti: string;
  agent: string;
  execAct: string;
  status: TaskStatus;
  intent: {
    jti: string;
    /** Its entry, and when that came: of a task that was asked for again, the newest. */
    seq: number;
    at: number;
    digest: string;
    inpHash: string;
    argsHash: string;
    pred: readonly string[];
    target: string | null;
    needs?: IntentClaims["needs"];
    undo?: IntentClaims["undo"];
    acp: { readonly jti: string; readonly hash: string };
  } | null;
  /** The rules that matched when a human is required, until the request arrives. */
  ruleIds: readonly string[];
  request: string | null;
  /** The standing grant that let it through without asking a human. */
  grant: string | null;
  ect: HeldEct | null;
  /** Seconds since the epoch of the last change. */
  at: number;
  /** Why it is refused or stopped: a refusal code, an override jti. */
  code: string | null;
  /** The entries that put it where it is, in order. */
  entries: number[];
}

export interface WorkflowState {
  wid: string;
  /** Object digest of the recorded run that is re-enacted. */
  run: string;
  acp: string;
  startSeq: number;
  startedAt: number;
  startedBy: string;
  status: "running" | "stopped" | "finished";
  tasks: Map<string, TaskState>;
  /** Every ECT of the workflow that was taken, by its jti: of tasks, starts and joins. */
  ects: Map<string, HeldEct>;
  /** Agents halted by a stop and not started again since. */
  halted: Set<string>;
  agents: string[];
  /** Pending requests whose rule pauses the whole agent. */
  suspending: Set<string>;
  /** What each node of the policies in force has used up, by node id. */
  usage: Map<string, PolicyUsage>;
  /** Its agents act on resources that can be restored, as signed with the start. */
  acts: boolean;
  /** What its start says of the drill it is; null where it is none (OVR-25). */
  drill: DrillMark | null;
  /** The benchmark it is a run of, by its start (BEH-16); null where it is none. */
  bench: string | null;
}

/** Of one node, counted at permission. */
export interface PolicyUsage {
  calls: number;
  /** Permissions of the last minute: epoch second and how many, ascending. */
  recent: [number, number][];
  /** Decimal strings by currency. */
  cost: Readonly<Record<string, string>>;
  tokens: number;
  durationS: number;
}

export type GateStatus = "pending" | "approved" | "rejected" | "aborted" | "consumed" | "expired" | "withdrawn";

export interface GateState {
  request: string;
  hash: string;
  seq: number;
  wid: string;
  task: string;
  agent: string;
  claims: HitlRequestClaims;
  rules: readonly HitlRule[];
  status: GateStatus;
  openedAt: number;
  timeoutS: number;
  onTimeout: OnTimeout;
  /** Each role needs its own approvals (P2 step 3). */
  roles: readonly RoleApprovals[];
  /** Whom the policy escalates to, in order, and who of them has been asked by now. */
  escalation: readonly { readonly role: string; readonly afterS: number }[];
  escalated: string[];
  /** Nobody answered in time, which is how it was settled. */
  timedOut: boolean;
  decisions: { jti: string; by: string; role: string; outcome: string; at: number; exp: number; seq: number }[];
  closedAt: number | null;
  entries: number[];
  /** Who has taken it up, until when (epoch s): a courtesy to others, never a lock. */
  claim: Hold | null;
  /** Put away by somebody for everybody, with a reason, until when (A3). */
  shelf: (Hold & { reason: string }) | null;
  /** Put off by each person for themselves. */
  deferrals: Hold[];
  /** What operators said to the agent meanwhile. */
  responses: { by: string; text: string; at: number; seq: number }[];
  /** What an approval changed, which is what may run then; null where nothing was changed. */
  modified: { argsHash: string; args: JsonObject; constraints: Constraints; by: string; seq: number } | null;
  /** One person approved alone (D6). */
  breakGlass: BreakGlass | null;
  withdrawn: { settled: HitlWithdrawalClaims["settled"]; at: number; seq: number } | null;
}

/** Somebody's hold on a request until a time, epoch seconds. */
export interface Hold {
  by: string;
  at: number;
  until: number;
  seq: number;
}

/** An approval one person gave in place of several, and what somebody else says of it afterwards (D6). */
export interface BreakGlass {
  by: string;
  decision: string;
  at: number;
  reason: string;
  /** Until when it is to be reviewed, epoch seconds. */
  dueAt: number;
  /** The review is late, and the log says so. */
  overdue: boolean;
  review: { by: string; at: number; verdict: HitlReviewClaims["verdict"]; reason: string; seq: number } | null;
}

/** Leave given in advance for actions of one kind. */
export interface GrantState {
  jti: string;
  hash: string;
  seq: number;
  at: number;
  claims: StandingGrantClaims;
  uses: number;
  revoked: { by: string; at: number; reason: string; seq: number } | null;
}

export interface TargetState {
  agent: string;
  acknowledgedAt: number | null;
  complied: boolean;
  /** It said no, in its own words: possible to advice only (OVR-9, OVR-10). */
  refused: { code: string; alternatives: string | null } | null;
  terminatedAt: number | null;
  verdict: "compliant" | "late" | "violated" | "unverifiable" | null;
  verdictAt: number | null;
  detail: string;
}

/** How the effect of a signal ended: by an operator's signal, or, with `by` the enforcement point, by its time. */
export interface OverrideEnd {
  how: "released" | "resumed" | "superseded" | "expired";
  by: string;
  at: number;
  reason: string;
  seq: number;
}

/** What is done, one after the other, about an agent that is not where it was ordered (override.md section c). */
export type Rung = "resend" | "enforce" | "isolate" | "alert";

export interface RungTaken {
  rung: Rung;
  at: number;
  seq: number;
  agents: readonly string[];
  /** Those of them that went on against the order; the others had not acknowledged. */
  violated: readonly string[];
}

export interface OverrideState {
  jti: string;
  hash: string;
  seq: number;
  at: number;
  claims: OverrideClaims;
  /** A stop that holds. */
  latched: boolean;
  /** Its effect lasts: a latched stop, a pause, a change of limits or a takeover that nothing has ended. */
  inForce: boolean;
  /** A takeover whose time is over: it holds as a pause from then on (OVR-22). */
  lapsed: boolean;
  /** Of the operator when it came (OVR-26). */
  rank: number;
  /** An orderly stop whose time is not over: what it lets end goes on. */
  stopping: boolean;
  /** Tasks that an `after_task` pause or an orderly stop lets end. */
  finishing: Set<string>;
  /** Tasks of a taken over agent that an operator carries out, and who. */
  carried: Map<string, string>;
  /** What was wrong with a stop that halted all the same (O1 step 3, OVR-S1). */
  code: string | null;
  released: OverrideEnd | null;
  targets: Map<string, TargetState>;
  /** The rungs of the escalation ladder that were taken, in order. */
  rungs: RungTaken[];
  effectsRefused: number;
}

/** The breaker on what one agent hands on to another for one kind of action. */
export interface BreakerState {
  id: string;
  wid: string;
  caller: string;
  callee: string;
  group: string;
  breaker: Breaker;
  /** End of an isolation by itself, epoch ms. */
  isolatedUntilMs: number | null;
  /** Of that, until when a cascade has isolated this breaker by itself, whatever becomes of a domain beside it. */
  cutUntilMs: number | null;
  /** Why it is in its state, what it had counted then, and the operator where one ordered it. */
  reason: CircuitReason | null;
  by: string | null;
  stats: CircuitStats | null;
  /** The entry that states its newest transition. */
  entry: number | null;
}

/** A task that waits for room in its failure domain, until epoch ms. */
export interface QueuedTask {
  readonly task: string;
  readonly untilMs: number;
}

/** A failure domain of a workflow: agents whose failures are kept among themselves. */
export interface DomainState {
  wid: string;
  id: string;
  parent: string | null;
  /** With those of the domains inside. */
  members: string[];
  /** It holds no other domains. */
  leaf: boolean;
  health: FailureDomain;
  /** Of its newest transition; 0, and nothing below, before the first. */
  seq: number;
  reason: DomainChange["reason"] | null;
  /** The operator who ordered it. */
  by: string | null;
  /** What it takes at once, which tasks of it run, and which wait for that, first come first. */
  bulkhead: NonNullable<DomainSetup["bulkhead"]> | null;
  running: Set<string>;
  queue: QueuedTask[];
  /** What was let in or queued within the window of the retry budget (CAS-7). */
  attempts: SlidingWindow<Attempts>;
  /** Its ended calls by time (CAS-8), and what was out of proportion last. */
  calls: DomainHealth;
  alert: (HealthAlert & { readonly atMs: number; readonly entry: number }) | null;
  /** Failures up to its last release are over, epoch ms. */
  clearedMs: number;
  /** The entry that states it. */
  entry: number | null;
}

export interface OpenCalls {
  wid: string;
  calls: { breaker: string; call: Call }[];
}

/** A cascade that was found, as it was stated last. */
export interface CascadeState {
  id: string;
  wid: string;
  at: number;
  alert: CascadeAlert;
  /** Failing agents that somebody still healthy depends on: where it spreads next. */
  front: readonly string[];
  entries: number[];
}

/** A rehearsal of a stop, with agents that misbehave by a script, and how it went. */
export interface DrillState {
  wid: string;
  script: string;
  size: number;
  /** Days after which it is to be drilled again, as signed with the start. */
  againDays: number;
  by: string;
  at: number;
  seq: number;
  score: (DrillScore & { at: number; seq: number }) | null;
}

/** A proof on agents of their own workflow that they block, fail closed, obey and survive (F8). */
export interface SelfTestState {
  wid: string;
  /** The agents behind those that were tested. */
  agents: readonly string[];
  againDays: number;
  by: string;
  at: number;
  seq: number;
  outcome: (SelfTestOutcome & { at: number; seq: number }) | null;
}

export function initialState(): State {
  return {
    size: 0,
    keys: new Map(),
    roles: new Map(),
    trust: new Map(),
    seen: new Map(),
    policies: new Map(),
    revocations: new Map(),
    workflows: new Map(),
    gates: new Map(),
    grants: new Map(),
    overrides: new Map(),
    overrideSeq: new Map(),
    breakers: new Map(),
    edgeHolds: new Map(),
    openCalls: new Map(),
    unstated: [],
    domains: new Map(),
    signals: new Map(),
    unconfirmed: new Set(),
    failing: new Map(),
    cascades: new Map(),
    checkpoints: new Map(),
    rollbacks: new Map(),
    drills: new Map(),
    selfTests: new Map(),
    benchmarks: new Map(),
    behavior: initialBehavior(),
    liveness: new Map(),
    findings: new Map(),
    accounting: initialAccounting(),
    audit: initialAuditState(),
  };
}
