import { messageType, type TokenType } from "../jose/token-type.ts";
import {
  type CircuitStateClaims,
  circuitStateClaimsSchema,
  type FailureSignalClaims,
  failureSignalClaimsSchema,
} from "./claims.ts";

/** C2: a signal older than this says nothing of now. */
export const MAX_SIGNAL_LIFETIME_S = 300;

/** How long one statement about a circuit may be relied on [ours]; the state itself lasts until a newer `seq`. */
export const MAX_CIRCUIT_STATE_LIFETIME_S = 86_400;

export const FAILURE_SIGNAL_TYPE: TokenType<FailureSignalClaims> = messageType(
  "failure-signal+jwt",
  failureSignalClaimsSchema,
  MAX_SIGNAL_LIFETIME_S,
);

export const CIRCUIT_STATE_TYPE: TokenType<CircuitStateClaims> = messageType(
  "circuit-state+jwt",
  circuitStateClaimsSchema,
  MAX_CIRCUIT_STATE_LIFETIME_S,
);
