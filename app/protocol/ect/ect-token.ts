import * as z from "zod";
import type { TokenType } from "../jose/token-type.ts";
import {
  type EctClaims,
  ectClaimsSchema,
  type IntentClaims,
  intentClaimsSchema,
  type RecordClaims,
  recordClaimsSchema,
} from "./claims.ts";

/** Longest lifetime of an ECT accepted here, seconds; the text recommends 300, reference code uses 600 (README trap 5). */
const MAX_ECT_LIFETIME_S = 900;

/**
 * Reads both versions (ECT-21): -00's `par` and `ext` become `pred` and `ect_ext`; a token with both `par` and `pred` is
 * refused. The legacy `typ` alone does not make old names acceptable elsewhere: `verifyEct` checks the pairing.
 */
export const ectPayloadSchema: z.ZodType<EctClaims> = z.preprocess((payload) => {
  if (typeof payload !== "object" || payload === null || !("par" in payload || "ext" in payload)) return payload;
  if ("par" in payload && "pred" in payload) return { ...payload, pred: undefined };
  const { par, ext, ...rest } = payload as { par?: unknown; ext?: unknown };
  return { ...rest, ...(par === undefined ? {} : { pred: par }), ...(ext === undefined ? {} : { ect_ext: ext }) };
}, ectClaimsSchema);

export const ECT_TYPE: TokenType<EctClaims> = {
  typ: ["exec+jwt", "wimse-exec+jwt"],
  schema: ectPayloadSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => MAX_ECT_LIFETIME_S,
  replayScope: (claims) => (claims.wid === undefined ? `ect ${claims.jti}` : `ect ${claims.wid} ${claims.jti}`),
};

export const INTENT_TYPE: TokenType<IntentClaims> = {
  typ: ["intent+jwt"],
  schema: intentClaimsSchema,
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => 600,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};

export const RECORD_TYPE: TokenType<RecordClaims> = {
  typ: ["record+jwt"],
  schema: recordClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};
