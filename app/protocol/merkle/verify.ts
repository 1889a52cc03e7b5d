import { equalBytes } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { nodeHash } from "./tree.ts";

const HASH_BYTES = 32;
const isHash = (bytes: Uint8Array): boolean => bytes.length === HASH_BYTES;
const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

interface InclusionPath {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** RFC 9162 §2.1.3.2. Hashes of another length than 32 bytes are refused, even where both sides are equal. */
export function verifyInclusion(proof: InclusionPath & { readonly root: Uint8Array }, sha256: Sha256): boolean {
  const root = inclusionRoot(proof, sha256);
  return root !== null && equalBytes(root, proof.root);
}

/** The root that a path leads to, for proofs whose root is not written down (COSE receipts); null where it fits no tree. */
export function inclusionRoot({ index, size, leaf, path }: InclusionPath, sha256: Sha256): Uint8Array | null {
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, ...path].every(isHash)) return null;
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of path) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node, sha256);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      node = nodeHash(node, sibling, sha256);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 ? node : null;
}

interface ConsistencyPath {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** RFC 9162 §2.1.4.2, with the empty tree consistent with every tree. */
export function verifyConsistency(proof: ConsistencyPath & { readonly root2: Uint8Array }, sha256: Sha256): boolean {
  const { size1, size2, root1, root2, path } = proof;
  if (!isSize(size1) || !isSize(size2) || size1 > size2 || ![root1, root2, ...path].every(isHash)) return false;
  if (size1 === 0 && size2 > 0) return path.length === 0;
  const root = consistencyRoot(proof, sha256);
  return root !== null && equalBytes(root, root2);
}

/**
 * The root of the larger tree that a path leads to from the smaller one, for proofs whose root is not written down (COSE
 * receipts); null where the path does not begin at `root1`, or fits no trees of these sizes.
 */
export function consistencyRoot({ size1, size2, root1, path }: ConsistencyPath, sha256: Sha256): Uint8Array | null {
  if (!isSize(size1) || !isSize(size2) || size1 > size2 || ![root1, ...path].every(isHash)) return null;
  if (size1 === size2) return path.length === 0 ? root1 : null;
  const [first, ...rest] = isPowerOfTwo(size1) ? [root1, ...path] : path;
  if (first === undefined || size1 === 0) return null;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  let fr = first;
  let sr = first;
  for (const node of rest) {
    if (sn === 0) return null;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(node, fr, sha256);
      sr = nodeHash(node, sr, sha256);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeHash(sr, node, sha256);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equalBytes(fr, root1) ? sr : null;
}

/** Shift right by one, for sizes beyond 32 bits as well. */
const half = (value: number): number => Math.floor(value / 2);

function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}
