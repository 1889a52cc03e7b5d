import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { checkSize, numbersAreExact, peekTyp } from "../jose/compact.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { ECT_TYP, LEGACY_ECT_TYP } from "./ect-token.ts";

/** What a received value is, before anything in it is believed. */
export type EctForm =
  | { readonly kind: "signed" }
  | { readonly kind: "unsigned"; readonly payload: JsonObject; readonly payloadText: string };

/**
 * D1 steps 1 to 3: a compact JWS first (ECT-23), an unsigned record otherwise. What looks signed is never read again as
 * unsigned, however broken it is (ECT-24): a value with dots has no base64url reading as a whole. Refusal: `ect_malformed`.
 */
export function detectForm(input: string): Result<EctForm, Refusal> {
  const size = checkSize(input);
  if (!size.ok) return err(malformed(size.error.detail));
  const segments = input.split(".");
  if (segments.length === 3) {
    const header = readObject(segments[0] ?? "");
    return header !== null && "alg" in header.object
      ? ok({ kind: "signed" })
      : err(malformed("three segments, of which the first is no JWS header"));
  }
  const record = readObject(input);
  if (record === null) return err(malformed("neither a compact JWS nor base64url of a JSON object"));
  if (!("jti" in record.object) || !("exec_act" in record.object))
    return err(malformed("an unsigned record has jti and exec_act"));
  return ok({ kind: "unsigned", payload: record.object, payloadText: record.text });
}

/** Whether a value is to be verified as an ECT: by the type it names, or as an unsigned record. For routing only. */
export function looksLikeEct(input: string): boolean {
  const typ = peekTyp(input);
  if (typ !== null) return typ === ECT_TYP || typ === LEGACY_ECT_TYP;
  const form = detectForm(input);
  return form.ok && form.value.kind === "unsigned";
}

/** The workflow a value says it belongs to, unverified: it chooses which minimum applies, and is verified before anything counts. */
export function peekWid(input: string, form: EctForm): string | undefined {
  const payload = form.kind === "unsigned" ? form.payload : readObject(input.split(".")[1] ?? "")?.object;
  return typeof payload?.wid === "string" ? payload.wid : undefined;
}

/** The task id a value says it has, unverified, for the log of attempts (ECT-34). */
export function peekJti(input: string): string | null {
  if (!checkSize(input).ok) return null;
  const segments = input.split(".");
  const jti = readObject(segments.length === 3 ? (segments[1] ?? "") : input)?.object.jti;
  return typeof jti === "string" ? jti.slice(0, 64) : null;
}

function readObject(encoded: string): { readonly object: JsonObject; readonly text: string } | null {
  const bytes = encoded === "" ? null : fromBase64url(encoded);
  const text = bytes === null ? null : fromUtf8(bytes);
  if (text === null || !text.ok) return null;
  const value = parseStrictJson(text.value);
  if (!value.ok || value.value === null || typeof value.value !== "object" || Array.isArray(value.value)) return null;
  const object = value.value as JsonObject;
  return numbersAreExact(object) ? { object, text: text.value } : null;
}

function malformed(detail: string): Refusal {
  return refusal("ect_malformed", detail);
}
