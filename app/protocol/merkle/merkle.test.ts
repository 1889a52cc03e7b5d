import { readdirSync, readFileSync } from "node:fs";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import {
  appendLeaves,
  cachedRangeRoot,
  consistencyPath,
  EMPTY_ROOT,
  frontierRoot,
  inclusionPath,
  leafHash,
  rootOf,
} from "./tree.ts";
import { verifyConsistency, verifyInclusion } from "./verify.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const testdata = new URL("./testdata/", import.meta.url);
const bytes = (text: string | null): Uint8Array => new Uint8Array(Buffer.from(text ?? "", "base64"));

function vectors<T>(kind: string): { name: string; value: T }[] {
  return readdirSync(new URL(kind, testdata), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({ name, value: JSON.parse(readFileSync(new URL(`${kind}/${name}`, testdata), "utf8")) }));
}

interface Inclusion {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}
interface Consistency {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

describe("published vectors", () => {
  const inclusion = vectors<Inclusion>("inclusion");
  const consistency = vectors<Consistency>("consistency");

  it("[XA-13] reads all 53 inclusion and 43 consistency cases", () => {
    expect([inclusion.length, consistency.length]).toEqual([53, 43]);
  });

  it.each(inclusion)("[XA-13] inclusion $name is judged as published", ({ value: proof }) => {
    const path = (proof.proof ?? []).map(bytes);
    expect(
      verifyInclusion(
        { index: proof.leafIdx, size: proof.treeSize, leaf: bytes(proof.leafHash), path, root: bytes(proof.root) },
        sha256,
      ),
    ).toBe(!proof.wantErr);
  });

  it.each(consistency)("[XA-12] consistency $name is judged as published", ({ value: proof }) => {
    const path = (proof.proof ?? []).map(bytes);
    expect(
      verifyConsistency(
        { size1: proof.size1, size2: proof.size2, root1: bytes(proof.root1), root2: bytes(proof.root2), path },
        sha256,
      ),
    ).toBe(!proof.wantErr);
  });
});

describe("values of execution-audit.md section (g)", () => {
  const leaves = ["entry-0", "entry-1", "entry-2"].map((text) => leafHash(utf8(text), sha256));
  const root = cachedRangeRoot(leaves, sha256);

  it("[XA-S4] leaves, roots and the empty tree have the published values", () => {
    expect(toBase64url(EMPTY_ROOT)).toBe("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    expect(leaves.map(toBase64url)).toEqual([
      "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX_4HU",
      "6GiBGkgsJ9ULbUXd55xGXWrbmwZkUQBHepDPPYUYiYs",
      "BJ19zbVrz-vTEzBMmDnxlqPUtu873AsIKY-TrIGR8Kg",
    ]);
    expect(toBase64url(rootOf(leaves.slice(0, 2), sha256))).toBe("LyelCCwdQq-kiKw1Cp_EOQwIT1T3Hs3_hZ6Y24QptHk");
    expect(toBase64url(rootOf(leaves, sha256))).toBe("pkvybgkSj2_i_m-LLYyAHhZrV8BHp82bK4Ceepai8cs");
  });

  it("[XA-13] [XA-12] the paths are the published ones, and a swapped path fails", () => {
    expect(inclusionPath(1, 3, root)).toEqual([leaves[0], leaves[2]]);
    expect(inclusionPath(2, 3, root).map(toBase64url)).toEqual(["LyelCCwdQq-kiKw1Cp_EOQwIT1T3Hs3_hZ6Y24QptHk"]);
    expect(consistencyPath(2, 3, root)).toEqual([leaves[2]]);
    expect(consistencyPath(1, 3, root)).toEqual([leaves[1], leaves[2]]);
    const swapped = [leaves[2], leaves[0]].filter((leaf) => leaf !== undefined);
    expect(
      verifyInclusion(
        { index: 1, size: 3, leaf: leaves[1] ?? EMPTY_ROOT, path: swapped, root: rootOf(leaves, sha256) },
        sha256,
      ),
    ).toBe(false);
  });
});

describe("any tree", () => {
  const trees = fc
    .integer({ min: 1, max: 70 })
    .chain((size) =>
      fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 0, max: 255 })),
    );
  const leavesOf = (size: number): Uint8Array[] =>
    Array.from({ length: size }, (_, index) => leafHash(utf8(`leaf ${index}`), sha256));

  it("[XA-13] [XA-S1] every inclusion proof verifies and every mutation of it fails", () => {
    fc.assert(
      fc.property(trees, ([size, index, at]) => {
        const leaves = leavesOf(size);
        const proof = {
          index,
          size,
          leaf: leaves[index] ?? EMPTY_ROOT,
          path: inclusionPath(index, size, cachedRangeRoot(leaves, sha256)),
          root: rootOf(leaves, sha256),
        };
        expect(verifyInclusion(proof, sha256)).toBe(true);
        const flip = (hash: Uint8Array): Uint8Array => hash.map((byte, place) => (place === at % 32 ? byte ^ 1 : byte));
        const mutations = [
          { ...proof, leaf: flip(proof.leaf) },
          { ...proof, root: flip(proof.root) },
          { ...proof, path: [...proof.path, EMPTY_ROOT] },
          ...proof.path.map((_, step) => ({ ...proof, path: proof.path.filter((_node, other) => other !== step) })),
          ...proof.path.map((node, step) => ({
            ...proof,
            path: proof.path.map((other, place) => (place === step ? flip(node) : other)),
          })),
          ...(size > 1 ? [{ ...proof, index: (index + 1) % size }] : []),
        ];
        for (const mutation of mutations) expect(verifyInclusion(mutation, sha256)).toBe(false);
      }),
    );
  });

  it("[XA-12] every prefix is consistent, with a proof whose every changed hash fails", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 70 }), (a, b) => {
        const [size1, size2] = a < b ? [a, b] : [b, a];
        const leaves = leavesOf(size2);
        const path = consistencyPath(size1, size2, cachedRangeRoot(leaves, sha256));
        const proof = {
          size1,
          size2,
          root1: rootOf(leaves.slice(0, size1), sha256),
          root2: rootOf(leaves, sha256),
          path,
        };
        expect(verifyConsistency(proof, sha256)).toBe(true);
        path.forEach((node, step) => {
          const changed = path.map((other, place) => (place === step ? node.map((byte) => byte ^ 255) : other));
          expect(verifyConsistency({ ...proof, path: changed }, sha256)).toBe(false);
        });
      }),
    );
  });

  it("[XA-9] appending in any parts gives the root of the whole", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }), (parts) => {
        const leaves = leavesOf(parts.reduce((sum, part) => sum + part, 0));
        let frontier: Uint8Array[] = [];
        let size = 0;
        for (const part of parts) {
          frontier = appendLeaves(frontier, size, leaves.slice(size, size + part), sha256);
          size += part;
        }
        expect(frontierRoot(frontier, size, sha256)).toEqual(rootOf(leaves, sha256));
      }),
    );
  });
});
