import { must } from "../base/assert.ts";
import { fromBase64url, toBase64url } from "../base/bytes.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { LogHead, Unavailable } from "../engine/ports.ts";
import { toCoseConsistency } from "../protocol/audit/cose-consistency.ts";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import { consistencyPath, type RangeRoot } from "../protocol/merkle/tree.ts";
import { toBase64 } from "../protocol/transparency/base64.ts";
import { verifyCheckpoint } from "../protocol/transparency/checkpoint.ts";
import { type NoteKey, readVerifierKey } from "../protocol/transparency/note-key.ts";
import {
  checkpointText,
  logNoteKeys,
  noteSigner,
  originOf,
  signNote,
  verifierKeyOf,
} from "../protocol/transparency/sign-note.ts";
import { writeWitnessRequest } from "../protocol/transparency/witness-request.ts";
import { askedNotes, forgetAnchor, type KeptAnchor, keepAnchor, keptAnchors, rememberAsked } from "./anchor-store.ts";
import { type HostKey, loadKey } from "./host-keys.ts";
import type { Host } from "./open-host.ts";
import { createTreeCache, type TreeCache } from "./tree-cache.ts";

/** A head of this log as a checkpoint. */
export interface OwnCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly note: string;
  readonly verifierKey: string;
}

/** How this log stands to a head that was seen of it. */
export type Standing = "agrees" | "shorter" | "different";

type Failed = Refusal | Unavailable;

/** The log's own key. Refusal: `log_key_lost`. */
export async function logKey(host: Host): Promise<Result<HostKey, Failed>> {
  const stored = await loadKey(host.ports.storage.values, "signer/log");
  if (!stored.ok) return stored;
  return stored.value === null ? err(refusal("log_key_lost", "the log's signing key is gone")) : ok(stored.value);
}

/** The head of now, or one that was read, signed. Refusals: `log_key_lost`, `note_key_unfit`. */
export async function ownCheckpoint(
  host: Host,
  head?: Pick<LogHead, "size" | "root">,
): Promise<Result<OwnCheckpoint, Failed>> {
  const stored = await logKey(host);
  if (!stored.ok) return stored;
  const origin = originOf(host.engine.ids.logId);
  const signer = noteSigner(origin, "ed25519", stored.value);
  if (signer === null)
    return err(refusal("note_key_unfit", "the log's key is not Ed25519, which notes are signed with"));
  const { size, root } = head ?? (await headOf(host));
  const { sha256 } = host.ports;
  const text = checkpointText({ origin, size, root: digest(root) });
  return ok({
    origin,
    size,
    root,
    note: await signNote(text, signer, sha256),
    verifierKey: verifierKeyOf(signer, sha256),
  });
}

/** The proof that the head of now grew out of the first `from` entries. Refusal: `log_shorter`. */
export async function growthFrom(
  host: Host,
  from: number,
): Promise<Result<{ readonly size: number; readonly root: string; readonly path: string[] }, Failed>> {
  await host.index.catchUp();
  const { size, root } = await headOf(host);
  if (from > size) return err(refusal("log_shorter", `the log has ${size} entries, fewer than ${from}`));
  const path = consistencyPath(from, size, await treeOf(host, size));
  return ok({ size, root, path: path.map(toBase64url) });
}

/** What a witness, or whoever remembers an earlier head, is handed. */
export interface Request {
  readonly text: string;
  readonly size: number;
  /** The same proof as a COSE receipt, base64; null from the empty log, or where there is nothing new. */
  readonly cose: string | null;
}

/** The head of now for a witness that has seen `old` entries, with the proof. Refusals: those above, `log_shorter`. */
export async function witnessRequest(host: Host, old: number): Promise<Result<Request, Failed>> {
  await host.index.catchUp();
  const { ids, clock } = host.ports;
  const key = await logKey(host);
  if (!key.ok) return key;
  const checkpoint = await ownCheckpoint(host);
  if (!checkpoint.ok) return checkpoint;
  const { size, root, note } = checkpoint.value;
  if (old > size) return err(refusal("log_shorter", `the log has ${size} entries, fewer than ${old}`));
  const tree = await treeOf(host, size);
  const path = consistencyPath(old, size, tree);
  const text = writeWitnessRequest({ old, path, note });
  const remembered = await rememberAsked(host.ports.storage.values, size, note);
  if (!remembered.ok) return remembered;
  if (old === 0 || old === size) return ok({ text, size, cose: null });
  const proof = {
    first_size: old,
    second_size: size,
    first_root: toBase64url(tree(0, old)),
    second_root: root,
    path: path.map(toBase64url),
  };
  const about = { iss: host.engine.ids.logId, iat: Math.floor(clock.nowMs() / 1000), jti: ids.uuid() };
  return ok({ text, size, cose: toBase64(await toCoseConsistency(proof, about, key.value.signer)) });
}

/**
 * Keeps a checkpoint that this log has signed and that came back, with the witnesses whose keys are given or were before. What contradicts
 * the log is kept all the more, and the log is verified at once. Refusals: those of `verifyCheckpoint`, `note_key_invalid`,
 * `anchor_empty`, `anchor_signature_unknown`, `anchor_limit`.
 */
export async function takeAnchor(
  host: Host,
  text: string,
  witnessKeys: readonly string[],
): Promise<Result<KeptAnchor & { readonly standing: Standing }, Failed>> {
  const { values } = host.ports.storage;
  const kept = await keptAnchors(values);
  if (!kept.ok) return kept;
  const known = kept.value.flatMap(({ witnesses }) => witnesses.map(({ verifierKey }) => verifierKey));
  const keyOf = new Map<NoteKey, string>();
  for (const text of new Set([...witnessKeys, ...known])) {
    const key = await readVerifierKey(text, host.ports.sha256);
    if (!key.ok) return key;
    keyOf.set(key.value, text);
  }
  const own = await ownNoteKeys(host);
  const whole = await wholeNote(host, text, own, [...keyOf.keys()]);
  if (!whole.ok) return whole;
  const note = whole.value;
  const verified = await verifyCheckpoint(note, own, [...keyOf.keys()]);
  if (!verified.ok) return verified;
  const { size, witnessed } = verified.value;
  if (size === 0) return err(refusal("anchor_empty", "every log begins with the empty one: this says nothing"));
  const root = toBase64url(verified.value.root);
  const witnesses = witnessed.map(({ key, name, timeS }) => ({ name, timeS, verifierKey: keyOf.get(key) ?? "" }));
  const came: KeptAnchor = { size, root, note, witnesses, keptAtMs: host.ports.clock.nowMs() };
  const agrees = async (anchor: KeptAnchor): Promise<boolean> => (await standingOf(host, anchor)) === "agrees";
  const put = await keepAnchor(values, came, agrees);
  if (!put.ok) return put;
  const standing = await standingOf(host, came);
  if (standing !== "agrees") void host.integrity.verify();
  return ok({ ...put.value, standing });
}

/** The note itself, or for signatures alone (as C2SP tlog-witness answers) the checkpoint that was handed out for them. */
async function wholeNote(
  host: Host,
  text: string,
  own: readonly NoteKey[],
  witnesses: readonly NoteKey[],
): Promise<Result<string, Failed>> {
  if (!text.startsWith("\u2014 ")) return ok(text);
  const asked = await askedNotes(host.ports.storage.values);
  if (!asked.ok) return asked;
  for (const note of asked.value.toReversed()) {
    const verified = await verifyCheckpoint(`${note}${text}`, own, witnesses);
    if (verified.ok && verified.value.witnessed.length > 0) return ok(`${note}${text}`);
  }
  const detail = "under the keys that are known, they are over no checkpoint that was handed to a witness lately";
  return err(refusal("anchor_signature_unknown", detail));
}

export async function ownAnchors(
  host: Host,
): Promise<Result<readonly (KeptAnchor & { readonly standing: Standing })[], Failed>> {
  const kept = await keptAnchors(host.ports.storage.values);
  if (!kept.ok) return kept;
  return ok(
    await Promise.all(kept.value.map(async (anchor) => ({ ...anchor, standing: await standingOf(host, anchor) }))),
  );
}

export const dropAnchor = (host: Host, anchor: Pick<KeptAnchor, "size" | "root">): Promise<Result<void, Failed>> =>
  forgetAnchor(host.ports.storage.values, anchor);

async function standingOf(host: Host, { size, root }: Pick<KeptAnchor, "size" | "root">): Promise<Standing> {
  await host.index.catchUp();
  const head = await headOf(host);
  if (size > head.size) return "shorter";
  const then = size === head.size ? head.root : toBase64url((await treeOf(host, size))(0, size));
  return then === root ? "agrees" : "different";
}

/** Every key the log has had, as keys of notes. */
export async function ownNoteKeys(host: Host): Promise<readonly NoteKey[]> {
  const { logId } = host.engine.ids;
  const jwks = await host.engine.read((state) =>
    [...state.keys.values()].filter(({ subject }) => subject === logId).map(({ jwk }): PublicJwk => jwk),
  );
  return logNoteKeys(logId, jwks, host.ports.sha256);
}

const headOf = (host: Host): Promise<LogHead> => host.engine.read((_state, head) => head);
const digest = (text: string): Uint8Array<ArrayBuffer> => must(fromBase64url(text), "a root is base64url");

const trees = new WeakMap<Host, TreeCache>();

/** A reading of the index that had begun before the head of now ends before it; the one after it does not. */
const READINGS = 3;

/** The roots of the log's parts up to a size, which is not larger than the log. */
async function treeOf(host: Host, size: number): Promise<RangeRoot> {
  const { clock, sha256 } = host.ports;
  const isIndexed = (): boolean => size === 0 || host.index.leaf(size - 1) !== undefined;
  for (let reading = 0; reading < READINGS && !isIndexed(); reading += 1) await host.index.catchUp();
  const opened = (): TreeCache => createTreeCache((seq) => host.index.leaf(seq) ?? new Uint8Array(), clock, sha256);
  // What cannot be read now is not kept: it would be told as what the log is for as long as this host runs.
  if (!isIndexed()) return opened().upTo(size);
  const known = trees.get(host) ?? opened();
  trees.set(host, known);
  return known.upTo(size);
}
