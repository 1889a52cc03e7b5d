import type { TokenType } from "../jose/token-type.ts";
import { type ReceiptClaims, receiptClaimsSchema, type SthClaims, sthClaimsSchema } from "./claims.ts";

/** Signed tree head: a statement about the log, not addressed to anyone and without an end. */
export const STH_TYPE: TokenType<SthClaims> = {
  typ: ["audit-sth+jwt"],
  schema: sthClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: () => null,
};

export const RECEIPT_TYPE: TokenType<ReceiptClaims> = {
  typ: ["audit-receipt+jwt"],
  schema: receiptClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: () => null,
};
