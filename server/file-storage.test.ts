import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../app/engine/ports.ts";
import { collect, frameOf, headOf, readAll, snapshotOf, storageSuite, value } from "../app/storage/storage.suite.ts";
import { openFileStorage } from "./file-storage.ts";

const newDirectory = (): Promise<string> => mkdtemp(join(tmpdir(), "signalbox-storage-"));
const remove = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true });

storageSuite("file", async () => {
  const directory = await newDirectory();
  let storage = value(await openFileStorage(directory));
  return {
    storage,
    reopen: async () => {
      storage.log.close();
      storage = value(await openFileStorage(directory));
      return storage;
    },
    dispose: async () => {
      storage.log.close();
      await remove(directory);
    },
  };
});

describe("file storage", () => {
  let directory: string;
  let storage: Storage;
  beforeEach(async () => {
    directory = await newDirectory();
    storage = value(await openFileStorage(directory));
  });
  afterEach(async () => {
    storage.log.close();
    await remove(directory);
  });
  const logFile = (): string => join(directory, "log", "a.jsonl");
  const reopen = async (): Promise<void> => {
    storage.log.close();
    storage = value(await openFileStorage(directory));
  };

  test("drops a last line at whatever byte its writing was cut off, and goes on from there", async () => {
    value(await storage.log.append("a", 0, { ...frameOf(0, 2), sth: "over 2" }));
    const whole = await readFile(logFile());
    value(await storage.log.append("a", 2, { ...frameOf(2, 1), sth: "over 3" }));
    const longer = await readFile(logFile());
    for (const length of [whole.length + 1, whole.length + 40, longer.length - 1]) {
      storage.log.close();
      await truncate(logFile(), 0);
      await writeFile(logFile(), longer.subarray(0, length));
      await reopen();
      expect(await readAll(storage.log, "a")).toEqual(frameOf(0, 2).entries);
      expect(value(await storage.log.heads("a"))).toEqual(["over 2"]);
      expect((await readFile(logFile())).equals(whole)).toBe(true);
    }
    value(await storage.log.append("a", 2, frameOf(2, 1, "again")));
    await reopen();
    expect(await readAll(storage.log, "a")).toEqual([...frameOf(0, 2).entries, ...frameOf(2, 1, "again").entries]);
  });

  test("leaves damage inside the log where it is and reads what is there around it", async () => {
    for (let size = 0; size < 4; size += 1) value(await storage.log.append("a", size, frameOf(size, 1)));
    storage.log.close();
    const lines = (await readFile(logFile(), "utf8")).split("\n");
    lines[1] = `${lines[1]?.slice(0, 30)}\u0000${lines[1]?.slice(31)}`;
    await writeFile(logFile(), lines.join("\n"));
    await reopen();
    expect((await readAll(storage.log, "a")).map((entry) => entry.seq)).toEqual([0, 2, 3]);
    expect(value(await storage.log.head("a"))).toEqual(headOf(4));
    expect(await readFile(logFile(), "utf8")).toBe(lines.join("\n"));
  });

  test("does not take a snapshot for real whose frame was never completed", async () => {
    value(await storage.log.append("a", 0, { ...frameOf(0, 1), snapshot: snapshotOf(1) }));
    value(await storage.log.append("a", 1, { ...frameOf(1, 1), snapshot: snapshotOf(2) }));
    storage.log.close();
    const bytes = await readFile(logFile());
    await truncate(logFile(), bytes.length - 1);
    await reopen();
    expect(value(await storage.log.snapshot("a"))).toBeNull();
    value(await storage.log.append("a", 1, frameOf(1, 1)));
    expect(value(await storage.log.snapshot("a"))).toBeNull();
  });

  test("keeps one snapshot file per domain and treats a damaged one as none", async () => {
    for (let size = 0; size < 3; size += 1)
      value(await storage.log.append("a", size, { ...frameOf(size, 1), snapshot: snapshotOf(size + 1) }));
    const files = await readdir(join(directory, "snapshot"));
    expect(files).toHaveLength(1);
    await writeFile(join(directory, "snapshot", files[0] ?? ""), "garbage");
    expect(value(await storage.log.snapshot("a"))).toBeNull();
  });

  test("refuses a second opening, in this process or while another lives, and takes over from a dead one", async () => {
    expect(await openFileStorage(directory)).toMatchObject({ ok: false, error: { code: "storage_blocked" } });
    storage.log.close();
    await writeFile(join(directory, "lock"), String(process.ppid));
    expect(await openFileStorage(directory)).toMatchObject({
      ok: false,
      error: { code: "storage_blocked", retry: true },
    });
    await writeFile(join(directory, "lock"), "4194999");
    storage = value(await openFileStorage(directory));
  });

  test("tells the truth about an append that closing overtook and refuses what comes after", async () => {
    const asked = storage.log.append("a", 0, frameOf(0, 500));
    storage.log.close();
    const answered = await asked;
    expect(await storage.log.append("a", 0, frameOf(0, 1))).toMatchObject({
      ok: false,
      error: { code: "storage_failed", retry: false },
    });
    await reopen();
    expect((await collect(storage.log, "a", 0, 1000)).length).toBe(answered.ok ? 500 : 0);
  });

  test("refuses a value that JSON cannot carry", async () => {
    const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    for (const value of [key, { at: undefined }, 1n, new Map(), Number.NaN]) {
      expect(await storage.values.put("key", value)).toMatchObject({
        ok: false,
        error: { code: "storage_failed", retry: false },
      });
    }
    expect(value(await storage.values.get("key"))).toBeUndefined();
  });

  test("says that a directory it may not use is unavailable", async () => {
    await appendFile(join(directory, "plain"), "");
    expect(await openFileStorage(join(directory, "plain"))).toMatchObject({
      ok: false,
      error: { code: "storage_failed" },
    });
  });
});
