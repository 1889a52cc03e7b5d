import { zip } from "fflate";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { assert } from "../../../base/assert.ts";
import { utf8 } from "../../../base/bytes.ts";
import { logExportSchema } from "../../../protocol/audit/claims.ts";
import { entryInput } from "../../../protocol/audit/entry.ts";
import { createSha256 } from "../../../protocol/jose/hasher.ts";
import { verifyCheckpoint } from "../../../protocol/transparency/checkpoint.ts";
import { readVerifierKey } from "../../../protocol/transparency/note-key.ts";
import { verifyTiles, writeTiles } from "../../../protocol/transparency/tiles.ts";

/**
 * The log as a zip of tiles, made on this page from its export and read back before it is handed over: what is saved leads
 * to the root of the checkpoint that is saved with it.
 */
export async function tilesArchive(client: SignalboxClient) {
  let text = "";
  for await (const chunk of await client.audit.export(undefined)) text += chunk.text;
  const log = logExportSchema.parse(JSON.parse(text));
  const { checkpoint } = await client.anchors.checkpoint(undefined);
  const note = log.checkpoint;
  assert(note !== undefined, "a log that can sign a checkpoint exports one");
  const sha256 = await createSha256();
  const files: Record<string, Uint8Array> = {};
  for (const { path, bytes } of writeTiles(log.entries.map(entryInput), sha256)) files[path] = bytes;
  const key = await readVerifierKey(checkpoint.verifierKey, sha256);
  const signed = key.ok ? await verifyCheckpoint(note, [key.value]) : key;
  const readBack = signed.ok ? await verifyTiles(signed.value, async (path) => files[path] ?? null, sha256) : signed;
  if (!readBack.ok) throw new Error(`The log does not give the root it has signed: ${readBack.error.detail}`);
  files.checkpoint = utf8(note);
  files["verifier-key.txt"] = utf8(`${checkpoint.verifierKey}\n`);
  const bytes = await new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    // Hashes and signed tokens do not compress: stored as they are.
    zip(files, { level: 0 }, (error, packed) => (error === null ? resolve(new Uint8Array(packed)) : reject(error)));
  });
  const name = `signalbox-tiles-${log.manifest.domain.replaceAll(/[^A-Za-z0-9.-]/g, "_")}-${log.entries.length}.zip`;
  return { name, bytes, size: log.entries.length };
}
