import { createHash, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { concatBytes, equalBytes } from "../../base/bytes.ts";
import { cachedRangeRoot, consistencyPath, EMPTY_ROOT, inclusionPath, leafHash, rootOf } from "./tree.ts";
import { verifyConsistency, verifyInclusion } from "./verify.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const vectors = new URL("../../../e2e/fixtures/vectors/", import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, vectors));
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

/** DER of an Ed25519 SubjectPublicKeyInfo before its 32 bytes (RFC 8410). */
const ED25519_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

interface LogKey {
  readonly name: string;
  /** The first four bytes of the log's id, which begin its signatures. */
  readonly hint: Uint8Array;
  readonly spki: Buffer;
}

interface Checkpoint {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A signed note with a tree head (C2SP tlog-checkpoint), verified with one log's key; null when it is none of this log. */
function openCheckpoint(note: string, key: LogKey): Checkpoint | null {
  const end = note.indexOf("\n\n");
  if (end === -1) return null;
  const text = note.slice(0, end + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (origin.split(" - ")[0] !== key.name || !/^(0|[1-9]\d*)$/.test(size) || base64(root).length !== 32) return null;
  const publicKey = createPublicKey({ key: key.spki, format: "der", type: "spki" });
  const algorithm = publicKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  const signed = note
    .slice(end + 2)
    .split("\n")
    .flatMap((line) => /^\u2014 (\S+) (\S+)$/.exec(line)?.slice(1) ?? [])
    .some((word, at, words) => {
      const bytes = base64(words[at + 1] ?? "");
      return (
        at % 2 === 0 &&
        word === key.name &&
        equalBytes(bytes.subarray(0, 4), key.hint) &&
        verify(algorithm, Buffer.from(text), publicKey, bytes.subarray(4))
      );
    });
  return signed ? { size: Number(size), root: base64(root) } : null;
}

describe("the tessera log", () => {
  const SIZE = 15;
  const verifier = read("tlog-tessera/verifier-key.txt").toString().trim();
  const [, name = "", encoded = ""] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(verifier) ?? [];
  const raw = base64(encoded).subarray(1);
  const hint = createHash("sha256").update(`${name}\n`).update(base64(encoded)).digest().subarray(0, 4);
  const key = { name, hint, spki: Buffer.concat([ED25519_PREFIX, raw]) };
  const noteAt = (size: number | null): string =>
    read(`tlog-tessera/log/checkpoint${size === null ? "" : `.${size}`}`).toString();
  const heads = Array.from({ length: SIZE + 1 }, (_, size) =>
    must(openCheckpoint(noteAt(size), key), `checkpoint ${size} verifies`),
  );
  const rootAt = (size: number): Uint8Array => must(heads[size], "a head").root;
  const tile = new Uint8Array(read(`tlog-tessera/log/tile/0/000.p/${SIZE}`));
  const leaves = Array.from({ length: SIZE }, (_, index) => tile.subarray(index * 32, index * 32 + 32));
  const range = cachedRangeRoot(leaves, sha256);
  const sizes = Array.from({ length: SIZE }, (_, index) => index + 1);

  it("[XA-9] has a signed root at every size, which is the root of its first leaves", () => {
    expect(heads.map((head) => head.size)).toEqual([0, ...sizes]);
    expect(heads.map((head) => head.root)).toEqual([0, ...sizes].map((size) => rootOf(leaves.slice(0, size), sha256)));
    expect(rootAt(0)).toEqual(EMPTY_ROOT);
    expect(openCheckpoint(noteAt(null), key)).toEqual(heads[SIZE]);
  });

  it("[XA-S4] its leaves are the hashes of its entries, in every bundle and tile", () => {
    for (const size of sizes) {
      const bundle = new Uint8Array(read(`tlog-tessera/log/tile/entries/000.p/${size}`));
      const hashes: Uint8Array[] = [];
      for (let at = 0; at < bundle.length; ) {
        const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
        hashes.push(leafHash(bundle.subarray(at + 2, at + 2 + length), sha256));
        at += 2 + length;
      }
      expect(hashes).toEqual(leaves.slice(0, size));
      expect(new Uint8Array(read(`tlog-tessera/log/tile/0/000.p/${size}`))).toEqual(concatBytes(...hashes));
    }
  });

  it("[XA-13] every entry is included under every signed root that covers it, and under no other", () => {
    let checked = 0;
    for (const size of sizes)
      for (let index = 0; index < size; index += 1) {
        const path = inclusionPath(index, size, range);
        const proof = { index, size, leaf: must(leaves[index], "a leaf"), path, root: rootAt(size) };
        expect(verifyInclusion(proof, sha256)).toBe(true);
        for (const other of heads)
          if (other.size !== size) expect(verifyInclusion({ ...proof, root: other.root }, sha256)).toBe(false);
        for (const other of leaves)
          if (other !== proof.leaf) expect(verifyInclusion({ ...proof, leaf: other }, sha256)).toBe(false);
        checked += 1;
      }
    expect(checked).toBe(120);
  });

  it("[XA-12] every signed root is consistent with every later one, and with no other of that size", () => {
    let checked = 0;
    for (const size2 of sizes)
      for (let size1 = 0; size1 <= size2; size1 += 1) {
        const path = consistencyPath(size1, size2, range);
        const proof = { size1, size2, root1: rootAt(size1), root2: rootAt(size2), path };
        expect(verifyConsistency(proof, sha256)).toBe(true);
        if (size1 > 0)
          for (const other of heads) {
            if (other.size !== size1) expect(verifyConsistency({ ...proof, root1: other.root }, sha256)).toBe(false);
            if (other.size !== size2) expect(verifyConsistency({ ...proof, root2: other.root }, sha256)).toBe(false);
          }
        checked += 1;
      }
    expect(checked).toBe(135);
  });

  it("[XA-12] a checkpoint with any changed character is none of this log", () => {
    const note = noteAt(SIZE);
    for (let at = 0; at < note.lastIndexOf("=") - 1; at += 1) {
      const changed = `${note.slice(0, at)}${note[at] === "x" ? "y" : "x"}${note.slice(at + 1)}`;
      expect(openCheckpoint(changed, key)).toBeNull();
    }
  });
});

interface Bundle {
  readonly verificationMaterial: {
    readonly tlogEntries: readonly {
      readonly logId: { readonly keyId: string };
      readonly canonicalizedBody: string;
      readonly inclusionProof: {
        readonly logIndex: string;
        readonly treeSize: string;
        readonly rootHash: string;
        readonly hashes: readonly string[];
        readonly checkpoint: { readonly envelope: string };
      };
    }[];
  };
}

interface TrustedRoot {
  readonly tlogs: readonly {
    readonly baseUrl: string;
    readonly publicKey: { readonly rawBytes: string };
    readonly logId: { readonly keyId: string };
  }[];
}

describe("entries of sigstore's logs", () => {
  const folders = readdirSync(new URL("sigstore-bundles/", vectors), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const entryOf = (folder: string) => {
    const bundle = JSON.parse(read(`sigstore-bundles/${folder}/bundle.sigstore.json`).toString()) as Bundle;
    return must(bundle.verificationMaterial.tlogEntries[0], "an entry");
  };

  function keyOf(folder: string, keyId: string): LogKey {
    const hint = base64(keyId).subarray(0, 4);
    if (!folder.startsWith("rekor2")) {
      const { spki } = JSON.parse(read("sigstore-bundles/production-log-key.json").toString()) as { spki: string };
      return { name: "rekor.sigstore.dev", hint, spki: Buffer.from(spki, "base64") };
    }
    const trusted = JSON.parse(read(`sigstore-bundles/${folder}/trusted_root.json`).toString()) as TrustedRoot;
    const log = must(
      trusted.tlogs.find((candidate) => candidate.logId.keyId === keyId),
      "the log is trusted",
    );
    return { name: new URL(log.baseUrl).host, hint, spki: Buffer.from(log.publicKey.rawBytes, "base64") };
  }

  /** The log's part of a bundle: a checkpoint of the log, over the root that the entry's path leads to. */
  function judge(folder: string, change: Partial<ReturnType<typeof entryOf>["inclusionProof"]> = {}) {
    const entry = entryOf(folder);
    const proof = { ...entry.inclusionProof, ...change };
    const checkpoint = openCheckpoint(proof.checkpoint.envelope, keyOf(folder, entry.logId.keyId));
    const included = (root: Uint8Array, size: number): boolean =>
      verifyInclusion(
        {
          index: Number(proof.logIndex),
          size,
          leaf: leafHash(base64(entry.canonicalizedBody), sha256),
          path: proof.hashes.map(base64),
          root,
        },
        sha256,
      );
    return {
      /** By the proof's own root, which nobody has signed. */
      included: included(base64(proof.rootHash), Number(proof.treeSize)),
      signed: checkpoint !== null,
      holds: checkpoint !== null && included(checkpoint.root, checkpoint.size),
    };
  }

  it("are three that hold and three that do not", () => {
    expect(folders.filter((folder) => folder.endsWith("_fail"))).toHaveLength(3);
    expect(folders.filter((folder) => !folder.endsWith("_fail"))).toHaveLength(3);
  });

  it.each(folders)("[XA-13] [XA-S2] %s is judged as published", (folder) => {
    expect(judge(folder).holds).toBe(!folder.endsWith("_fail"));
  });

  it("[XA-13] [XA-S2] a path alone is no proof: the log has to have signed the root it leads to", () => {
    expect(judge("checkpoint-wrong-roothash_fail")).toEqual({ included: true, signed: true, holds: false });
    expect(judge("rekor2-checkpoint-missing-log-signature_fail")).toMatchObject({ included: true, signed: false });
    expect(judge("rekor2-checkpoint-missing-size_fail")).toMatchObject({ included: true, signed: false });
  });

  it.each(folders.filter((folder) => !folder.endsWith("_fail")))(
    "[XA-13] %s with any other index or path does not hold",
    (folder) => {
      const { hashes, logIndex } = entryOf(folder).inclusionProof;
      const changes = [
        { logIndex: String(Number(logIndex) - 1) },
        { hashes: hashes.slice(1) },
        { hashes: hashes.slice(0, -1) },
        { hashes: [...hashes, hashes[0] ?? ""] },
        ...hashes.map((_, at) => ({
          hashes: hashes.map((hash, place) => (place === at ? (hashes.at(at - 1) ?? "") : hash)),
        })),
      ];
      for (const change of changes) expect(judge(folder, change).holds).toBe(false);
    },
  );
});
