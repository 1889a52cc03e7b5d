import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { expect, it } from "vitest";
import { must } from "../base/assert.ts";
import { fromBase64url, toBase64url, utf8 } from "../base/bytes.ts";
import { leafHash, rootOf } from "../protocol/merkle/tree.ts";
import { verifyConsistency } from "../protocol/merkle/verify.ts";
import type { Host } from "./open-host.ts";
import { growthFrom } from "./own-checkpoint.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const [SIZE, FROM] = [700, 300];
const leaves = Array.from({ length: SIZE }, (_, at) => leafHash(utf8(`leaf ${at}`), sha256));
const rootAt = (size: number): Uint8Array => rootOf(leaves.slice(0, size), sha256);

/** A log of which entries came in while its index was being read, which has `behind` of them after `calls` readings. */
function growing(behind: number, calls: number) {
  let called = 0;
  const index = {
    catchUp: async () => {
      called += 1;
    },
    leaf: (seq: number) => (seq < (called > calls ? SIZE : behind) ? leaves[seq] : undefined),
  };
  const engine = {
    read: async (reader: (state: null, head: object) => unknown) =>
      reader(null, { size: SIZE, root: toBase64url(rootAt(SIZE)) }),
  };
  const after = (_ms: number, then: () => void) => {
    queueMicrotask(then);
    return () => undefined;
  };
  // The three parts of a host that a proof is made from.
  return { index, engine, ports: { sha256, clock: { after } } } as unknown as Host;
}

async function holds(host: Host): Promise<boolean> {
  const grown = await growthFrom(host, FROM);
  const { size, root, path } = must(grown.ok ? grown.value : null, "a proof");
  const bytes = (digest: string) => must(fromBase64url(digest), "a digest");
  const heads = { size1: FROM, root1: rootAt(FROM), size2: size, root2: bytes(root) };
  return verifyConsistency({ ...heads, path: path.map(bytes) }, sha256);
}

it("[XA-12] a proof is made of every entry under the head, those included that came while the index was read", async () => {
  expect(await holds(growing(500, 1))).toBe(true);
});

it("[XA-12] [XA-52] what could not be read once is not remembered as what the log is", async () => {
  const host = growing(500, 4);
  expect(await holds(host)).toBe(false);
  expect(await holds(host)).toBe(true);
});
