import { messageType, type TokenType } from "../jose/token-type.ts";
import {
  type AcpClaims,
  acpClaimsSchema,
  type HitlDecisionClaims,
  type HitlRequestClaims,
  hitlDecisionClaimsSchema,
  hitlRequestClaimsSchema,
} from "./claims.ts";

export const ACP_TYPE: TokenType<AcpClaims> = messageType("acp+jwt", acpClaimsSchema, 86_400);

/** The deadline of a rule is at most a day. */
export const HITL_REQUEST_TYPE: TokenType<HitlRequestClaims> = messageType(
  "hitl-request+jwt",
  hitlRequestClaimsSchema,
  86_400,
);

export const HITL_DECISION_TYPE: TokenType<HitlDecisionClaims> = messageType(
  "hitl-decision+jwt",
  hitlDecisionClaimsSchema,
  3600,
);
