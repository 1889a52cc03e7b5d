import type { Json, JsonObject } from "../../base/json.ts";
import { BET_TYP } from "../behavior/bet-typ.ts";
import { ECT_TYP, LEGACY_ECT_TYP } from "../ect/ect-token.ts";
import { type PublicJwk, publicJwkSchema } from "../identity/claims.ts";
import { EVIDENCE_REQUEST_TYP } from "./request.ts";

const START = "run_start";
const RECORDED_RUN = "recorded-run+json";
/** `{jti, hash}` of the policy a start is issued under. */
const ACP_KEY = "org.signalbox.acp";

/**
 * What the parts of a pack are made of: the few members of a token that say which others it rests on. Read from claims
 * that were verified, or, when a pack is made, from the log's own entries.
 */
export interface TokenNote {
  readonly typ: string;
  readonly jti: string | null;
  readonly iss: string | null;
  /** When it says it was made, epoch seconds. */
  readonly iat: number | null;
  /** An identity: the key it brings and whose it is. */
  readonly key: { readonly kid: string; readonly subject: string; readonly jwk: PublicJwk } | null;
  /** An ECT: its task and what it followed. */
  readonly task: { readonly jti: string; readonly pred: readonly string[] } | null;
  /** A start: the policy and the object it names. */
  readonly policy: { readonly jti: string; readonly hash: string } | null;
  readonly object: string | null;
  /** A decision: what was shown. */
  readonly view: { readonly hash: string; readonly shownAt: number; readonly request: string | null } | null;
  /** A request for a pack. */
  readonly request: { readonly purpose: string; readonly selection: Json; readonly redact: readonly number[] } | null;
}

export function noteOf(typ: string, claims: JsonObject): TokenNote {
  const ect = typ === ECT_TYP || typ === LEGACY_ECT_TYP;
  const start = ect && claims.exec_act === START ? objectOf(claims.ect_ext) : null;
  const jti = textOf(claims.jti);
  return {
    typ,
    jti,
    iss: textOf(claims.iss),
    iat: typeof claims.iat === "number" ? claims.iat : null,
    key: typ === "wit+jwt" ? keyOf(claims) : null,
    // Evidence of conduct is an execution context of the same DAG (BEH-3).
    task: (ect || typ === BET_TYP) && jti !== null ? { jti, pred: textsOf(claims.pred ?? claims.par) } : null,
    policy: start === null ? null : referenceOf(start[ACP_KEY]),
    object: start !== null && start.obj_typ === RECORDED_RUN ? textOf(start.obj_hash) : null,
    view: typ === "hitl-decision+jwt" ? viewOf(objectOf(claims.view), textOf(objectOf(claims.request)?.jti)) : null,
    request:
      typ === EVIDENCE_REQUEST_TYP
        ? {
            purpose: textOf(claims.purpose) ?? "",
            selection: claims.selection ?? null,
            redact: numbersOf(claims.redact),
          }
        : null,
  };
}

function keyOf(claims: JsonObject): TokenNote["key"] {
  const jwk = publicJwkSchema.safeParse(objectOf(claims.cnf)?.jwk);
  const subject = textOf(claims.sub);
  if (!jwk.success || jwk.data.kid === undefined || subject === null) return null;
  return { kid: jwk.data.kid, subject, jwk: jwk.data };
}

function viewOf(view: JsonObject | null, request: string | null): TokenNote["view"] {
  const hash = textOf(view?.hash);
  return hash === null || typeof view?.shown_at !== "number" ? null : { hash, shownAt: view.shown_at, request };
}

function referenceOf(value: Json | undefined): TokenNote["policy"] {
  const read = objectOf(value);
  const [jti, hash] = [textOf(read?.jti), textOf(read?.hash)];
  return jti === null || hash === null ? null : { jti, hash };
}

const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const textsOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const numbersOf = (value: Json | undefined): number[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];
const objectOf = (value: Json | undefined): JsonObject | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
