import type { JsonObject } from "../base/json.ts";
import type { AcpClaims, HitlRequestClaims, HitlRule } from "../protocol/acp/claims.ts";
import type { RoleApprovals } from "../protocol/acp/decide-action.ts";
import type { IntentClaims } from "../protocol/ect/claims.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { OverrideClaims } from "../protocol/override/claims.ts";
import type { OnTimeout } from "./gate/terms.ts";

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
  /** COM-7 replay scopes seen, with the second after which they may be forgotten. */
  seen: Map<string, number>;
  policies: Map<string, PolicyState>;
  /** Revoked policies by jti; those derived from one are revoked with it (ACP-19). */
  revocations: Map<string, { by: string; at: number; reason: string; seq: number }>;
  workflows: Map<string, WorkflowState>;
  gates: Map<string, GateState>;
  overrides: Map<string, OverrideState>;
  /** Last `seq` per operator and scope (O1 step 5). */
  overrideSeq: Map<string, number>;
}

/** Version of this shape; a snapshot of another version is thrown away. */
export const STATE_VERSION = 4;

export interface EnrolledKey {
  kid: string;
  subject: string;
  name: string;
  jwk: PublicJwk;
  /** A key for stops only signs nothing else (COM-19). */
  use: "all" | "stop";
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
}

export type TaskStatus = "asked" | "waiting" | "running" | "effect" | "done" | "failed" | "stopped" | "refused";

export interface TaskState {
  jti: string;
  agent: string;
  execAct: string;
  status: TaskStatus;
  intent: {
    jti: string;
    digest: string;
    inpHash: string;
    argsHash: string;
    pred: readonly string[];
    target: string | null;
    needs?: IntentClaims["needs"];
    acp: { readonly jti: string; readonly hash: string };
  } | null;
  /** The rules that matched when a human is required, until the request arrives. */
  ruleIds: readonly string[];
  request: string | null;
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

export type GateStatus = "pending" | "approved" | "rejected" | "aborted" | "consumed" | "expired";

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
}

export interface TargetState {
  agent: string;
  acknowledgedAt: number | null;
  complied: boolean;
  terminatedAt: number | null;
  verdict: "compliant" | "late" | "violated" | "unverifiable" | null;
  verdictAt: number | null;
  detail: string;
}

export interface OverrideState {
  jti: string;
  hash: string;
  seq: number;
  at: number;
  claims: OverrideClaims;
  latched: boolean;
  /** What was wrong with a stop that halted all the same (O1 step 3, OVR-S1). */
  code: string | null;
  released: { by: string; at: number; reason: string; seq: number } | null;
  targets: Map<string, TargetState>;
  effectsRefused: number;
}

export function initialState(): State {
  return {
    size: 0,
    keys: new Map(),
    roles: new Map(),
    seen: new Map(),
    policies: new Map(),
    revocations: new Map(),
    workflows: new Map(),
    gates: new Map(),
    overrides: new Map(),
    overrideSeq: new Map(),
  };
}
