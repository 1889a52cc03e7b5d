import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** Longest compact token, bytes (CTV 1). */
export const MAX_TOKEN_BYTES = 16_384;

export interface CompactParts {
  readonly header: JsonObject & { readonly alg?: string; readonly kid?: string; readonly typ?: string };
  readonly payload: JsonObject;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** CTV 1 to 3: size, three strict base64url segments, two JSON objects without repeated members, no `crit` we do not know. */
export function parseCompact(compact: string): Result<CompactParts, Refusal> {
  const size = checkSize(compact);
  if (!size.ok) return size;
  const segments = checkSegments(compact);
  return segments.ok ? checkObjects(segments.value) : segments;
}

/** CTV 1. The alphabet is ASCII, so characters are bytes for every token that passes step 2. */
export function checkSize(compact: string): Result<void, Refusal> {
  return compact.length <= MAX_TOKEN_BYTES
    ? ok(undefined)
    : err(refusal("token_too_large", `a token has at most ${MAX_TOKEN_BYTES} bytes`));
}

/** CTV 2. */
export function checkSegments(compact: string): Result<readonly Uint8Array<ArrayBuffer>[], Refusal> {
  const parts = compact.split(".");
  const segments = parts.map((part, at) =>
    part === "" ? null : at === 0 ? readHeader(part).bytes : fromBase64url(part),
  );
  if (parts.length !== 3 || segments.some((segment) => segment === null)) {
    return err(refusal("token_malformed", "three non-empty base64url segments without padding are expected"));
  }
  return ok(segments.filter((segment) => segment !== null));
}

/** CTV 3. */
export function checkObjects(segments: readonly Uint8Array<ArrayBuffer>[]): Result<CompactParts, Refusal> {
  const [headerBytes, payloadBytes, signature] = segments;
  const known = headerBytes === undefined ? undefined : knownHeaders.get(headerBytes);
  const header = headerBytes === undefined ? null : known === undefined ? readObject(headerBytes) : known.object;
  const payload = payloadBytes === undefined ? null : readObject(payloadBytes);
  if (header === null || payload === null || signature === undefined) {
    return err(refusal("token_malformed", "header and payload are JSON objects without repeated member names"));
  }
  if (!numbersAreExact(payload)) return inexact();
  const checked = known?.checked ?? checkMembers(header);
  return checked.ok ? ok({ header: checked.value, payload, signature }) : checked;
}

interface ReadHeader {
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly object: JsonObject | null;
  readonly checked: Result<CompactParts["header"], Refusal> | null;
}

/**
 * Headers repeat: a log has as many different ones as it has keys and types, so each is read once. By its text, and again by
 * its bytes for who has those.
 */
const headersRead = new Map<string, ReadHeader>();
const knownHeaders = new WeakMap<Uint8Array, ReadHeader>();
/** Kept at most, and of at most so many characters each: what comes from outside fills no memory. */
const MOST_HEADERS = 1024;
const LONGEST_HEADER = 512;

function readHeader(text: string): ReadHeader {
  const known = headersRead.get(text);
  if (known !== undefined) return known;
  const bytes = text === "" ? null : fromBase64url(text);
  const object = bytes === null ? null : readObject(bytes);
  const read = { bytes, object, checked: object === null ? null : checkMembers(object) };
  if (bytes !== null) knownHeaders.set(bytes, read);
  if (text.length > LONGEST_HEADER) return read;
  if (headersRead.size >= MOST_HEADERS) headersRead.clear();
  headersRead.set(text, read);
  return read;
}

/** CTV 3 for a header alone, of a JWS whose payload need not be JSON. */
export function checkHeader(bytes: Uint8Array): Result<CompactParts["header"], Refusal> {
  const header = readObject(bytes);
  return header === null
    ? err(refusal("token_malformed", "the header is a JSON object without repeated member names"))
    : checkMembers(header);
}

/** No `crit` extension is known here, so any entry is unknown. */
function checkMembers(header: JsonObject): Result<CompactParts["header"], Refusal> {
  if (!numbersAreExact(header)) return inexact();
  if (header.crit !== undefined)
    return err(refusal("token_malformed", "a critical header extension is not understood"));
  const wrong = ["alg", "kid", "typ"].find((name) => header[name] !== undefined && typeof header[name] !== "string");
  return wrong === undefined
    ? ok(header as CompactParts["header"])
    : err(refusal("token_malformed", `the header member ${wrong} is a string`));
}

function inexact(): Result<never, Refusal> {
  return err(refusal("token_malformed", "numbers are integers within 2^53 - 1, or finite decimals"));
}

function readObject(bytes: Uint8Array): JsonObject | null {
  const text = fromUtf8(bytes);
  if (!text.ok) return null;
  const value = parseStrictJson(text.value);
  if (!value.ok || value.value === null || typeof value.value !== "object" || Array.isArray(value.value)) return null;
  return value.value as JsonObject;
}

/** COM-13. A larger integer was rounded by reading it, and one beyond all doubles became infinite. */
export function numbersAreExact(value: Json): boolean {
  if (typeof value === "number")
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return value === null || typeof value !== "object" || Object.values(value).every(numbersAreExact);
}

/** The normal form of a `typ`: no `application/` prefix, lower case (CTV 4). */
export function normalTyp(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, "");
}

/** The algorithm a token says it is signed with, without trusting it; null when its header cannot be read. */
export function peekAlg(compact: string): string | null {
  const header = readHeader(compact.slice(0, Math.max(0, compact.indexOf(".")))).object;
  return header !== null && typeof header.alg === "string" ? header.alg : null;
}

/** The type a token says it has, without trusting it; null when its header cannot be read. For routing only. */
export function peekTyp(compact: string): string | null {
  const header = readHeader(compact.slice(0, Math.max(0, compact.indexOf(".")))).object;
  return header !== null && typeof header.typ === "string" ? normalTyp(header.typ) : null;
}
