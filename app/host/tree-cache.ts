import { must } from "../base/assert.ts";
import type { Clock, Sha256 } from "../base/ports.ts";
import { nodeHash, type RangeRoot, rootOf, splitPoint } from "../protocol/merkle/tree.ts";

/**
 * The roots of the larger subtrees of a log that only grows, kept so that proofs over a long log are made without hashing
 * it anew each time. They are made a few at a time, with a pause between: a stop must not wait behind a proof.
 */
export interface TreeCache {
  /** Gives the root of any range of the first `size` leaves. */
  upTo(size: number): Promise<RangeRoot>;
}

/** Leaves of the smallest subtree that is kept: its root costs as much to make as a look into a tile. */
const BLOCK = 256;
/** Blocks between two pauses: some 1,000 hashes, a few milliseconds. */
const BLOCKS_AT_ONCE = 4;

export function createTreeCache(
  leaf: (seq: number) => Uint8Array,
  clock: Pick<Clock, "after">,
  sha256: Sha256,
): TreeCache {
  /** By log2(leaves / BLOCK), then by place. */
  const kept: Uint8Array[][] = [[]];
  const leaves = (from: number, to: number): Uint8Array[] =>
    Array.from({ length: to - from }, (_, at) => leaf(from + at));

  const perfect = (level: number, place: number): Uint8Array => {
    kept[level] ??= [];
    const row = must(kept[level], "made before");
    row[place] ??=
      level === 0
        ? rootOf(leaves(place * BLOCK, (place + 1) * BLOCK), sha256)
        : nodeHash(perfect(level - 1, 2 * place), perfect(level - 1, 2 * place + 1), sha256);
    return must(row[place], "made above");
  };

  const root: RangeRoot = (from, to) => {
    const size = to - from;
    if (size === 1) return leaf(from);
    if (size >= BLOCK && Number.isInteger(Math.log2(size)) && from % size === 0)
      return perfect(Math.log2(size / BLOCK), from / size);
    const middle = from + splitPoint(size);
    return nodeHash(root(from, middle), root(middle, to), sha256);
  };

  return {
    upTo: async (size) => {
      const blocks = Math.floor(size / BLOCK);
      const made = must(kept[0], "made above").length;
      for (let place = made; place < blocks; place += 1) {
        perfect(0, place);
        if (place % BLOCKS_AT_ONCE === 0) await new Promise<void>((resolve) => clock.after(0, resolve));
      }
      return root;
    },
  };
}
