import { toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { PublicJwk } from "../identity/claims.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { namesLog, readCheckpoint, verifyCheckpoint } from "../transparency/checkpoint.ts";
import { logNoteKeys, originOf } from "../transparency/sign-note.ts";
import { readNote } from "../transparency/signed-note.ts";
import type { LogExport } from "./claims.ts";
import type { PinnedHead } from "./verify-receipt.ts";

/** A head that a reader kept as a checkpoint, with the name of its log. */
export interface KeptHead extends PinnedHead {
  readonly origin: string;
}

/** Why a checkpoint in an export is not the one over its entries, by a key that the log has had. */
export interface WrongCheckpoint {
  readonly code: string;
  readonly detail: string;
  readonly question: "consistent" | "complete";
}

/** The checkpoint is for other tools; here it has to say what the entries say. Null where it does, or is not there. */
export async function wrongCheckpoint(
  { checkpoint, manifest }: LogExport,
  logKeys: readonly PublicJwk[],
  sha256: Sha256,
): Promise<WrongCheckpoint | null> {
  if (checkpoint === undefined) return null;
  const wrong = (code: string, detail: string, question: WrongCheckpoint["question"] = "consistent") => ({
    code,
    detail: `the checkpoint: ${detail}`,
    question,
  });
  const verified = await verifyCheckpoint(checkpoint, await logNoteKeys(manifest.log_id, logKeys, sha256));
  if (!verified.ok) return wrong(verified.error.code, verified.error.detail);
  const { size, root } = verified.value;
  if (size > manifest.tree_size)
    return wrong("log_truncated", `it is over ${size} entries; the file has fewer`, "complete");
  return size === manifest.tree_size && toBase64url(root) === manifest.root
    ? null
    : wrong("checkpoint_mismatch", "it is over other entries than the file has");
}

/**
 * The head that a checkpoint states, for a reader who kept it and takes it for what it was: its signatures are looked at
 * where its key is at hand. Refusals: `note_malformed`, `checkpoint_malformed`, `anchor_empty`.
 */
export function headOfCheckpoint(text: string): Result<KeptHead, Refusal> {
  const note = readNote(`${text.trim()}\n`);
  if (!note.ok) return note;
  const checkpoint = readCheckpoint(note.value);
  if (!checkpoint.ok) return checkpoint;
  const { origin, size, root } = checkpoint.value;
  return size === 0
    ? err(refusal("anchor_empty", "every log begins with the empty one: this says nothing"))
    : ok({ origin, size, root: toBase64url(root) });
}

/** Why a kept checkpoint says nothing of a log: it is another one's, which is no fault of this one. Null where it is its own. */
export function otherLog({ origin }: KeptHead, logId: string): Refusal | null {
  return namesLog(origin, originOf(logId))
    ? null
    : refusal("checkpoint_other_log", "the checkpoint is of another log than the file: it says nothing of this one", {
        claim: "origin",
      });
}
