import { toBase64url } from "../../base/bytes.ts";
import { verifyCheckpoint } from "../transparency/checkpoint.ts";
import { type NoteKey, readVerifierKey } from "../transparency/note-key.ts";
import { logNoteKeys } from "../transparency/sign-note.ts";
import { growingRoot, headOf } from "./check-heads.ts";
import type { PackAnchor } from "./claims.ts";
import { digestOf, type Found, type PackWalk } from "./pack-walk.ts";

/** V4 step 5, its second half: checkpoints that came back from elsewhere are the log's, and are about these entries. */
export async function checkAnchors(walk: PackWalk): Promise<Found | null> {
  const { pack, sha256, notes } = walk;
  const { manifest, anchors } = pack;
  const listed = manifest.parts.anchors;
  const seq = Math.max(0, notes.length - 1);
  const rootAt = knownRoots(walk);
  for (let at = 0; at < Math.max(anchors.length, listed.length); at += 1) {
    const bad = (code: string, detail: string, question: Found["question"] = "consistent"): Found => ({
      ...{ seq, code, detail, place: `anchors.${at}`, question },
    });
    const anchor = anchors[at];
    if (anchor === undefined) return bad("pack_part_mismatch", `the manifest lists ${listed.length} anchors`);
    const seen = await readAnchor(walk, anchor);
    if (seen === null) return bad("anchor_invalid", `anchor ${at} is not signed by the log and by those it names`);
    if (seen.size > manifest.tree_size)
      return bad("log_truncated", `anchor ${at} is over ${seen.size} entries`, "complete");
    const known = rootAt(seen.size);
    if (known === null) walk.uncompared += 1;
    if (known !== null && known !== seen.root)
      return bad("log_split_view", `anchor ${at} is over another history of ${seen.size} entries`);
    if (digestOf(anchor, sha256) !== listed[at])
      return bad("pack_part_mismatch", `anchor ${at} is not the one the manifest lists`);
  }
  return null;
}

/** What a checkpoint says that the log itself and everybody named have signed; null for any other. */
async function readAnchor(
  { pack, sha256, notes }: PackWalk,
  { note, keys }: PackAnchor,
): Promise<{ readonly size: number; readonly root: string } | null> {
  const jwk = notes[0]?.note.key?.jwk;
  const own = jwk === undefined ? [] : await logNoteKeys(pack.manifest.log_id, [jwk], sha256);
  const witnesses: NoteKey[] = [];
  for (const text of keys) {
    const key = await readVerifierKey(text, sha256);
    if (!key.ok) return null;
    witnesses.push(key.value);
  }
  const verified = await verifyCheckpoint(note, own, witnesses);
  if (!verified.ok || verified.value.witnessed.length !== keys.length) return null;
  return { size: verified.value.size, root: toBase64url(verified.value.root) };
}

/** Of a whole log the root at every size, of a selection those that its heads say. */
function knownRoots(walk: PackWalk): (size: number) => string | null {
  if (walk.pack.manifest.selection.kind === "all") return growingRoot(walk);
  const heads = new Map(walk.pack.heads.map(headOf).map(({ size, root }) => [size, root]));
  return (size) => heads.get(size) ?? null;
}
