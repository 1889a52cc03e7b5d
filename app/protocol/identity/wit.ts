import { messageType, type TokenType } from "../jose/token-type.ts";
import { type EnrolmentClaims, enrolmentClaimsSchema, type WitClaims, witClaimsSchema } from "./claims.ts";

/** A year: operators' keys and the log's own; agents' are bound for hours. */
export const MAX_WIT_LIFETIME_S = 31_622_400;

export const WIT_TYPE: TokenType<WitClaims> = {
  typ: ["wit+jwt"],
  schema: witClaimsSchema,
  audience: "none",
  expiry: "required",
  maxLifetimeS: () => MAX_WIT_LIFETIME_S,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

export const ENROLMENT_TYPE: TokenType<EnrolmentClaims> = messageType(
  "operator-enrolment+jwt",
  enrolmentClaimsSchema,
  300,
);
