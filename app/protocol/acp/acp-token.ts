import type { TokenType } from "../jose/token-type.ts";
import {
  type AcpClaims,
  acpClaimsSchema,
  type HitlDecisionClaims,
  type HitlRequestClaims,
  hitlDecisionClaimsSchema,
  hitlRequestClaimsSchema,
} from "./claims.ts";

export const ACP_TYPE: TokenType<AcpClaims> = {
  typ: ["acp+jwt"],
  schema: acpClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 86_400,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

export const HITL_REQUEST_TYPE: TokenType<HitlRequestClaims> = {
  typ: ["hitl-request+jwt"],
  schema: hitlRequestClaimsSchema,
  audience: "required",
  expiry: "required",
  // The deadline of a rule is at most a day.
  maxLifetimeS: () => 86_400,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

export const HITL_DECISION_TYPE: TokenType<HitlDecisionClaims> = {
  typ: ["hitl-decision+jwt"],
  schema: hitlDecisionClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 3600,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};
