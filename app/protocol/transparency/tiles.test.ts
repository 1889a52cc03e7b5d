import { existsSync, readdirSync, readFileSync } from "node:fs";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { concatBytes, utf8 } from "../../base/bytes.ts";
import { generateSigner } from "../jose/keys.ts";
import { leafHash, rootOf } from "../merkle/tree.ts";
import { readCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import { readVerifierKey } from "./note-key.ts";
import { checkpointText, cosignNote, noteSigner, originOf, signNote, verifierKeyOf } from "./sign-note.ts";
import { readNote } from "./signed-note.ts";
import { readBundle, readTile, readTilePath, tilePath, verifyTiles, writeTiles } from "./tiles.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const published = new URL("../../../e2e/fixtures/vectors/tlog-tessera/log/", import.meta.url);
const file = async (path: string): Promise<Uint8Array | null> =>
  existsSync(new URL(path, published)) ? new Uint8Array(readFileSync(new URL(path, published))) : null;
const headOf = (size: number) => {
  const note = readNote(readFileSync(new URL(`checkpoint.${size}`, published), "utf8"));
  const read = note.ok ? readCheckpoint(note.value) : note;
  return must(read.ok ? read.value : null, "a published checkpoint");
};
const entriesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => utf8(`entry ${at}`));
const filesOf = (entries: readonly Uint8Array[]) =>
  new Map([...writeTiles(entries, sha256)].map(({ path, bytes }) => [path, bytes]));

describe("tiles", () => {
  it("[XA-51] of the published log are read at every size, up to the root that was signed", async () => {
    const sizes = readdirSync(published).flatMap((name) => /^checkpoint\.([1-9]\d*)$/.exec(name)?.[1] ?? []);
    expect(sizes.length).toBeGreaterThan(10);
    for (const size of sizes.map(Number)) {
      const verified = await verifyTiles(headOf(size), file, sha256);
      expect(verified.ok && verified.value.length).toBe(size);
    }
  });

  it("[XA-51] are written byte for byte as the published log has them", async () => {
    const verified = await verifyTiles(headOf(15), file, sha256);
    const entries = must(verified.ok ? verified.value : null, "the published entries");
    for (let size = 1; size <= entries.length; size += 1)
      for (const [path, bytes] of filesOf(entries.slice(0, size))) expect(await file(path)).toEqual(bytes);
  });

  it("[XA-51] [XA-S1] read back what was written, and find any changed byte, for sizes about whole tiles", async () => {
    for (const size of [1, 255, 256, 257, 512, 700]) {
      const entries = entriesOf(size);
      const files = filesOf(entries);
      const head = {
        size,
        root: rootOf(
          entries.map((entry) => leafHash(entry, sha256)),
          sha256,
        ),
      };
      const readBack = (change?: (path: string, bytes: Uint8Array) => Uint8Array | null) =>
        verifyTiles(
          head,
          async (path) => {
            const bytes = files.get(path);
            return bytes === undefined ? null : change === undefined ? bytes : change(path, bytes);
          },
          sha256,
        );
      expect(await readBack()).toEqual({ ok: true, value: entries });
      for (const broken of files.keys()) {
        const flipped = await readBack((path, bytes) =>
          path === broken ? concatBytes(bytes.subarray(0, -1), Uint8Array.of((bytes.at(-1) ?? 0) ^ 1)) : bytes,
        );
        expect([broken, flipped.ok]).toEqual([broken, false]);
        const gone = await readBack((path, bytes) => (path === broken ? null : bytes));
        expect(gone).toMatchObject({ error: { code: "tile_missing", detail: expect.stringContaining(broken) } });
      }
      const other = await verifyTiles(
        { ...head, root: sha256(head.root) },
        async (path) => files.get(path) ?? null,
        sha256,
      );
      expect(other).toMatchObject({ error: { code: "root_mismatch" } });
    }
  });

  it("[XA-51] have one path each", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: null, index: 0, width: 9 })).toBe("tile/entries/000.p/9");
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 0, max: 6 })),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(readTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
    for (const path of [
      "tile/7/000",
      "tile/0/000.p/256",
      "tile/0/000.p/0",
      "tile/0/x000/001",
      "tile/0/1",
      "checkpoint",
    ])
      expect(readTilePath(path)).toBeNull();
  });

  it("[XA-51] cut off, too long or of half a hash are none", () => {
    const bundle = concatBytes(Uint8Array.of(0, 3), utf8("one"));
    expect(readBundle(bundle, 1)).toMatchObject({ ok: true });
    expect(readBundle(concatBytes(bundle, bundle), null)).toMatchObject({ value: { length: 2 } });
    expect(readBundle(new Uint8Array(), null)).toMatchObject({ error: { code: "tile_malformed" } });
    for (const [bytes, count] of [
      [bundle, 2],
      [bundle.subarray(0, 4), 1],
      [concatBytes(bundle, bundle), 1],
    ] as const)
      expect(readBundle(bytes, count)).toMatchObject({ error: { code: "tile_malformed" } });
    for (const length of [0, 31, 33, 257 * 32])
      expect(readTile(new Uint8Array(length))).toMatchObject({ error: { code: "tile_malformed" } });
  });
});

describe("a checkpoint of our own", () => {
  it("[XA-51] [XA-12] is what its verifier reads, and a witness signs it with the time", async () => {
    const log = await generateSigner();
    const other = await generateSigner();
    const origin = originOf("spiffe://ops.example/log");
    expect(origin).toBe("ops.example/log");
    const signer = must(noteSigner(origin, "ed25519", log), "Ed25519");
    const witness = must(noteSigner("witness.example", "cosignature", other), "Ed25519");
    const key = async (of: typeof signer) => {
      const read = await readVerifierKey(verifierKeyOf(of, sha256), sha256);
      return must(read.ok ? read.value : null, JSON.stringify(read));
    };
    const root = sha256(utf8("root"));
    const note = await signNote(checkpointText({ origin, size: 7, root }), signer, sha256);
    const seen = await cosignNote(note, witness, 1_790_000_000, sha256);
    expect(await verifyCheckpoint(seen, [await key(signer)], [await key(witness)])).toMatchObject({
      ok: true,
      value: { origin, size: 7, root, witnessed: [{ name: "witness.example", timeS: 1_790_000_000 }], unknown: [] },
    });
    expect(noteSigner(origin, "ed25519", await generateSigner("ES256"))).toBeNull();
  });
});
