import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import type { SignalboxClient } from "../api/client/client.ts";
import { toBase64url, utf8 } from "../base/bytes.ts";
import { cachedRangeRoot, consistencyPath, leafHash, rootOf } from "../protocol/merkle/tree.ts";
import { checkGrowth } from "./head-growth.ts";
import { createHeadWatch } from "./pinned-head.ts";

const DOMAIN = "console.local";

/** A log that answers for its growth, and a browser that remembers one head of some log. */
function bench(salt: string, size: number) {
  const leaves = Array.from({ length: size }, (_, at) => leafHash(utf8(`${at < 2 ? "" : salt}entry ${at}`), sha256));
  const root = (at: number): string => toBase64url(rootOf(leaves.slice(0, at), sha256));
  const growth = async ({ from }: { from: number }) => ({
    size,
    root: root(size),
    path: consistencyPath(from, size, cachedRangeRoot(leaves, sha256)).map(toBase64url),
  });
  const client = { anchors: { growth } } as unknown as SignalboxClient; // what is asked of it here
  const kept = new Map<string, string>();
  const storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  return {
    client,
    root,
    watch: createHeadWatch(storage),
    reload: () => createHeadWatch(storage),
    now: { domain: DOMAIN, size },
  };
}
const conflictOf = ({ watch }: ReturnType<typeof bench>) => watch.store.getState().conflict;

describe("a log that is longer than when this browser last saw it", () => {
  it("[XA-12] is taken where it grew out of that, for every two sizes", async () => {
    for (let size = 1; size < 12; size += 1) {
      const log = bench("", 12);
      await checkGrowth(log.client, log.watch, { size, root: log.root(size), seenAtMs: 0 }, log.now);
      expect(conflictOf(log)).toBeNull();
    }
  });

  it("[XA-12] [C2] is told where its beginning is another, and what was seen stays the measure over a reload", async () => {
    const seen = { size: 7, root: bench("", 7).root(7), seenAtMs: 5 };
    const log = bench("rewritten ", 12);
    log.watch.judge(seen, { ...log.now, root: log.root(12), atMs: 9 });
    expect(log.watch.before(DOMAIN)?.size).toBe(12);
    await checkGrowth(log.client, log.watch, seen, log.now);
    expect(conflictOf(log)).toMatchObject({ kind: "rewritten", seen, size: 12 });
    expect(log.reload().before(DOMAIN)).toEqual(seen);
    log.watch.acceptNow({ ...log.now, root: log.root(12), atMs: 9 });
    expect(conflictOf(log)).toBeNull();
  });

  it("[XA-12] says nothing where no proof is to be had, or none is needed", async () => {
    const log = bench("rewritten ", 12);
    const seen = { size: 7, root: bench("", 7).root(7), seenAtMs: 5 };
    const silent = { anchors: { growth: () => Promise.reject(new Error("gone")) } } as unknown as SignalboxClient; // see above
    await checkGrowth(silent, log.watch, seen, log.now);
    await checkGrowth(silent, log.watch, { ...seen, size: 0 }, log.now);
    expect(conflictOf(log)).toBeNull();
    expect([log.watch.firstLook(), log.watch.firstLook()]).toEqual([true, false]);
  });
});
