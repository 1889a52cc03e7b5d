import type { JsonObject } from "../../base/json.ts";
import type { CompactParts } from "../jose/compact.ts";
import type { Algorithm, TrustedKey } from "../jose/keys.ts";
import type { VerifyContext } from "../jose/verify-token.ts";
import type { Accompanying } from "./accompanying.ts";
import type { DagPolicy, DagProgress } from "./check-dag.ts";
import type { UnsignedEctClaims } from "./claims.ts";
import type { KnownEcts, Level } from "./known-ects.ts";
import type { LedgerAnswer, LedgerUse } from "./ledger.ts";

/** What a verifier brings to an ECT by itself: D1, and D2 up to step 14. */
export interface ArrivalContext extends VerifyContext {
  /** The least level accepted, by workflow; default 2 for all (ECT-22). Nothing a sender says lowers it. */
  minimumLevel?(wid: string | undefined): Level;
  /** Oldest `iat` accepted, seconds; default 900. */
  readonly maxAgeS?: number;
  /** Longest lifetime accepted, seconds, 60 to 900; default 900. */
  readonly maxLifetimeS?: number;
  /** The peer the transport has authenticated: without one, no unsigned record is taken (D3). */
  readonly peer?: string;
  /** Identity and proof that came with the request. */
  readonly accompanying?: Accompanying;
  /** How level 3 is reached; absent, no record gets beyond 2. */
  readonly ledger?: LedgerUse;
}

/** What a verifier brings to an ECT's place among those it holds: replay and D4, and the times once more. */
export interface PlaceContext extends Pick<ArrivalContext, "nowS" | "skewS" | "maxAgeS" | "seen"> {
  /** The ECTs that were verified before; null for a receiver without a store, which can only say `partial` (D3). */
  readonly known: KnownEcts | null;
  readonly dag?: DagPolicy;
}

/** What a verifier brings to one ECT. In historical mode `nowS` is the recorded time of receipt, and `seen` asks the log (COM-2). */
export interface EctContext extends ArrivalContext, PlaceContext {
  /** Told of every attempt, accepted or not (ECT-34). */
  observe?(attempt: EctAttempt): void;
}

export interface EctAttempt {
  readonly atS: number;
  /** As the value says, unverified when it was refused; null when it says none that can be read. */
  readonly jti: string | null;
  /** `accepted`, or the code of the refusal. */
  readonly outcome: string;
}

/** What the rows hand on to one another. */
export interface EctProgress {
  parts?: CompactParts;
  typ?: string;
  alg?: Algorithm;
  /** The key of the identity that came along. */
  accompanied?: TrustedKey;
  key?: TrustedKey;
  /** As received, before any renaming, with its text. */
  payload?: JsonObject;
  payloadText?: string;
  claims?: UnsignedEctClaims;
  version?: "-00" | "-01";
  readonly dag: DagProgress;
  ledger?: LedgerAnswer;
}
