import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { EnrolledPasskey } from "../protocol/identity/passkey.ts";
import type { Verified } from "../protocol/jose/verify-token.ts";
import type { Fact, FactOf } from "./fact.ts";
import type { Cosigner } from "./override/cosigners.ts";

/** A local fact the host signs itself: as the log (identities) or as the enforcement point (records, verdicts). */
export type SignedHere =
  | FactOf<"wit+jwt">
  | FactOf<"role-statement+jwt">
  | FactOf<"record+jwt">
  | FactOf<"override-compliance+jwt">
  | FactOf<"circuit-state+jwt">;

/** What a decision wants logged, in order, in one frame. */
export type Draft =
  | {
      readonly kind: "token";
      readonly compact: string;
      readonly submitter: string;
      readonly fact: Fact;
      readonly digest: string;
    }
  | { readonly kind: "sign"; readonly as: "log" | "pep"; readonly fact: SignedHere };

/** An ECT that comes together with the token it stands for. */
export interface TokenNode {
  readonly verified: Verified<unknown>;
  readonly fact: FactOf<"exec+jwt">;
}

/** Time and ids come in with the command. */
export interface Moment {
  readonly nowS: number;
  readonly nowMs: number;
  uuid(): string;
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
    }
  | {
      readonly kind: "enrol";
      readonly subject: string;
      readonly name: string;
      readonly jwk: PublicJwk;
      readonly kid: string;
      readonly lifetimeS: number;
      /** The passkey that stands before the key. */
      readonly passkey?: EnrolledPasskey;
      /** A second key of a person, for stops only. */
      readonly stop?: { readonly jwk: PublicJwk; readonly kid: string };
      /** The person's key that this one takes the place of, and with it all their earlier ones. */
      readonly replaces?: string;
    }
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
  /** A timer of a circuit breaker has run out: its open period, a probe, or its isolation. */
  | { readonly kind: "breaker_due"; readonly breaker: string }
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
  | {
      readonly kind: "finish";
      readonly wid: string;
      readonly cause: string;
      readonly summary: Readonly<Record<string, number>>;
    };
