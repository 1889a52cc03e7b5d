import { base64url } from "jose";
import { err, ok, type Result } from "./result.ts";

const encoder = new TextEncoder();

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Room for texts that are read at once, in bytes; longer ones get their own. */
const room = new Uint8Array(65_536);

/** Gives the UTF-8 bytes of a text to `use`, which does not keep them: they are written over by the next text. */
export function withUtf8<T>(text: string, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
  // A code unit has three bytes at most.
  if (text.length * 3 > room.length) return use(utf8(text));
  return use(room.subarray(0, encoder.encodeInto(text, room).written));
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of UTF-8 bytes; bytes that are no UTF-8 are refused, never replaced. */
export function fromUtf8(bytes: Uint8Array): Result<string, { readonly code: "not_utf8" }> {
  try {
    return ok(decoder.decode(bytes));
  } catch {
    return err({ code: "not_utf8" });
  }
}

/** base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return base64url.encode(bytes);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Above every value of the alphabet, in bits that none of them has. */
const FOREIGN = 0xc0;
/** The six bits of a character, by its code. */
const SEXTETS = new Uint8Array(128).fill(FOREIGN);
for (const [value, char] of [...ALPHABET].entries()) SEXTETS[char.charCodeAt(0)] = value;

/**
 * Bytes of an unpadded base64url text, or null. Strict: padding, white space and non-zero trailing bits are refused, so
 * that one byte string has one spelling (ECT-S1). By table: three times a token, this is what a token costs most.
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  const left = text.length % 4;
  if (left === 1) return null;
  const whole = text.length - left;
  const bytes = new Uint8Array((whole / 4) * 3 + Math.max(0, left - 1));
  let seen = 0;
  let to = 0;
  for (let at = 0; at < whole; at += 4) {
    const a = sextet(text, at);
    const b = sextet(text, at + 1);
    const c = sextet(text, at + 2);
    const d = sextet(text, at + 3);
    seen |= a | b | c | d;
    bytes[to++] = (a << 2) | (b >> 4);
    bytes[to++] = (b << 4) | (c >> 2);
    bytes[to++] = (c << 6) | d;
  }
  if (left > 0) {
    const a = sextet(text, whole);
    const b = sextet(text, whole + 1);
    const c = left === 3 ? sextet(text, whole + 2) : 0;
    seen |= a | b | c;
    bytes[to++] = (a << 2) | (b >> 4);
    if (left === 3) bytes[to] = (b << 4) | (c >> 2);
    const unused = left === 3 ? c & 0x03 : b & 0x0f;
    if (unused !== 0) return null;
  }
  return (seen & FOREIGN) === 0 ? bytes : null;
}

function sextet(text: string, at: number): number {
  return SEXTETS[text.charCodeAt(at)] ?? FOREIGN;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
