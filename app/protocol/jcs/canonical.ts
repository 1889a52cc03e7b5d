import canonicalize from "canonicalize";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";

/** RFC 8785 text of a JSON value; lone surrogates, NaN and infinities are refused (COM-13). */
export function canonicalText(value: Json): Result<string, Refusal> {
  try {
    const text = canonicalize(value);
    if (text === undefined) return err(refusal("json_malformed", "not a JSON value"));
    if (!text.isWellFormed()) return err(refusal("json_malformed", "a lone surrogate has no canonical form"));
    return ok(text);
  } catch (error) {
    return err(refusal("json_malformed", error instanceof Error ? error.message : "no canonical form"));
  }
}

/** The canonical bytes: UTF-8 of the canonical text. */
export function canonicalBytes(value: Json): Result<Uint8Array, Refusal> {
  const text = canonicalText(value);
  return text.ok ? ok(utf8(text.value)) : text;
}

/** Object digest (spec README section 4): base64url SHA-256 of the canonical bytes. */
export function objectDigest(value: Json, sha256: Sha256): Result<string, Refusal> {
  const bytes = canonicalBytes(value);
  return bytes.ok ? ok(toBase64url(sha256(bytes.value))) : bytes;
}
