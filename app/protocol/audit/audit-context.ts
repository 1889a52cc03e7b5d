import type { JsonObject } from "../../base/json.ts";
import type { DagPolicy, DagProgress } from "../ect/check-dag.ts";
import type { UnsignedEctClaims } from "../ect/claims.ts";
import type { KnownEcts, Level } from "../ect/known-ects.ts";
import type { TrustedKey } from "../jose/keys.ts";
import type { Refusal } from "../jose/refusal.ts";
import type { VerifyContext } from "../jose/verify-token.ts";
import type { AuditTokenClaims, EvidenceRef } from "./audit-token.ts";
import type { IdentityPorts, ResolvedIdentity } from "./idp.ts";
import type { Idp } from "./idp-profiles.ts";
import type { ReceiptContext, VerifiedReceipt } from "./verify-receipt.ts";

/** How level 3 is shown: by receipts that came along, or by the verifier being the ledger that is about to append it. */
export type AuditLedger =
  | {
      readonly receipts: readonly string[];
      /** From as many logs; default 1 (XA-15). */
      readonly needed?: number;
      readonly receiptContext: Omit<ReceiptContext, "skewS" | "sha256" | "algorithms">;
    }
  | "appending";

/** The ECT an audit token wraps, as it is held, and when it was received (COM-2). */
export interface WrappedEct {
  readonly token: string;
  readonly receivedAt: number;
}

/** What a verifier brings to V1. In historical mode `nowS` is the recorded time of receipt (COM-2). */
export interface AuditContext extends VerifyContext {
  /** Least level that is taken; default 2. Which one a workflow needs is policy (XA-4). */
  readonly minimumLevel?: Level;
  /** The peer the transport has authenticated: without one of the own domain, nothing unsigned is taken. */
  readonly peer?: string;
  readonly identities: IdentityPorts;
  /** The domain of an issuer whose id names none, by configuration; default null. */
  domainOf?(iss: string): string | null;
  /** The ECT with this id and digest; null where it is not at hand. */
  ectOf(ect: {
    readonly jti: string;
    readonly hash: string;
    readonly wid: string | undefined;
  }): Promise<WrappedEct | null>;
  /** The tasks that are held; the task itself may be among them, by its ECT. */
  readonly known: KnownEcts;
  readonly dag?: DagPolicy;
  /** The domain that a predecessor is resolved in by an audit handoff; null for one that no handoff names (XA-8). */
  handoffOf?(jti: string): string | null;
  readonly ledger?: AuditLedger;
  /** The token a reference is to, where it is at hand. */
  evidenceOf?(reference: EvidenceRef): Promise<string | null>;
}

/** A predecessor outside of what is held: the domain of its handoff, or null where it is only reported (XA-8). */
export interface ExternalPred {
  readonly jti: string;
  readonly domain: string | null;
}

/** An audit token that passed every row. Authentic, never thereby true (ECT-S12). */
export interface VerifiedAudit {
  readonly input: string;
  readonly digest: string;
  readonly claims: AuditTokenClaims;
  /** Computed here (XA-7). */
  readonly level: Level;
  /** Null for an unsigned one, which names a profile and proves none. */
  readonly identity: string | null;
  readonly key: TrustedKey | null;
  /** The wrapped ECT, verified; null where none is wrapped. */
  readonly ect: UnsignedEctClaims | null;
  readonly external: readonly ExternalPred[];
  readonly receipts: readonly VerifiedReceipt[];
  readonly refusedReceipts: readonly Refusal[];
  /** References of which the token was at hand and has the digest; the others are asserted. */
  readonly evidenceFound: number;
}

/** What the rows hand on to one another. */
export interface AuditProgress {
  readonly dag: DagProgress;
  form?: "signed" | "unsigned";
  payload?: JsonObject;
  claims?: AuditTokenClaims;
  key?: TrustedKey;
  /** The key that step 2 has tried: one known by its name, or the profile's. */
  tried?: TrustedKey;
  /** Why the profile could not be told here (`audit_idp_unsupported`): neither passed nor failed (XA-64). */
  untold?: string;
  /** What step 2 has resolved for a profile that brings its own key, to be judged in step 3. */
  resolved?: ResolvedIdentity;
  idp?: Idp;
  ect?: UnsignedEctClaims;
  external?: readonly ExternalPred[];
  receipts?: readonly VerifiedReceipt[];
  refusedReceipts?: readonly Refusal[];
  evidenceFound?: number;
}
