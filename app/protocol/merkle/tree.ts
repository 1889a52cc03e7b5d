import { assert, must } from "../../base/assert.ts";
import { concatBytes } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";

/** RFC 9162 §2.1 tree over SHA-256. Leaves are leaf hashes here, already separated from nodes by their 0x00 (XA-S4). */

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
const HASH_BYTES = 32;
/** What is hashed into a node, written anew for each: a hash is made at once, and a buffer for each costs more than it. */
const nodeInput = concatBytes(NODE_PREFIX, new Uint8Array(2 * HASH_BYTES));

/** Root of the empty tree: SHA-256 of the empty string. */
export const EMPTY_ROOT: Uint8Array<ArrayBuffer> = Uint8Array.of(
  0xe3,
  0xb0,
  0xc4,
  0x42,
  0x98,
  0xfc,
  0x1c,
  0x14,
  0x9a,
  0xfb,
  0xf4,
  0xc8,
  0x99,
  0x6f,
  0xb9,
  0x24,
  0x27,
  0xae,
  0x41,
  0xe4,
  0x64,
  0x9b,
  0x93,
  0x4c,
  0xa4,
  0x95,
  0x99,
  0x1b,
  0x78,
  0x52,
  0xb8,
  0x55,
);

export function leafHash(input: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concatBytes(LEAF_PREFIX, input));
}

export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  // What was stored and is no hash is hashed as it is: its root agrees with nothing.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return sha256(concatBytes(NODE_PREFIX, left, right));
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/**
 * Appends leaves to a compact range: `frontier` holds the roots of the perfect subtrees of the first `size` leaves,
 * largest first (one per set bit of `size`). Returns the frontier of `size + leaves.length`.
 */
export function appendLeaves(
  frontier: readonly Uint8Array[],
  size: number,
  leaves: readonly Uint8Array[],
  sha256: Sha256,
): Uint8Array[] {
  const roots = [...frontier];
  let count = size;
  for (const leaf of leaves) {
    let node = leaf;
    // Every trailing one bit of the count is a subtree as large as the one just made: they join.
    for (let bits = count; bits % 2 === 1; bits = Math.floor(bits / 2)) {
      node = nodeHash(must(roots.pop(), "a frontier has a root per set bit of its size"), node, sha256);
    }
    roots.push(node);
    count += 1;
  }
  return roots;
}

/** Root of a compact range: subtrees joined from the smallest up. */
export function frontierRoot(frontier: readonly Uint8Array[], size: number, sha256: Sha256): Uint8Array {
  if (size === 0) return EMPTY_ROOT;
  return frontier.reduceRight((right, left) => nodeHash(left, right, sha256));
}

export function rootOf(leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return frontierRoot(appendLeaves([], 0, leaves, sha256), leaves.length, sha256);
}

/** Largest power of two smaller than n (n > 1). */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Gives the root of any range [from, to) of leaves; a cache of perfect subtrees may stand behind it. */
export type RangeRoot = (from: number, to: number) => Uint8Array;

/** A range reader over leaves that keeps the roots of perfect, aligned subtrees, for many proofs over one log. */
export function cachedRangeRoot(leaves: readonly Uint8Array[], sha256: Sha256): RangeRoot {
  const cache = new Map<string, Uint8Array>();
  const root: RangeRoot = (from, to) => {
    const size = to - from;
    if (size === 1) return must(leaves[from], "a range lies inside the leaves");
    const perfect = (size & (size - 1)) === 0 && from % size === 0;
    const key = `${from}:${to}`;
    const known = perfect ? cache.get(key) : undefined;
    if (known !== undefined) return known;
    const k = splitPoint(size);
    const node = nodeHash(root(from, from + k), root(from + k, to), sha256);
    if (perfect) cache.set(key, node);
    return node;
  };
  return root;
}

/** RFC 9162 §2.1.3.1: inclusion path of leaf `index` in the first `size` leaves, lowest sibling first. */
export function inclusionPath(index: number, size: number, root: RangeRoot): Uint8Array[] {
  assert(index >= 0 && index < size, "an inclusion path is asked for a leaf of the tree");
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      path.push(root(middle, to));
      to = middle;
    } else {
      path.push(root(from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** RFC 9162 §2.1.4.1: consistency path from the first `size1` to the first `size2` leaves. */
export function consistencyPath(size1: number, size2: number, root: RangeRoot): Uint8Array[] {
  assert(size1 >= 0 && size1 <= size2, "a consistency path goes from the smaller to the larger tree");
  if (size1 === 0 || size1 === size2) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size2;
  let whole = true;
  while (size1 !== to) {
    const middle = from + splitPoint(to - from);
    if (size1 <= middle) {
      path.push(root(middle, to));
      to = middle;
    } else {
      path.push(root(from, middle));
      from = middle;
      whole = false;
    }
  }
  if (!whole) path.push(root(from, to));
  return path.reverse();
}
