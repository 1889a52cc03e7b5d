import { assert } from "../base/assert.ts";
import { toBase64url } from "../base/bytes.ts";
import type { Frame, LogHead } from "../engine/ports.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { EMPTY_ROOT } from "../protocol/merkle/tree.ts";

/** What every storage technology agrees on. */

/** Entries in a full segment, and the most a read hands over at once. */
export const SEGMENT = 1000;

/** The head of a domain that was never written. */
export const EMPTY_HEAD: LogHead = { size: 0, root: toBase64url(EMPTY_ROOT), frontier: [] };

/** A frame that does not continue the log where it says is a bug of the writer, not a refusal: it must never be stored. */
export function assertFrame(expectedSize: number, frame: Frame): void {
  assert(frame.head.size === expectedSize + frame.entries.length, "a frame's head counts its entries");
  assert(
    frame.entries.every((entry, index) => entry.seq === expectedSize + index),
    "a frame's entries are numbered without a gap",
  );
}

/**
 * What can be read of stored entries. Storage may be damaged: a value without an entry's shape is left out, so that
 * verification names the gap; whether an entry is true is never judged here.
 */
export function readableEntries(stored: readonly unknown[]): LedgerEntry[] {
  return stored.filter(isEntry);
}

function isEntry(value: unknown): value is LedgerEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Partial<Record<keyof LedgerEntry, unknown>>;
  return (
    typeof entry.seq === "number" &&
    typeof entry.received_at === "number" &&
    typeof entry.token === "string" &&
    typeof entry.submitter === "string" &&
    typeof entry.leaf === "string"
  );
}
