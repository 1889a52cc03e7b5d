import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { fromBase64 } from "./base64.ts";
import type { NoteKey } from "./note-key.ts";
import { readNote, type SignedNote, verifyNote } from "./signed-note.ts";

/** What a log says its tree is (C2SP tlog-checkpoint); `extensions` are lines that only some logs have. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
}

export interface Witnessed {
  readonly name: string;
  readonly timeS: number | null;
  readonly key: NoteKey;
}

/** A checkpoint that its log has signed. */
export interface VerifiedCheckpoint extends Checkpoint {
  /** Witnesses whose signatures hold, each with the time it saw it at, epoch seconds, by its own word. */
  readonly witnessed: readonly Witnessed[];
  /** Names of signatures by keys that were not given: they prove nothing. */
  readonly unknown: readonly string[];
}

const ROOT_BYTES = 32;

/** Reads the text of a note as a checkpoint. Refusal: `checkpoint_malformed`. */
export function readCheckpoint({ text }: Pick<SignedNote, "text">): Result<Checkpoint, Refusal> {
  const malformed = (detail: string): Result<never, Refusal> => err(refusal("checkpoint_malformed", detail));
  const [origin = "", size = "", root = "", ...rest] = text.split("\n");
  const extensions = rest.slice(0, -1);
  if (origin === "") return malformed("its first line, the log's name, is empty");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    return malformed("its second line is no size of a tree");
  const bytes = fromBase64(root);
  if (bytes?.length !== ROOT_BYTES) return malformed("its third line is no root of a tree");
  if (extensions.includes("")) return malformed("it has an empty line");
  return ok({ origin, size: Number(size), root: bytes, extensions });
}

/**
 * Reads a checkpoint that one of the logs given has signed, under its own name. A witness that has signed it and is among
 * `witnesses` is named; one whose signature does not hold makes the checkpoint refused, one that is not known does not.
 * Refusals: `note_malformed`, `checkpoint_malformed`, `checkpoint_origin_unknown`, `note_signature_missing`,
 * `note_signature_invalid`.
 */
export async function verifyCheckpoint(
  noteText: string,
  logs: readonly NoteKey[],
  witnesses: readonly NoteKey[] = [],
): Promise<Result<VerifiedCheckpoint, Refusal>> {
  const note = readNote(noteText);
  if (!note.ok) return note;
  const checkpoint = readCheckpoint(note.value);
  if (!checkpoint.ok) return checkpoint;
  const { origin } = checkpoint.value;
  const own = logs.filter(({ name, kind }) => kind !== "cosignature" && namesLog(origin, name));
  if (own.length === 0)
    return err(refusal("checkpoint_origin_unknown", "it is by a log whose key was not given", { claim: "origin" }));
  let refused: Refusal | null = null;
  let signed = false;
  for (const log of own) {
    const verdict = await verifyNote(note.value, log);
    if (verdict.signed) signed = true;
    else if (refused === null || verdict.code === "note_signature_invalid")
      refused = refusal(verdict.code, SAID[verdict.code]);
  }
  if (!signed) return err(refused ?? refusal("note_signature_missing", SAID.note_signature_missing));
  const witnessed: Witnessed[] = [];
  // The log itself is nobody else, whichever list its key is in.
  for (const witness of witnesses.filter(({ name }) => !namesLog(origin, name))) {
    const verdict = await verifyNote(note.value, witness);
    if (verdict.signed) witnessed.push({ name: witness.name, timeS: verdict.timeS, key: witness });
    else if (verdict.code === "note_signature_invalid")
      return err(refusal(verdict.code, "a witness's signature does not hold"));
  }
  const known = new Set([...logs, ...witnesses].map(({ name }) => name));
  const unknown = note.value.signatures.map(({ name }) => name).filter((name) => !known.has(name));
  return ok({ ...checkpoint.value, witnessed, unknown });
}

const SAID = {
  note_signature_missing: "the log has not signed it",
  note_signature_invalid: "the log's signature does not hold",
} as const;

/** Whether a key of this name is the log's. Rekor's first version writes the number of a tree behind its name. */
export const namesLog = (origin: string, name: string): boolean => origin === name || origin.startsWith(`${name} - `);
