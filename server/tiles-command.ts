import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fromBase64url, toBase64url } from "../app/base/bytes.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import type { LogExport } from "../app/protocol/audit/claims.ts";
import { entryInput } from "../app/protocol/audit/entry.ts";
import { parseExport, verifyExport } from "../app/protocol/audit/verify-export.ts";
import { verifyCheckpoint } from "../app/protocol/transparency/checkpoint.ts";
import { readVerifierKey } from "../app/protocol/transparency/note-key.ts";
import { originOf, verifierKeyOf } from "../app/protocol/transparency/sign-note.ts";
import { verifyTiles, writeTiles } from "../app/protocol/transparency/tiles.ts";
import { problemOf } from "./verify-log-command.ts";

/** One line of JSON; a `code` says why it does not hold. */
type TilesAnswer = Readonly<Record<string, string | number | boolean>>;

const CHECKPOINT = "checkpoint";
const KEY = "verifier-key.txt";

/**
 * `tiles write LOG DIR`: an exported log as a folder that other transparency tools read (C2SP tlog-tiles): `checkpoint`,
 * `tile/…`, and the log's verifier key. A log that does not hold is written nowhere.
 */
export async function writeTilesFolder(
  file: string,
  folder: string,
  sha256: Sha256,
): Promise<Result<TilesAnswer, string>> {
  const text = await read(file);
  if (!text.ok) return text;
  const parsed = parseExport(text.value);
  if (!parsed.ok) return err(`${file}: ${parsed.error.detail}`);
  const log = parsed.value;
  const problem = problemOf(await verifyExport(log, sha256));
  if (problem !== null) return err(`${file}: ${problem}`);
  const key = await keyOfExport(log, sha256);
  if (log.checkpoint === undefined || key === null) return err(`${file}: it has no checkpoint of its log`);
  let files = 0;
  try {
    for (const { path, bytes } of writeTiles(log.entries.map(entryInput), sha256)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
      files += 1;
    }
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, KEY), `${key}\n`);
    // Last, so that a folder with a checkpoint is whole.
    await writeFile(join(folder, CHECKPOINT), log.checkpoint);
  } catch (error) {
    return err(error instanceof Error ? error.message : `${folder}: cannot be written`);
  }
  return ok({ ok: true, origin: originOf(log.manifest.log_id), size: log.entries.length, files, key });
}

/** `tiles verify DIR [--key KEY]`: reads such a folder back. A key out of the folder itself is said to be that. */
export async function verifyTilesFolder(
  folder: string,
  key: string | undefined,
  sha256: Sha256,
): Promise<Result<TilesAnswer, string>> {
  const note = await read(join(folder, CHECKPOINT));
  if (!note.ok) return note;
  const stated = key === undefined ? await read(join(folder, KEY)) : ok(key);
  if (!stated.ok) return stated;
  const log = await readVerifierKey(stated.value, sha256);
  if (!log.ok) return ok({ ok: false, code: log.error.code, detail: log.error.detail });
  const checkpoint = await verifyCheckpoint(note.value, [log.value]);
  if (!checkpoint.ok) return ok({ ok: false, code: checkpoint.error.code, detail: checkpoint.error.detail });
  const { origin, size, root } = checkpoint.value;
  const file = async (path: string): Promise<Uint8Array | null> => {
    try {
      return await readFile(join(folder, path));
    } catch {
      // Not there, or not to be read: it proves nothing either way, and the verifier names it.
      return null;
    }
  };
  const entries = await verifyTiles({ size, root }, file, sha256);
  return entries.ok
    ? ok({
        ok: true,
        origin,
        size,
        root: toBase64url(root),
        key: key === undefined ? "from the folder itself: it shows only that the folder agrees with itself" : "given",
      })
    : ok({ ok: false, code: entries.error.code, detail: entries.error.detail });
}

/** The log's verifier key, where one of its keys has signed the checkpoint. */
async function keyOfExport({ manifest, keys, checkpoint }: LogExport, sha256: Sha256): Promise<string | null> {
  for (const { subject, jwk } of keys) {
    const publicKey = subject === manifest.log_id && jwk.kty === "OKP" ? fromBase64url(jwk.x) : null;
    if (publicKey === null || checkpoint === undefined) continue;
    const text = verifierKeyOf({ name: originOf(manifest.log_id), kind: "ed25519", publicKey }, sha256);
    const key = await readVerifierKey(text, sha256);
    if (key.ok && (await verifyCheckpoint(checkpoint, [key.value])).ok) return text;
  }
  return null;
}

async function read(path: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (error) {
    return err(`${path}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}
