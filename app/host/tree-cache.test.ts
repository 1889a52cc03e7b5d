import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../base/bytes.ts";
import { cachedRangeRoot, consistencyPath, leafHash, rootOf } from "../protocol/merkle/tree.ts";
import { createTreeCache } from "./tree-cache.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const leaves = Array.from({ length: 5000 }, (_, at) => leafHash(utf8(`leaf ${at}`), sha256));

function open() {
  let pauses = 0;
  let read = 0;
  const after = (_ms: number, then: () => void): (() => void) => {
    pauses += 1;
    queueMicrotask(then);
    return () => undefined;
  };
  const leaf = (seq: number): Uint8Array => {
    read += 1;
    return leaves[seq] ?? new Uint8Array();
  };
  return { cache: createTreeCache(leaf, { after }, sha256), pauses: () => pauses, read: () => read };
}

describe("the kept subtrees of a log", () => {
  it("[XA-12] give the proofs that hashing it whole gives, in whatever order and size they are asked", async () => {
    const range = cachedRangeRoot(leaves, sha256);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4999), fc.nat(4999)), { minLength: 1, maxLength: 4 }),
        async (asked) => {
          const { cache } = open();
          for (const [a, b] of asked) {
            const [first, second] = [Math.min(a, b) + 1, Math.max(a, b) + 1];
            const root = await cache.upTo(second);
            expect(consistencyPath(first, second, root)).toEqual(consistencyPath(first, second, range));
            expect(root(0, second)).toEqual(range(0, second));
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it("[XA-12] pause between, and read the log once", async () => {
    const { cache, pauses, read } = open();
    const root = await cache.upTo(5000);
    expect(root(0, 5000)).toEqual(rootOf(leaves, sha256));
    expect(pauses()).toBeGreaterThanOrEqual(2);
    const before = read();
    expect((await cache.upTo(5000))(0, 5000)).toEqual(rootOf(leaves, sha256));
    expect(read() - before).toBeLessThan(256);
  });
});
