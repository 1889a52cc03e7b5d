import { assert } from "../../base/assert.ts";
import { concatBytes, equalBytes } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { appendLeaves, EMPTY_ROOT, frontierRoot, leafHash, nodeHash } from "../merkle/tree.ts";

/**
 * A log as static files that other transparency tools read (C2SP tlog-tiles): tiles of 256 hashes and, beside those of the
 * lowest level, bundles of the 256 entries themselves. Where a tile is not full, its name ends in how much of it there is.
 */

const TILE_WIDTH = 256;
const HASH_BYTES = 32;
/** Entries are written with 16 bits of length. */
const MAX_TILE_ENTRY = 0xffff;
/** Levels of a tree of 2^53 leaves at 8 bits a level. */
const MAX_LEVEL = 6;

/** A file of the log by its path below the log's folder. */
export interface TileFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where a tile is: `level` is null for a bundle of entries, `width` 256 unless it is a partial one. */
export interface TilePlace {
  readonly level: number | null;
  readonly index: number;
  readonly width: number;
}

export function tilePath({ level, index, width }: TilePlace): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level ?? "entries"}/${place}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** Null for a path that no tile has, or a second spelling of one. */
export function readTilePath(path: string): TilePlace | null {
  const [, level = "", place = "", width] =
    /^tile\/(entries|\d)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  if (level === "") return null;
  const read = {
    level: level === "entries" ? null : Number(level),
    index: Number(place.replaceAll(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  const isOne = Number.isSafeInteger(read.index) && read.width > 0 && (read.level ?? 0) <= MAX_LEVEL;
  return isOne && tilePath(read) === path ? read : null;
}

/** The files of a tree of these entries, in the order of their paths; partial tiles for this size only. */
export function* writeTiles(entries: readonly Uint8Array[], sha256: Sha256): Generator<TileFile> {
  for (let at = 0; at < entries.length; at += TILE_WIDTH) {
    const some = entries.slice(at, at + TILE_WIDTH);
    assert(
      some.every(({ length }) => length <= MAX_TILE_ENTRY),
      "a token is far shorter than what a bundle can hold",
    );
    yield {
      path: tilePath({ level: null, index: at / TILE_WIDTH, width: some.length }),
      bytes: concatBytes(...some.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry])),
    };
  }
  let hashes = entries.map((entry) => leafHash(entry, sha256));
  for (let level = 0; hashes.length > 0; level += 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < hashes.length; at += TILE_WIDTH) {
      const some = hashes.slice(at, at + TILE_WIDTH);
      yield { path: tilePath({ level, index: at / TILE_WIDTH, width: some.length }), bytes: concatBytes(...some) };
      if (some.length === TILE_WIDTH) above.push(perfectRoot(some, sha256));
    }
    hashes = above;
  }
}

/** The entries of a bundle; null for as many as there are, 1 to 256. Refusal: `tile_malformed`. */
export function readBundle(bytes: Uint8Array, count: number | null): Result<readonly Uint8Array[], Refusal> {
  const most = count ?? TILE_WIDTH;
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= bytes.length && entries.length < most) {
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const entry = bytes.subarray(at + 2, at + 2 + length);
    if (entry.length < length) return malformed("its last entry is cut off");
    entries.push(entry);
    at += 2 + length;
  }
  if (entries.length < (count ?? 1)) return malformed(`it has ${entries.length} of ${count ?? 1} entries`);
  return at === bytes.length ? ok(entries) : malformed(`it goes on after ${entries.length} entries`);
}

/** The hashes of a tile. Refusal: `tile_malformed`. */
export function readTile(bytes: Uint8Array): Result<readonly Uint8Array[], Refusal> {
  const count = bytes.length / HASH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > TILE_WIDTH) return malformed("it is no row of 1 to 256 hashes");
  return ok(Array.from({ length: count }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)));
}

/** The root over the first hashes of a tree; they are leaves, or the roots of full tiles below. */
export function rootOfHashes(hashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return hashes.length === 0 ? EMPTY_ROOT : frontierRoot(appendLeaves([], 0, hashes, sha256), hashes.length, sha256);
}

/** Gives the bytes of a file by its path; null where there is none. */
export type ReadTileFile = (path: string) => Promise<Uint8Array | null>;

/**
 * Reads a log from its files up to a size and holds it against the root that the log has signed: every entry is in its
 * bundle, every bundle in its tile, every full tile in the one above, and all of it under the root. Gives the entries.
 * Refusals: `tile_missing`, `tile_malformed`, `tile_mismatch`, `root_mismatch`, each with the file.
 */
export async function verifyTiles(
  { size, root }: { readonly size: number; readonly root: Uint8Array },
  file: ReadTileFile,
  sha256: Sha256,
): Promise<Result<readonly Uint8Array[], Refusal>> {
  const entries: Uint8Array[] = [];
  let hashes: Uint8Array[] = [];
  for (let at = 0; at < size; at += TILE_WIDTH) {
    const place = { level: null, index: at / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - at) };
    const bundle = await read(place, file, (bytes) => readBundle(bytes, place.width));
    if (!bundle.ok) return bundle;
    for (const entry of bundle.value) {
      entries.push(entry);
      hashes.push(leafHash(entry, sha256));
    }
  }
  const leaves = hashes;
  for (let level = 0; hashes.length > 0; level += 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < hashes.length; at += TILE_WIDTH) {
      const own = hashes.slice(at, at + TILE_WIDTH);
      const place = { level, index: at / TILE_WIDTH, width: own.length };
      const tile = await read(place, file, readTile);
      if (!tile.ok) return tile;
      if (
        !own.every((hash, nth) => equalBytes(hash, tile.value[nth] ?? new Uint8Array())) ||
        tile.value.length !== own.length
      )
        return err(refusal("tile_mismatch", `${tilePath(place)}: its hashes are not those of what is below it`));
      if (own.length === TILE_WIDTH) above.push(perfectRoot(own, sha256));
    }
    hashes = above;
  }
  return equalBytes(rootOfHashes(leaves, sha256), root)
    ? ok(entries)
    : err(refusal("root_mismatch", `the ${size} entries do not give the root of the checkpoint`));
}

async function read<T>(
  place: TilePlace,
  file: ReadTileFile,
  parse: (bytes: Uint8Array) => Result<T, Refusal>,
): Promise<Result<T, Refusal>> {
  const path = tilePath(place);
  const bytes = await file(path);
  if (bytes === null) return err(refusal("tile_missing", `${path} is not there`));
  const parsed = parse(bytes);
  return parsed.ok ? parsed : err({ ...parsed.error, detail: `${path}: ${parsed.error.detail}` });
}

/** The root of a full tile: eight levels of pairs. */
function perfectRoot(hashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] ?? EMPTY_ROOT, row[2 * at + 1] ?? EMPTY_ROOT, sha256),
    );
  return row[0] ?? EMPTY_ROOT;
}

const malformed = (detail: string): Result<never, Refusal> => err(refusal("tile_malformed", detail));
