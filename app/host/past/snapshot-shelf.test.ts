import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { err, ok } from "../../base/result.ts";
import type { KeyValueStore, Snapshot, Unavailable } from "../../engine/ports.ts";
import { isSnapshotDue } from "../../engine/seal.ts";
import { STATE_VERSION } from "../../engine/state.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { createSnapshotShelf } from "./snapshot-shelf.ts";

const rootAt = (size: number): string => String(size).padStart(43, "A");
const snapshotAt = (size: number, bytes = 10): Snapshot => ({
  ...{ size, root: rootAt(size), version: STATE_VERSION, bytes: new Uint8Array(bytes), token: "signed" },
});
/** A head as the log stores it; here nobody looks at its signature. */
const headOver = (size: number, root = rootAt(size)): string => {
  const claims = {
    ...{ iss: "spiffe://console.local/log", iat: 1000, jti: "0195400c-0000-7000-8000-0000000000d1" },
    ...{ tree_size: size, root, prev_size: 0, prev_root: rootAt(0) },
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "EdDSA", typ: "audit-sth+jwt", kid: "k" })}.${part(claims)}.${"A".repeat(86)}`;
};

function world(values: KeyValueStore = createMemoryStorage().values) {
  let newest: Snapshot | null = null;
  const heads: string[] = [];
  const log = { snapshot: async () => ok(newest), heads: async () => ok(heads) };
  const shelf = (most?: { count: number; bytes: number }) =>
    createSnapshotShelf({ log, domain: "console.local", values }, isSnapshotDue, most);
  /** The log takes one, as it does in one frame with its head. */
  const take = (snapshot: Snapshot): void => {
    newest = snapshot;
    heads.push(headOver(snapshot.size));
  };
  return { values, heads, shelf, take };
}

/** Sizes at which a log of so many entries, a frame of `step` at a time, takes its snapshots. */
function takenUpTo(size: number, step: number): number[] {
  const taken: number[] = [];
  for (let at = step; at <= size; at += step) if (isSnapshotDue(at, taken.at(-1) ?? 0)) taken.push(at);
  return taken;
}

describe("the shelf of a log's earlier snapshots", () => {
  it("[XA-79] keeps a few of them, the newest always, spread so that no place is far from the one before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2000, max: 200_000 }),
        fc.integer({ min: 1, max: 900 }),
        async (size, step) => {
          const { shelf, take } = world();
          const kept = shelf();
          const taken = takenUpTo(size, step);
          for (const at of taken) {
            take(snapshotAt(at));
            kept.appended(at);
            await kept.settled();
          }
          const sizes = await kept.sizes();
          expect(sizes.length).toBe(Math.min(8, taken.length));
          expect(sizes.at(-1)).toBe(taken.at(-1));
          const folds = sizes.map((at, place) => at - (sizes[place - 1] ?? 0));
          // A third of a long log at most: without the shelf it is nearly all of it.
          expect(Math.max(...folds)).toBeLessThanOrEqual(Math.max(2000 + step, size / 3));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("[XA-79] goes by bytes too, keeps what was there when it is opened again, and catches up with what it missed", async () => {
    const { shelf, take, values } = world();
    const first = shelf({ count: 8, bytes: 100 });
    for (const at of [2000, 4000, 6000]) {
      take(snapshotAt(at, 40));
      first.appended(at);
      await first.settled();
    }
    expect(await first.sizes()).toEqual([4000, 6000]);
    take(snapshotAt(8000, 40));
    await values.put("past-snapshot/0/0000000000009000/10", snapshotAt(9000));
    // It ended before that one was kept; the next entry makes it look.
    const next = shelf({ count: 8, bytes: 200 });
    expect(await next.sizes()).toEqual([4000, 6000]);
    next.appended(8001);
    await next.settled();
    expect(await next.sizes()).toEqual([4000, 6000, 8000]);
    const keys = await values.keys("past-snapshot/");
    expect(keys.ok && keys.value.filter((key) => key.startsWith("past-snapshot/0/"))).toEqual([]);
  });

  it("[XA-79] gives nothing that the log's heads do not say, and nothing that is none", async () => {
    const { shelf, take, values, heads } = world();
    const kept = shelf();
    take(snapshotAt(2000));
    kept.appended(2000);
    await kept.settled();
    expect((await kept.read(2000))?.root).toBe(rootAt(2000));
    expect(await kept.read(2001)).toBeNull();
    const key = `past-snapshot/${STATE_VERSION}/${"3000".padStart(16, "0")}/10`;
    await values.put(key, snapshotAt(3000));
    expect(await kept.read(3000)).toBeNull();
    await values.put(key, "garbage");
    expect(await kept.read(3000)).toBeNull();
    // Another history of the same log, under the same key.
    heads.push(headOver(2000, rootAt(1)));
    expect(await kept.read(2000)).toBeNull();
  });

  it("[XA-79] is cut off at any step and is whole all the same, and leaves room to the log when there is none", async () => {
    for (let cut = 1; cut < 30; cut += 1) {
      const { values } = createMemoryStorage();
      let left = cut;
      const step = async <T>(act: () => Promise<T>): Promise<T> => {
        left -= 1;
        if (left < 0) throw new Error("cut off by the test");
        return act();
      };
      const { shelf, take, ...of } = world({
        get: values.get,
        keys: (prefix) => step(() => values.keys(prefix)),
        put: (key, value) => step(() => values.put(key, value)),
        delete: (key) => step(() => values.delete(key)),
      });
      const kept = shelf({ count: 2, bytes: 1000 });
      for (const at of [2000, 4000, 6000, 8000]) {
        take(snapshotAt(at));
        kept.appended(at);
        await kept.settled();
      }
      left = Number.POSITIVE_INFINITY;
      const again = shelf({ count: 2, bytes: 1000 });
      for (const size of await again.sizes()) expect((await again.read(size))?.size).toBe(size);
      take(snapshotAt(10_000));
      again.appended(10_000);
      await again.settled();
      const sizes = await again.sizes();
      expect([sizes.length <= 2, sizes.at(-1)]).toEqual([true, 10_000]);
      expect(of.heads).toHaveLength(5);
    }
    const full: Unavailable = { code: "storage_full", retry: true, detail: "full" };
    const { values } = createMemoryStorage();
    let isFull = false;
    const { shelf, take } = world({ ...values, put: async (...args) => (isFull ? err(full) : values.put(...args)) });
    const kept = shelf();
    for (const at of [2000, 4000]) {
      isFull = at === 4000;
      take(snapshotAt(at));
      kept.appended(at);
      await kept.settled();
    }
    expect(await kept.sizes()).toEqual([]);
  });
});
