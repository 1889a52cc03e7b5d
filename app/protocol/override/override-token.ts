import { messageType, type TokenType } from "../jose/token-type.ts";
import {
  type OverrideAckClaims,
  type OverrideClaims,
  type OverrideComplianceClaims,
  overrideAckClaimsSchema,
  overrideClaimsSchema,
  overrideComplianceClaimsSchema,
} from "./claims.ts";

/** Delivery windows by level, seconds (override.md section b). */
const MAX_LIFETIME_S = { advisory: 86_400, mandatory: 3600, emergency: 300 } as const;

export const OVERRIDE_TYPE: TokenType<OverrideClaims> = {
  typ: ["override+jwt"],
  schema: overrideClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: (claims) => MAX_LIFETIME_S[claims.level],
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

export const OVERRIDE_ACK_TYPE: TokenType<OverrideAckClaims> = messageType(
  "override-ack+jwt",
  overrideAckClaimsSchema,
  600,
);

export const OVERRIDE_COMPLIANCE_TYPE: TokenType<OverrideComplianceClaims> = {
  typ: ["override-compliance+jwt"],
  schema: overrideComplianceClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};
