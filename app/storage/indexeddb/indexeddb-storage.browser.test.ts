import { deleteDB, openDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Storage } from "../../engine/ports.ts";
import { collect, entryOf, frameOf, headOf, readAll, snapshotOf, storageSuite, value } from "../storage.suite.ts";
import { openConnection } from "./connection.ts";
import { openIndexedDbStorage } from "./indexeddb-storage.ts";

let made = 0;
const newName = (): string => `storage-test-${++made}-${crypto.randomUUID()}`;

/** Chromium's storage buckets, for a quota of our own choice. */
interface StorageBuckets {
  open(name: string, options: { quota: number }): Promise<{ readonly indexedDB: IDBFactory }>;
  delete(name: string): Promise<void>;
}

storageSuite("IndexedDB", async () => {
  const name = newName();
  let storage = value(await openIndexedDbStorage(name));
  return {
    storage,
    reopen: async () => {
      storage.log.close();
      storage = value(await openIndexedDbStorage(name));
      return storage;
    },
    dispose: async () => {
      storage.log.close();
      await deleteDB(name);
    },
  };
});

describe("IndexedDB storage", () => {
  let name: string;
  let storage: Storage;
  beforeEach(async () => {
    name = newName();
    storage = value(await openIndexedDbStorage(name));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    storage.log.close();
    await deleteDB(name);
  });

  const records = async (): Promise<[number, number][]> => {
    const raw = await openDB(name);
    const [keys, found] = await Promise.all([raw.getAllKeys("frames"), raw.getAll("frames")]);
    raw.close();
    return keys.map((key, index) => [
      (key as [string, number])[1],
      (found[index] as { entries: unknown[] }).entries.length,
    ]);
  };

  test("asks for strict durability for every write", async () => {
    const opened = vi.spyOn(IDBDatabase.prototype, "transaction");
    value(await storage.log.append("a", 0, frameOf(0, 1)));
    value(await storage.log.dropSnapshots("a"));
    value(await storage.objects.put("d", 1));
    value(await storage.values.put("v", 1));
    value(await storage.values.delete("v"));
    expect(opened.mock.calls.map(([, mode, options]) => [mode, options])).toEqual(
      Array(5).fill(["readwrite", { durability: "strict" }]),
    );
  });

  test("rewrites the small frames since the last full segment as one segment of 1,000", async () => {
    for (let size = 0; size < 999; size += 111) value(await storage.log.append("a", size, frameOf(size, 111)));
    expect(await records()).toHaveLength(9);
    value(await storage.log.append("a", 999, frameOf(999, 1)));
    expect(await records()).toEqual([[0, 1000]]);
    value(await storage.log.append("a", 1000, frameOf(1000, 7)));
    value(await storage.log.append("a", 1007, frameOf(1007, 2500)));
    expect(await records()).toEqual([
      [0, 1000],
      [1000, 1000],
      [2000, 1000],
      [3000, 507],
    ]);
    expect(await readAll(storage.log, "a")).toEqual(frameOf(0, 3507).entries);
  });

  test("lets exactly one of two connections win an append at the same size", async () => {
    const other = value(await openIndexedDbStorage(name));
    for (let size = 0; size < 20; size += 1) {
      const results = await Promise.all([
        storage.log.append("a", size, frameOf(size, 1, "one")),
        other.log.append("a", size, frameOf(size, 1, "other")),
      ]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      expect(await collect(other.log, "a", size, size + 1)).toEqual(
        frameOf(size, 1, results[0]?.ok ? "one" : "other").entries,
      );
    }
    other.log.close();
  });

  test("reads on over a record that is missing, in key order", async () => {
    value(await storage.log.append("a", 0, frameOf(0, 3500)));
    value(await storage.log.append("a", 3500, frameOf(3500, 10)));
    value(await storage.log.append("a", 3510, frameOf(3510, 10)));
    const raw = await openDB(name);
    await raw.delete("frames", ["a", 1000]);
    await raw.delete("frames", ["a", 3500]);
    await raw.put("frames", { entries: "none" }, ["a", 2000]);
    await raw.put("frames", { entries: [entryOf(3510), { seq: 3511 }, null, entryOf(9_999_999)] }, ["a", 3510]);
    raw.close();
    const seqs = (await collect(storage.log, "a", 0, 4000)).map((entry) => entry.seq);
    expect(seqs.slice(0, 1000)).toEqual(frameOf(0, 1000).entries.map((entry) => entry.seq));
    expect(seqs.slice(1000)).toEqual([...frameOf(3000, 500).entries.map((entry) => entry.seq), 3510, 9_999_999]);
    expect((await collect(storage.log, "a", 1200, 3002)).map((entry) => entry.seq)).toEqual([3000, 3001]);
  });

  test("leaves a damaged open segment as it is when later entries fill it", async () => {
    for (let size = 0; size < 900; size += 300) value(await storage.log.append("a", size, frameOf(size, 300)));
    const raw = await openDB(name);
    await raw.delete("frames", ["a", 300]);
    raw.close();
    value(await storage.log.append("a", 900, frameOf(900, 200)));
    expect(await records()).toEqual([
      [0, 300],
      [600, 300],
      [900, 100],
      [1000, 100],
    ]);
    expect((await readAll(storage.log, "a")).map((entry) => entry.seq)).toEqual(
      [...frameOf(0, 300).entries, ...frameOf(600, 500).entries].map((entry) => entry.seq),
    );
  });

  test("[COM-12] keeps a private key that cannot be extracted, usable after reopening", async () => {
    const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    value(await storage.values.put("key", { private: (pair as CryptoKeyPair).privateKey }));
    storage.log.close();
    storage = value(await openIndexedDbStorage(name));
    const kept = value(await storage.values.get("key")) as { private: CryptoKey };
    expect(kept.private.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("pkcs8", kept.private)).rejects.toThrow();
    expect((await crypto.subtle.sign("Ed25519", kept.private, new Uint8Array(3))).byteLength).toBe(64);
  });

  test("answers storage_full when the quota is used up, writes nothing, and goes on where there is room", async () => {
    const { storageBuckets } = navigator as unknown as { storageBuckets: StorageBuckets };
    const bucketName = `small-${crypto.randomUUID()}`;
    const small = await storageBuckets.open(bucketName, { quota: 200_000 });
    const open = IDBFactory.prototype.open;
    vi.spyOn(IDBFactory.prototype, "open").mockImplementation((...args) => open.apply(small.indexedDB, args));
    const { log } = value(await openIndexedDbStorage(name));
    value(await log.append("a", 0, frameOf(0, 1)));
    const tooBig = { ...frameOf(1, 400, "x".repeat(10_000)), sth: "no" };
    expect(await log.append("a", 1, tooBig)).toMatchObject({ ok: false, error: { code: "storage_full", retry: true } });
    expect(value(await log.head("a"))).toEqual(headOf(1));
    expect(await collect(log, "a", 0, 1000)).toEqual(frameOf(0, 1).entries);
    expect(value(await log.heads("a"))).toEqual([]);
    value(await log.append("a", 1, frameOf(1, 1)));
    log.close();
    await storageBuckets.delete(bucketName);
  });

  test("answers unknown when a transaction ends without saying whether it was committed", async () => {
    vi.spyOn(IDBTransaction.prototype, "commit").mockImplementationOnce(function (this: IDBTransaction) {
      this.abort();
    });
    expect(await storage.log.append("a", 0, frameOf(0, 1))).toMatchObject({ ok: false, error: { code: "unknown" } });
    const { size } = value(await storage.log.head("a"));
    expect(await readAll(storage.log, "a")).toHaveLength(size);
    value(await storage.log.append("a", size, frameOf(size, 1)));
  });

  test("makes way for a newer version opened elsewhere, finishing the append under way, and says so afterwards", async () => {
    const underWay = storage.log.append("a", 0, { ...frameOf(0, 5), snapshot: snapshotOf(5) });
    const newer = await openDB(name, 2);
    value(await underWay);
    expect(await newer.count("frames")).toBe(1);
    newer.close();
    for (const result of [
      await storage.log.append("a", 5, frameOf(5, 1)),
      await storage.log.head("a"),
      await storage.values.put("k", 1),
    ]) {
      expect(result).toMatchObject({ ok: false, error: { code: "storage_blocked", retry: false } });
    }
    expect(await collect(storage.log, "a", 0, 5)).toEqual([]);
    expect(await openIndexedDbStorage(name)).toMatchObject({
      ok: false,
      error: { code: "storage_blocked", retry: false },
    });
  });

  test("answers storage_failed after it was closed", async () => {
    storage.log.close();
    expect(await storage.log.append("a", 0, frameOf(0, 1))).toMatchObject({
      ok: false,
      error: { code: "storage_failed", retry: false },
    });
    expect(await storage.objects.get("d")).toMatchObject({ ok: false, error: { code: "storage_failed" } });
  });

  test.each([
    ["SecurityError", "storage_denied", false],
    ["InvalidStateError", "storage_denied", false],
    ["QuotaExceededError", "storage_full", true],
    ["UnknownError", "storage_failed", true],
  ])("answers an opening refused with %s with %s", async (refused, code, retry) => {
    vi.spyOn(IDBFactory.prototype, "open").mockImplementationOnce(() => {
      throw new DOMException("refused", refused);
    });
    expect(await openIndexedDbStorage(newName())).toMatchObject({ ok: false, error: { code, retry } });
  });
});

describe("IndexedDB connection", () => {
  test("does not wait behind a tab that keeps an older version open", async () => {
    const name = newName();
    const stubborn = await openDB(name, 1);
    const opened = await openConnection(name, 2, () => undefined);
    expect(opened).toMatchObject({ ok: false, error: { code: "storage_blocked", retry: true } });
    stubborn.close();
    const again = value(await openConnection(name, 2, () => undefined));
    expect(again.database.version).toBe(2);
    again.close();
    await deleteDB(name);
  });

  test("does not wait in silence behind a deletion that another tab holds up", async () => {
    const name = newName();
    const stubborn = await openDB(name, 1);
    const deletion = deleteDB(name);
    const opened = await openConnection(name, 1, () => undefined, 200);
    expect(opened).toMatchObject({ ok: false, error: { code: "storage_blocked", retry: true } });
    expect(!opened.ok && opened.error.detail).toContain("close or reload the other tabs");
    stubborn.close();
    await deletion;
    const again = value(await openConnection(name, 1, () => undefined));
    again.close();
    await deleteDB(name);
  });
});
