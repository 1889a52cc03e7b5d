import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { CircuitChange } from "./breaker-state.ts";
import type { CircuitStateClaims } from "./claims.ts";

/** Who states it, to whom, about which breaker, and how long the statement may be relied on (seconds since the epoch). */
export interface CircuitStatement {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly jti: string;
  readonly breakerId: string;
  readonly callee: string;
  readonly nowS: number;
  readonly expS: number;
}

/** CAS-5: a transition as its breaker's owner publishes it. The end of an open period is rounded up: never too early. */
export function circuitStateClaims(change: CircuitChange, statement: CircuitStatement): CircuitStateClaims {
  const { aud } = statement;
  const { calls, failures, slow, windowMs } = change.stats;
  return {
    iss: statement.iss,
    aud: typeof aud === "string" ? aud : [...aud],
    iat: statement.nowS,
    exp: statement.expS,
    jti: statement.jti,
    breaker_id: statement.breakerId,
    callee: statement.callee,
    state: change.to,
    since: Math.floor(change.atMs / 1000),
    ...(change.untilMs === null ? {} : { until: Math.ceil(change.untilMs / 1000) }),
    reason: change.reason,
    stats: { calls, failures, slow, window_s: windowMs / 1000 },
    seq: change.seq,
  };
}

/** What is known of a breaker of somebody else's. */
export interface KnownCircuit {
  /** The only one whose word counts about it (CAS-S3). */
  readonly owner: string;
  readonly callee: string;
  readonly newest: CircuitStateClaims | null;
}

/**
 * Takes a circuit state whose token was verified: the newer one by `seq` holds, an older or repeated one is ignored
 * (CAS-5). Refuses `circuit_issuer_denied` where the breaker is not known or is not the issuer's, and a callee that is
 * not the breaker's.
 */
export function acceptCircuitState(
  known: KnownCircuit | undefined,
  claims: CircuitStateClaims,
): Result<KnownCircuit, Refusal> {
  if (known === undefined || known.owner !== claims.iss)
    return err(
      refusal("circuit_issuer_denied", "the issuer does not own this breaker", { claim: "iss", jti: claims.jti }),
    );
  if (known.callee !== claims.callee)
    return err(
      refusal("circuit_issuer_denied", "the breaker is about another callee", { claim: "callee", jti: claims.jti }),
    );
  return ok(known.newest !== null && claims.seq <= known.newest.seq ? known : { ...known, newest: claims });
}
