import { base64url } from "jose";
import { err, ok, type Result } from "./result.ts";

const encoder = new TextEncoder();

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; bytes that are no UTF-8 are refused, never replaced. */
export function fromUtf8(bytes: Uint8Array): Result<string, { readonly code: "not_utf8" }> {
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return err({ code: "not_utf8" });
  }
}

/** base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return base64url.encode(bytes);
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

/**
 * Bytes of an unpadded base64url text, or null. Strict: padding, white space and non-zero trailing bits are refused, so
 * that one byte string has one spelling (ECT-S1).
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!BASE64URL.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(base64url.decode(text));
  return base64url.encode(bytes) === text ? bytes : null;
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
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
