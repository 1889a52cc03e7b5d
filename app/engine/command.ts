import type { Sha256 } from "../base/ports.ts";
import type { FindingKind } from "../protocol/audit/crossing-handling.ts";
import type { DrillScore } from "../protocol/drill/drill-score.ts";
import type { SelfTestOutcome } from "../protocol/drill/self-test.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { EnrolledPasskey } from "../protocol/identity/passkey.ts";
import type { Refusal } from "../protocol/jose/refusal.ts";
import type { Verified } from "../protocol/jose/verify-token.ts";
import type { AccountingInput } from "./accounting/accounting-state.ts";
import type { AuditIssue, ProtectedRead } from "./audit/statement.ts";
import type { EvidenceInput } from "./behavior/behavior-state.ts";
import type { BenchEnd } from "./behavior/bench-end.ts";
import type { Watched } from "./behavior/watch-window.ts";
import type { Fact, FactOf } from "./fact.ts";
import type { LinkStage } from "./liveness/liveness-state.ts";
import type { Cosigner } from "./override/cosigners.ts";
import type { TrailPlaces } from "./rollback/trail-places.ts";
import type { Rung } from "./state.ts";

/** A local fact the host signs itself: as the log (identities) or as the enforcement point (records, verdicts). */
export type SignedHere =
  | FactOf<"wit+jwt">
  | FactOf<"role-statement+jwt">
  | FactOf<"record+jwt">
  | FactOf<"override-compliance+jwt">
  | FactOf<"circuit-state+jwt">
  | FactOf<"failure-signal+jwt">
  | FactOf<"rollback-request+jwt">
  | FactOf<"bench-result+jwt">
  | FactOf<"ear+jwt">
  | FactOf<"exec+jwt">
  | FactOf<"exec-audit+jwt">;

/** What a decision wants logged, in order, in one frame. */
export type Draft =
  | {
      readonly kind: "token";
      readonly compact: string;
      readonly submitter: string;
      readonly fact: Fact;
      readonly digest: string;
    }
  | { readonly kind: "sign"; readonly as: "log" | "pep" | "verifier"; readonly fact: SignedHere };

/** An ECT that comes together with the token it stands for. */
export interface TokenNode {
  readonly verified: Verified<unknown>;
  readonly fact: FactOf<"exec+jwt">;
}

/** Time, ids and the digest come in with the command. */
export interface Moment {
  readonly nowS: number;
  readonly nowMs: number;
  uuid(): string;
  readonly sha256: Sha256;
}

/**
 * Everything one may ask of the engine. A `token` has passed common token verification; the others come from the host's
 * own timers and enforcement point and name their cause.
 */
export type Command =
  | {
      readonly kind: "token";
      readonly verified: Verified<unknown>;
      readonly fact: Fact;
      /** The ECT that stands for it in the DAG: with requests and decisions (ACP-14). */
      readonly node?: TokenNode;
      /** Who else signed this override, verified (OVR-S4). */
      readonly cosigners?: readonly Cosigner[];
      /** With an intent: why what it rests on did not come into its agent's domain (X1). */
      readonly barred?: Refusal;
      /** With a request that shows its arguments: the names of their values, by who has the key (BEH-63). */
      readonly named?: Readonly<Record<string, string>>;
      /** With the result of a restore: the digest of that state as the host finds it in its own resources (CAS-S5). */
      readonly foundHash?: string;
      /** With an order to roll back: whose trail each task is in, where that is another domain's (CAS-36). */
      readonly trails?: TrailPlaces;
      /** With an acceptance: what the records here come to (X7). */
      readonly accounting?: AccountingInput;
      /** With evidence of conduct: what it was asked with (B1). */
      readonly evidence?: EvidenceInput;
    }
  | {
      readonly kind: "enrol";
      readonly subject: string;
      readonly name: string;
      readonly jwk: PublicJwk;
      readonly kid: string;
      readonly lifetimeS: number;
      /** The gateway of another domain: heard at the border and nowhere else. A person of the console: in questions to it. */
      readonly use?: "border" | "query";
      /** The passkey that stands before the key. */
      readonly passkey?: EnrolledPasskey;
      /** A second key of a person, for stops only. */
      readonly stop?: { readonly jwk: PublicJwk; readonly kid: string };
      /** The person's key that this one takes the place of, and with it all their earlier ones. */
      readonly replaces?: string;
    }
  /** The identity of a part of the host, or of another domain's gateway, is stated again with a later end (XDA-61). */
  | { readonly kind: "renew"; readonly kid: string; readonly lifetimeS: number }
  /** The start of a workflow: both tokens of the operator and the identities of its agents, all or nothing. */
  | {
      readonly kind: "start";
      readonly acp: { readonly verified: Verified<unknown>; readonly fact: FactOf<"acp+jwt"> };
      readonly start: { readonly verified: Verified<unknown>; readonly fact: FactOf<"exec+jwt"> };
      readonly agents: readonly {
        readonly subject: string;
        readonly name: string;
        readonly jwk: PublicJwk;
        readonly kid: string;
      }[];
    }
  /**
   * The instant before an effect: everything is checked again (ACP P2.5). `latch` is the stop the enforcement point
   * holds already, which the log may not have yet: with it the effect is recorded as refused. `agent` is who would carry it
   * out, which must be who was permitted to.
   */
  | {
      readonly kind: "effect";
      readonly wid: string;
      readonly task: string;
      readonly latch: string | null;
      readonly agent?: string;
    }
  /** The effect was held back after it had been recorded as starting: a stop came in between. */
  | { readonly kind: "effect_withheld"; readonly wid: string; readonly task: string; readonly code: string }
  | { readonly kind: "gate_deadline"; readonly request: string }
  /** Step `step` of a policy's escalation is due for a request. */
  | { readonly kind: "gate_escalation"; readonly request: string; readonly step: number }
  /** Nobody has reviewed within a day what one person approved alone (D6). */
  | { readonly kind: "review_due"; readonly request: string }
  /** The `effect_until` of a signal is over. */
  | { readonly kind: "override_expiry"; readonly signal: string }
  /** The `grace_ms` of an orderly stop is over, or, `reached`, nothing it let end goes on any more. */
  | { readonly kind: "stop_due"; readonly signal: string; readonly reached: boolean }
  /** The next rung of the escalation ladder is due for agents of a signal. */
  | { readonly kind: "override_rung"; readonly signal: string; readonly rung: Rung; readonly agents: readonly string[] }
  /** A timer of a circuit breaker has run out: its open period, a probe, or its isolation. */
  | { readonly kind: "breaker_due"; readonly breaker: string }
  /** Something of a rollback may be due by time alone; with `again`, what is owed is sent once more (C5). */
  | { readonly kind: "rollback_tick"; readonly rbId: string; readonly again: boolean }
  /** The isolation of a failure domain has lasted its time, or a task has waited too long for room in it. */
  | { readonly kind: "domain_due"; readonly domain: string }
  /** A lease has run out, by the host's timer. */
  | { readonly kind: "lease_due"; readonly agent: string; readonly lease: string }
  /** The watch has not heard of an agent since `heardAt` (epoch s), and how far that has led; or it has again. */
  | {
      readonly kind: "link";
      readonly agent: string;
      readonly wid: string;
      readonly stage: LinkStage | "returned";
      readonly heardAt: number;
    }
  | { readonly kind: "agent_terminated"; readonly signal: string; readonly agent: string; readonly latencyMs: number }
  | {
      readonly kind: "verdict";
      readonly signal: string;
      readonly agent: string;
      readonly verdict: "compliant" | "late" | "violated" | "unverifiable";
      readonly observed: readonly {
        kind: "ect" | "network" | "resource" | "heartbeat";
        at: number;
        detail: string;
        jti?: string;
      }[];
      readonly latencyMs: number;
    }
  /** What a border puts into a domain's log at once (XDA-10). */
  | {
      readonly kind: "border";
      readonly tokens: readonly { readonly verified: Verified<unknown>; readonly fact: Fact }[];
    }
  /** Something between domains does not hold, or is missing for too long (XDA-S1). */
  | {
      readonly kind: "finding_due";
      readonly finding: FindingKind;
      readonly item: string;
      readonly code: string;
      readonly wid: string | null;
      readonly about: { readonly [member: string]: string };
    }
  /** How a drill went, as the enforcement point saw it; `timer` is what ended it where no stop was given. */
  | {
      readonly kind: "drill_scored";
      readonly wid: string;
      readonly timer: "drill_limit" | "drill_aborted";
      readonly score: DrillScore;
      /** Who called it off, by the console's word. */
      readonly by?: string;
    }
  /** What a self-test found, as the enforcement point saw it (N21). */
  | { readonly kind: "self_tested"; readonly wid: string; readonly outcome: SelfTestOutcome }
  /** A benchmark has ended, with a result or without (B5). */
  | { readonly kind: "bench_end"; readonly order: string; readonly end: BenchEnd }
  /** A window of an agent's conduct has its evidence, as far as it comes: it is judged (B4). */
  | {
      readonly kind: "appraise";
      readonly agent: string;
      readonly from: number;
      /** Entries that the newest signed head covers: evidence among them is of level 3. */
      readonly covered?: number;
      /** What was seen of the window already, in parts (BEH-64); it is looked at anew where that is not all of it. */
      readonly watched?: Watched;
    }
  /** Nothing has been heard of how an agent behaves for two windows (BEH-10). */
  | { readonly kind: "behavior_stale"; readonly agent: string }
  /** Audit tokens for what is over since an entry, at most so many. */
  | { readonly kind: "audit"; readonly issue: AuditIssue; readonly since: number; readonly limit: number }
  /** An operator has looked at protected data (XA-18). */
  | { readonly kind: "audit_read"; readonly issue: AuditIssue; readonly read: ProtectedRead }
  | {
      readonly kind: "finish";
      readonly wid: string;
      readonly cause: string;
      readonly summary: Readonly<Record<string, number>>;
    };
