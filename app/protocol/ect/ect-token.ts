import * as z from "zod";
import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { messageType, type TokenType } from "../jose/token-type.ts";
import {
  type EctClaims,
  ectClaimsSchema,
  type IntentClaims,
  intentClaimsSchema,
  type RecordClaims,
  recordClaimsSchema,
} from "./claims.ts";

/** Longest lifetime of an ECT accepted here, seconds; the text recommends 300, reference code uses 600 (README trap 5). */
export const MAX_ECT_LIFETIME_S = 900;
/** The type of -01, and the one of -00 that is still in the wild. */
export const ECT_TYP = "exec+jwt";
export const LEGACY_ECT_TYP = "wimse-exec+jwt";

/** A payload under the names of -01, and the version whose names it used: there is no version marker (README trap 1). */
export interface NamedPayload {
  readonly payload: JsonObject;
  readonly version: "-00" | "-01";
}

/**
 * Reads both versions (ECT-21). Only the legacy type makes the names of -00 mean anything: there `par` and `ext` become
 * `pred` and `ect_ext`, and the policy claims that reference code wrote at top level go where -01 has them. A member
 * under both names is refused, whatever the type: two readers would see two different records.
 */
export function readEctNames(payload: JsonObject, typ: string): Result<NamedPayload, Refusal> {
  if ("par" in payload && "pred" in payload) return twice("pred", "par and pred");
  if (typ !== LEGACY_ECT_TYP) return ok({ payload, version: "-01" });
  if ("ext" in payload && "ect_ext" in payload) return twice("ect_ext", "ext and ect_ext");
  const { par, ext, pol, pol_decision, ...rest } = payload;
  const policy = Object.entries({ pol, pol_decision }).filter(
    (member): member is [string, Json] => member[1] !== undefined,
  );
  const named: JsonObject = {
    ...rest,
    ...(par === undefined ? {} : { pred: par }),
    ...(ext === undefined ? {} : { ect_ext: ext }),
  };
  const version = par === undefined && ext === undefined && policy.length === 0 ? "-01" : "-00";
  if (policy.length === 0) return ok({ payload: named, version });
  const into = named.ect_ext ?? {};
  if (typeof into !== "object" || into === null || Array.isArray(into)) return ok({ payload: named, version });
  const clash = policy.find(([name, value]) => Object.hasOwn(into, name) && (into as JsonObject)[name] !== value);
  if (clash !== undefined) return twice(clash[0], `${clash[0]} at top level and in the extension object`);
  return ok({ payload: { ...named, ect_ext: { ...into, ...Object.fromEntries(policy) } }, version });
}

function twice(claim: string, what: string): Result<never, Refusal> {
  return err(refusal("ect_claim_invalid", `${what} are both present`, { claim }));
}

const payloadSchema = (typ: string): z.ZodType<EctClaims> =>
  z.preprocess((payload, context) => {
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return payload;
    const named = readEctNames(payload as JsonObject, typ);
    if (named.ok) return named.value.payload;
    const { claim = "", detail } = named.error;
    context.addIssue({ code: "custom", message: detail, path: [claim], input: payload });
    return z.NEVER;
  }, ectClaimsSchema);

const ectType = (typ: string): TokenType<EctClaims> => ({
  typ: [typ],
  schema: payloadSchema(typ),
  audience: "required",
  expiry: "required",
  maxLifetimeS: () => MAX_ECT_LIFETIME_S,
  replayScope: (claims) => ectScope(claims.jti, claims.wid),
});

/** Where a task id is used once: in its workflow, or everywhere when it names none (ECT-12, COM-7). */
export function ectScope(jti: string, wid: string | undefined): string {
  return wid === undefined ? `ect ${jti}` : `ect ${wid} ${jti}`;
}

export const ECT_TYPE: TokenType<EctClaims> = ectType(ECT_TYP);
export const LEGACY_ECT_TYPE: TokenType<EctClaims> = ectType(LEGACY_ECT_TYP);

export const INTENT_TYPE: TokenType<IntentClaims> = messageType("intent+jwt", intentClaimsSchema, 600);

export const RECORD_TYPE: TokenType<RecordClaims> = {
  typ: ["record+jwt"],
  schema: recordClaimsSchema,
  audience: "none",
  expiry: "none",
  maxLifetimeS: () => null,
  replayScope: (claims) => `${claims.iss} ${claims.jti}`,
};
