import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { parseStrictJson } from "../jcs/strict-json.ts";
import { parseCompact, peekTyp } from "../jose/compact.ts";
import { fromBase64 } from "./base64.ts";
import { readBundle } from "./tiles.ts";

/** Something pasted that is a proof of a transparency log, ours or another's, by its looks alone. */
export type Foreign =
  | { readonly kind: "note"; readonly note: string }
  | { readonly kind: "witness_request"; readonly text: string }
  | { readonly kind: "signature_lines"; readonly text: string }
  | { readonly kind: "bundle"; readonly json: Json }
  | { readonly kind: "receipt"; readonly token: string }
  | { readonly kind: "cose"; readonly bytes: Uint8Array }
  | { readonly kind: "entries"; readonly entries: readonly Uint8Array[] }
  | { readonly kind: "tile"; readonly bytes: Uint8Array };

const DASH = "\u2014 ";
/** Tag 18 as CBOR begins it. */
const COSE_SIGN1 = 0xd2;
const MAX_TILE_BYTES = 256 * 32;

/** Null for what is none of them: a token, or nothing known. White space at the ends comes from copying. */
export function foreignOf(pasted: string): Foreign | null {
  const text = pasted.replaceAll("\r\n", "\n").trim();
  if (text.startsWith(DASH)) return { kind: "signature_lines", text: `${text}\n` };
  if (text.includes(`\n${DASH}`))
    return text.startsWith("old ")
      ? { kind: "witness_request", text: `${text}\n` }
      : { kind: "note", note: `${text}\n` };
  if (text.startsWith("{")) {
    const json = parseStrictJson(text);
    const isBundle =
      json.ok && json.value !== null && typeof json.value === "object" && "verificationMaterial" in json.value;
    return isBundle ? { kind: "bundle", json: json.value } : null;
  }
  if (peekTyp(text) === "audit-receipt+jwt") return { kind: "receipt", token: text };
  const bytes = bytesOf(text);
  if (bytes === null) return null;
  if (bytes[0] === COSE_SIGN1) return { kind: "cose", bytes };
  // Lengths that fit to the last byte are no accident; hashes have none.
  const entries = readBundle(bytes, null);
  if (entries.ok) return { kind: "entries", entries: entries.value };
  const isTile = bytes.length % 32 === 0 && bytes.length > 0 && bytes.length <= MAX_TILE_BYTES;
  return isTile ? { kind: "tile", bytes } : null;
}

/** Base64 of either alphabet over any number of lines; short words are words. */
function bytesOf(text: string): Uint8Array | null {
  const joined = text.replaceAll(/\s+/g, "");
  if (joined.length < 43) return null;
  return fromBase64(joined) ?? fromBase64url(joined);
}

/** What is given beside it: whom to believe, and what it may be held against. */
export interface Beside {
  /** Verifier keys of notes, `name+hint+key`. */
  readonly verifierKeys: readonly string[];
  /** Keys and trusted roots as JSON. */
  readonly json: readonly Json[];
  /** Compact tokens that receipts may be for. */
  readonly tokens: readonly string[];
  readonly note: string | null;
  /** Lines that are none of these. */
  readonly unread: number;
}

const VERIFIER_KEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/;

/** Reads what is beside it: keys and tokens a line each, JSON of one value, and at most one checkpoint. */
export function besideOf(text: string): Beside {
  const trimmed = text.replaceAll("\r\n", "\n").trim();
  const whole = trimmed.startsWith("{") || trimmed.startsWith("[") ? parseStrictJson(trimmed) : null;
  if (whole?.ok === true)
    return {
      verifierKeys: [],
      json: Array.isArray(whole.value) ? whole.value : [whole.value],
      tokens: [],
      note: null,
      unread: 0,
    };
  const verifierKeys: string[] = [];
  const json: Json[] = [];
  const tokens: string[] = [];
  const rest: string[] = [];
  for (const line of trimmed.split("\n")) {
    const word = line.trim();
    const value = word.startsWith("{") ? parseStrictJson(word) : null;
    if (VERIFIER_KEY.test(word)) verifierKeys.push(word);
    else if (value?.ok === true) json.push(value.value);
    else if (parseCompact(word).ok) tokens.push(word);
    else rest.push(line);
  }
  const remaining = rest.join("\n").trim();
  const isNote = remaining.includes(`\n${DASH}`);
  const unread = isNote || remaining === "" ? 0 : remaining.split("\n").filter((line) => line.trim() !== "").length;
  return { verifierKeys, json, tokens, note: isNote ? `${remaining}\n` : null, unread };
}

/** Text of a file as it is looked at: its text, or its bytes in base64. */
export function textOfFile(bytes: Uint8Array, toBase64: (bytes: Uint8Array) => string): string {
  const text = fromUtf8(bytes);
  const binary = !text.ok || text.value.includes("\u0000");
  return binary ? toBase64(bytes) : text.value;
}
