import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { cachedRangeRoot, inclusionPath, leafHash, rootOf } from "../../protocol/merkle/tree.ts";
import { treeGrowth } from "./tree-growth.ts";

const leaves = Array.from({ length: 34 }, (_, index) => leafHash(utf8(`entry ${index}`), sha256));
const range = cachedRangeRoot(leaves, sha256);
const text = (bytes: Uint8Array): string => toBase64url(bytes);
const pathOf = (index: number, size: number): string[] => inclusionPath(index, size, range).map(text);

describe("tree growth", () => {
  it("[XA-20] finds both roots from one inclusion path, for every entry of every tree", async () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const now = text(rootOf(leaves.slice(0, size), sha256));
      for (let index = 0; index < size; index += 1) {
        const growth = await treeGrowth(text(leaves[index] as Uint8Array), index, size, pathOf(index, size));
        expect(growth).toEqual({ rootThen: text(rootOf(leaves.slice(0, index + 1), sha256)), rootNow: now });
      }
    }
  });

  it("gives another root for another leaf and nothing for a path of another length", async () => {
    const path = pathOf(10, 33);
    const leaf = text(leaves[10] as Uint8Array);
    const honest = await treeGrowth(leaf, 10, 33, path);
    const other = await treeGrowth(text(leaves[11] as Uint8Array), 10, 33, path);
    expect(other?.rootNow).not.toBe(honest?.rootNow);
    expect(other?.rootThen).not.toBe(honest?.rootThen);
    expect(await treeGrowth(leaf, 10, 33, path.slice(1))).toBeNull();
    expect(await treeGrowth(leaf, 10, 33, [...path, leaf])).toBeNull();
    expect(await treeGrowth(leaf, 33, 33, path)).toBeNull();
    expect(await treeGrowth("short", 10, 33, path)).toBeNull();
  });
});
