import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { equalBytes, utf8 } from "../../base/bytes.ts";
import { cachedRangeRoot, consistencyPath, leafHash, rootOf } from "../merkle/tree.ts";
import {
  compromise,
  HEAD_INTERVAL_MS,
  type MonitoredLog,
  newMonitor,
  observe,
  passTime,
  pinnedHead,
  repin,
  type SeenHead,
} from "./monitor.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes);
const MOST = 12;

/** Histories that begin alike and part at an entry: what a log shows one reader and what it shows another. */
function historyOf(forkAt: number, salt: string) {
  const leaves = Array.from({ length: MOST }, (_, at) =>
    leafHash(utf8(`${at < forkAt ? "" : salt}entry ${at}`), sha256),
  );
  const range = cachedRangeRoot(leaves, sha256);
  return {
    head: (size: number, seenAtMs: number, timeS: number | null = null): SeenHead => ({
      size,
      root: rootOf(leaves.slice(0, size), sha256),
      timeS,
      seenAtMs,
    }),
    path: (a: number, b: number) => consistencyPath(Math.min(a, b), Math.max(a, b), range),
  };
}
const one = historyOf(MOST, "");
const pinnedAt = (size: number): MonitoredLog => must(repin(newMonitor(0), one.head(size, 0), 0), "a head");
const unproven = { path: null, isNewest: false };

describe("a monitor", () => {
  it("[XA-12] takes a head only by the proof that it grew out of the pinned one", () => {
    expect(observe(newMonitor(0), one.head(3, 1), unproven, sha256)).toMatchObject({
      seen: "pinned",
      log: { state: "fresh" },
    });
    const before = pinnedAt(3);
    expect(observe(before, one.head(7, 1), unproven, sha256)).toEqual({ log: before, seen: "proof_needed" });
    const grown = observe(before, one.head(7, 1), { path: one.path(3, 7), isNewest: false }, sha256);
    expect(grown).toMatchObject({ seen: "grown", log: { state: "consistent", heardAtMs: 1 } });
    expect(pinnedHead(grown.log)?.size).toBe(7);
    expect(observe(grown.log, one.head(3, 2), unproven, sha256).seen).toBe("earlier");
    expect(observe(grown.log, one.head(5, 2), { path: one.path(5, 7), isNewest: false }, sha256).seen).toBe("earlier");
    expect(observe(grown.log, one.head(7, 2), unproven, sha256)).toMatchObject({ seen: "same", log: { heardAtMs: 2 } });
  });

  it("[XA-S2] finds a split view as soon as both heads are in hand, whichever came first and without a proof", () => {
    const other = historyOf(2, "other ");
    const grown = observe(pinnedAt(3), one.head(7, 1), { path: one.path(3, 7), isNewest: false }, sha256).log;
    for (const size of [3, 7]) {
      const split = observe(grown, other.head(size, 2), unproven, sha256);
      expect(split).toMatchObject({
        seen: "contradiction",
        log: { state: "inconsistent", contradiction: { code: "log_split_view", before: { size }, after: { size } } },
      });
    }
  });

  it("[XA-12] finds a rewritten, a shortened and a backdated log", () => {
    const other = historyOf(2, "other ");
    const codeOf = (head: SeenHead, path: readonly Uint8Array[] | null, isNewest: boolean, log = pinnedAt(5)) =>
      observe(log, head, { path, isNewest }, sha256).log.contradiction?.code;
    expect(codeOf(other.head(7, 1), other.path(5, 7), false)).toBe("log_inconsistent");
    expect(codeOf(one.head(4, 1), null, true)).toBe("log_shrunk");
    expect(codeOf(one.head(4, 1), null, false)).toBeUndefined();
    const timed = must(repin(newMonitor(0), one.head(5, 0, 100), 0), "a head");
    expect(codeOf(one.head(7, 1, 99), one.path(5, 7), true, timed)).toBe("log_time_order");
    expect(codeOf(one.head(7, 1, 100), one.path(5, 7), true, timed)).toBeUndefined();
  });

  it("[XA-12] is closed by a contradiction until somebody acknowledges it and pins anew", () => {
    const broken = observe(pinnedAt(5), historyOf(0, "x").head(5, 1), unproven, sha256).log;
    const proof = { path: one.path(5, 7), isNewest: true };
    expect(observe(broken, one.head(7, 2), proof, sha256)).toEqual({ log: broken, seen: "closed" });
    expect(passTime(broken, 1e9).state).toBe("inconsistent");
    const { before } = must(broken.contradiction, "it has one");
    expect(observe(must(repin(broken, before, 3), "a head"), one.head(7, 4), proof, sha256).seen).toBe("grown");
  });

  it("[XA-12] is stale after two intervals without a head, and not any more with the next", () => {
    const grown = observe(pinnedAt(3), one.head(7, 10), { path: one.path(3, 7), isNewest: true }, sha256).log;
    expect(passTime(grown, 10 + 2 * HEAD_INTERVAL_MS).state).toBe("consistent");
    const stale = passTime(grown, 11 + 2 * HEAD_INTERVAL_MS);
    expect(stale.state).toBe("stale");
    expect(observe(stale, one.head(7, 200_000), unproven, sha256).log.state).toBe("consistent");
  });

  it("[XA-S5] distrusts what it first sees after the key was stolen, and keeps what it had before", () => {
    let log = pinnedAt(3);
    log = observe(log, one.head(5, 100), { path: one.path(3, 5), isNewest: true }, sha256).log;
    log = observe(log, one.head(7, 200), { path: one.path(5, 7), isNewest: true }, sha256).log;
    const stolen = compromise(log, 150);
    expect(pinnedHead(stolen)?.size).toBe(5);
    const forged = historyOf(0, "thief ").head(5, 300);
    expect(observe(stolen, forged, unproven, sha256)).toEqual({ log: stolen, seen: "distrusted" });
    expect(compromise(stolen, 500).compromisedAtMs).toBe(150);
    expect(pinnedHead(compromise(stolen, 50))?.size).toBe(3);
  });

  it("[XA-S5] a stolen key stays stolen when a contradiction is acknowledged, and no head from after it is gone on from", () => {
    const split = observe(pinnedAt(5), historyOf(0, "thief ").head(5, 300), unproven, sha256).log;
    const stolen = compromise(split, 150);
    const { before, after } = must(stolen.contradiction, "it has one");
    const again = must(repin(stolen, before, 400), "a head from before");
    expect(again.compromisedAtMs).toBe(150);
    expect(observe(again, one.head(7, 500), unproven, sha256).seen).toBe("distrusted");
    expect(repin(stolen, after, 400)).toBeNull();
  });

  it("[XA-12] [XA-S2] over any course pins one history only, and calls no honest log inconsistent", () => {
    const step = fc.record({
      forked: fc.boolean(),
      size: fc.integer({ min: 0, max: MOST }),
      proven: fc.boolean(),
      isNewest: fc.boolean(),
      waitMs: fc.integer({ min: 0, max: 200_000 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MOST - 1 }), fc.array(step, { maxLength: 14 }), (forkAt, steps) => {
        const fork = historyOf(forkAt, "fork ");
        let log = newMonitor(0);
        let nowMs = 0;
        let largest = 0;
        /** What an omniscient reader knows: which heads the log has shown that cannot be of one history. */
        let honest = true;
        for (const { forked, size, proven, isNewest, waitMs } of steps) {
          nowMs += waitMs;
          const from = forked ? fork : one;
          const before = pinnedHead(log);
          // A proof leads up to the larger of both.
          honest &&= !forked || (proven ? Math.max(size, before?.size ?? 0) : size) <= forkAt;
          honest &&= !(isNewest && size < largest);
          const path = proven && before !== null ? from.path(before.size, size) : null;
          const { log: after, seen } = observe(
            passTime(log, nowMs),
            from.head(size, nowMs),
            { path, isNewest },
            sha256,
          );
          if (honest) expect(after.state).not.toBe("inconsistent");
          if (log.state === "inconsistent") expect(seen).toBe("closed");
          log = after;
          largest = Math.max(largest, pinnedHead(log)?.size ?? 0);
          const pinned = log.pinned.filter((head) => head.size > 0);
          const isOf = (history: typeof one) =>
            pinned.every((head) => equalBytes(head.root, history.head(head.size, 0).root));
          expect(isOf(one) || isOf(fork)).toBe(true);
          expect(pinned.every((head, at) => at === 0 || head.size > (pinned[at - 1]?.size ?? 0))).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
