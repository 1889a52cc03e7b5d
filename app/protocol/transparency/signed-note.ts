import { equalBytes, utf8 } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { fromBase64 } from "./base64.ts";
import { type NoteKey, verifyBytes } from "./note-key.ts";

/** A line of a note that says who signed it: a name, the first bytes of a key's id, and the signature. */
export interface NoteSignature {
  readonly name: string;
  /** Four bytes. */
  readonly hint: Uint8Array;
  readonly signature: Uint8Array;
}

/** A text and its signatures (C2SP signed-note). Nothing of it is verified yet. */
export interface SignedNote {
  /** What is signed, with its last line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** What one key says about a note. `timeS`: when a witness saw it, epoch seconds, by its own word (C2SP tlog-cosignature). */
export type NoteVerdict =
  | { readonly signed: true; readonly timeS: number | null }
  | { readonly signed: false; readonly code: "note_signature_missing" | "note_signature_invalid" };

const MAX_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f]/;

/** Reads a note. Refusal: `note_malformed`. */
export function readNote(note: string): Result<SignedNote, Refusal> {
  const malformed = (detail: string): Result<never, Refusal> => err(refusal("note_malformed", detail));
  if (note.length > MAX_CHARACTERS) return malformed("it is longer than a million characters");
  if (CONTROL.test(note)) return malformed("it has control characters");
  const end = note.lastIndexOf("\n\n");
  if (end === -1) return malformed("no empty line is before its signatures");
  const lines = note.slice(end + 2).split("\n");
  if (lines.pop() !== "") return malformed("it does not end with a line feed");
  if (lines.length === 0) return malformed("nobody has signed it");
  if (lines.length > MAX_SIGNATURES) return malformed(`it has more than ${MAX_SIGNATURES} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [, name = "", encoded = ""] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (name === "" || bytes === null || bytes.length < 5) return malformed("a line below the text is no signature");
    signatures.push({ name, hint: bytes.subarray(0, 4), signature: bytes.subarray(4) });
  }
  return ok({ text: note.slice(0, end + 1), signatures });
}

/** Whether the holder of a key has signed a note. Signatures by others, known or not, say nothing about it. */
export async function verifyNote(note: SignedNote, key: NoteKey): Promise<NoteVerdict> {
  const own = note.signatures.filter(({ name, hint }) => name === key.name && equalBytes(hint, key.hint));
  if (own.length === 0) return { signed: false, code: "note_signature_missing" };
  for (const { signature } of own) {
    const timeS = key.kind === "cosignature" ? timeOf(signature) : null;
    const verified =
      key.kind !== "cosignature"
        ? await verifyBytes(key, signature, utf8(note.text))
        : timeS !== null &&
          (await verifyBytes(key, signature.subarray(8), utf8(`cosignature/v1\ntime ${timeS}\n${note.text}`)));
    if (!verified) return { signed: false, code: "note_signature_invalid" };
    if (timeS !== null) return { signed: true, timeS };
  }
  return { signed: true, timeS: null };
}

/** The eight bytes before a witness's signature; null for a time that no number here holds. */
function timeOf(signature: Uint8Array): number | null {
  if (signature.length < 8) return null;
  const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  return time > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(time);
}
