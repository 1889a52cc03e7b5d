import { fromBase64url, toBase64url } from "../../base/bytes.ts";

/** What an inclusion proof of entry `index` in a tree of `size` entries says of the tree, before and after. */
export interface TreeGrowth {
  /** Root over the entries 0..index, when that entry was the last one. */
  readonly rootThen: string;
  /** Root over all `size` entries. */
  readonly rootNow: string;
}

/**
 * Follows an inclusion path (RFC 9162 §2.1.3.2) twice: with every sibling it gives the root now; with the siblings to the
 * left alone it gives the root the tree had when the entry was its last. So one receipt proves that the larger tree grew
 * out of the smaller one. Null when the path does not fit index and size. Digests are base64url.
 */
export async function treeGrowth(
  leaf: string,
  index: number,
  size: number,
  path: readonly string[],
): Promise<TreeGrowth | null> {
  const siblings = path.map(fromBase64url);
  let then = fromBase64url(leaf);
  let now = then;
  if (index < 0 || index >= size || then === null || now === null || then.length !== 32) return null;
  let fn = index;
  let sn = size - 1;
  for (const sibling of siblings) {
    if (sn === 0 || sibling === null || sibling.length !== 32) return null;
    if (fn % 2 === 1 || fn === sn) {
      then = await join(sibling, then);
      now = await join(sibling, now);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      now = await join(now, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? { rootThen: toBase64url(then), rootNow: toBase64url(now) } : null;
}

async function join(left: Uint8Array, right: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(65);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
