import { ECDSASigValue } from "@peculiar/asn1-ecc";
import { AsnConvert } from "@peculiar/asn1-schema";
import { concatBytes, equalBytes, toHex, utf8 } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { fromBase64 } from "./base64.ts";

/** A key that signs notes. A `cosignature` key is a witness's: it signs the note with the time it saw it at. */
export interface NoteKey {
  readonly name: string;
  /** The first four bytes of its id, which begin its signatures. */
  readonly hint: Uint8Array;
  readonly kind: "ed25519" | "ecdsa" | "cosignature";
  readonly key: CryptoKey;
}

/** The first byte of an encoded key (C2SP signed-note, tlog-cosignature). */
const KINDS: Readonly<Record<number, NoteKey["kind"]>> = { 1: "ed25519", 4: "cosignature" };
const COORDINATE_BYTES = 32;

/** Reads a verifier key, `name+hint+key` (C2SP signed-note). Refusal: `note_key_invalid`. */
export async function readVerifierKey(text: string, sha256: Sha256): Promise<Result<NoteKey, Refusal>> {
  const [, name = "", given = "", rest = ""] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const encoded = fromBase64(rest);
  if (name === "" || encoded === null) return invalid("it is not of the form name+hint+key");
  const kind = KINDS[encoded[0] ?? 0];
  if (kind === undefined) return invalid("it is of a kind that is not known here");
  const hint = hintOf(name, encoded, sha256);
  if (toHex(hint) !== given) return invalid("its hint is another key's");
  return imported({ name, hint, kind }, "raw", encoded.subarray(1));
}

/**
 * The key of a log that is known by its SubjectPublicKeyInfo and the id that its entries name (Sigstore's trusted root).
 * P-256 or Ed25519. Refusal: `note_key_invalid`.
 */
export async function noteKeyOfSpki(
  name: string,
  keyId: Uint8Array,
  spki: Uint8Array<ArrayBuffer>,
): Promise<Result<NoteKey, Refusal>> {
  const hint = keyId.subarray(0, 4);
  if (hint.length !== 4) return invalid("the log's id is too short");
  for (const kind of ["ed25519", "ecdsa"] as const) {
    const key = await imported({ name, hint, kind }, "spki", spki);
    if (key.ok) return key;
  }
  return invalid("it is no P-256 or Ed25519 key");
}

/** Whether these bytes were signed by the key; ECDSA signatures are in ASN.1 (RFC 3279). */
export async function verifyBytes(
  { key, kind }: NoteKey,
  signature: Uint8Array,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (kind !== "ecdsa") return crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), bytes);
  const raw = rawSignature(signature);
  return raw !== null && crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, raw, bytes);
}

/** Both numbers side by side, as WebCrypto takes them; null where they are none of this curve. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  try {
    const value = AsnConvert.parse(new Uint8Array(der), ECDSASigValue);
    // One signature has one spelling.
    if (!equalBytes(new Uint8Array(AsnConvert.serialize(value)), der)) return null;
    const raw = new Uint8Array(2 * COORDINATE_BYTES);
    for (const [at, integer] of [value.r, value.s].entries()) {
      const bytes = new Uint8Array(integer);
      const digits = bytes.subarray(bytes[0] === 0 ? 1 : 0);
      if (digits.length > COORDINATE_BYTES) return null;
      raw.set(digits, (at + 1) * COORDINATE_BYTES - digits.length);
    }
    return raw;
  } catch {
    // Bytes from outside that are no such structure: an expected no.
    return null;
  }
}

async function imported(
  about: Omit<NoteKey, "key">,
  format: "raw" | "spki",
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Result<NoteKey, Refusal>> {
  const algorithm = about.kind === "ecdsa" ? { name: "ECDSA", namedCurve: "P-256" } : "Ed25519";
  try {
    return ok({ ...about, key: await crypto.subtle.importKey(format, bytes, algorithm, false, ["verify"]) });
  } catch (error) {
    // The key comes from outside: one of another kind or length is an expected no.
    return invalid(error instanceof Error && error.message !== "" ? error.message : "it cannot be imported");
  }
}

const invalid = (detail: string): Result<never, Refusal> => err(refusal("note_key_invalid", detail));

/** The first four bytes of a key's id (C2SP signed-note: SHA-256 of the name, a line feed, and the encoded key). */
export function hintOf(name: string, encoded: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), encoded)).subarray(0, 4);
}
