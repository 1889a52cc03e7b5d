import { expect, test } from "vitest";
import { frameOf, readAll, storageSuite, value } from "../storage.suite.ts";
import { createMemoryStorage } from "./memory-storage.ts";

storageSuite("memory", async () => {
  const storage = createMemoryStorage();
  return { storage, reopen: async () => storage, dispose: async () => storage.log.close() };
});

test("keeps a CryptoKey that cannot be extracted, usable", async () => {
  const { values } = createMemoryStorage();
  const key = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  value(await values.put("key", key));
  const kept = value(await values.get("key")) as CryptoKeyPair;
  expect(kept.privateKey.extractable).toBe(false);
  expect((await crypto.subtle.sign("Ed25519", kept.privateKey, new Uint8Array(3))).byteLength).toBe(64);
});

test("stores the caller's own objects when it is told not to copy", async () => {
  const { log } = createMemoryStorage({ clone: false });
  const frame = frameOf(0, 2);
  value(await log.append("a", 0, frame));
  expect((await readAll(log, "a"))[0]).toBe(frame.entries[0]);
});
