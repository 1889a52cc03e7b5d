import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Storage } from "../app/engine/ports.ts";
import { anchorStoreSuite } from "../app/host/anchor-store.suite.ts";
import { value } from "../app/storage/storage.suite.ts";
import { openFileStorage } from "./file-storage.ts";

const opened: { readonly directory: string; readonly storage: Storage }[] = [];

afterEach(async () => {
  for (const { directory, storage } of opened.splice(0)) {
    storage.log.close();
    await rm(directory, { recursive: true, force: true });
  }
});

anchorStoreSuite(async () => {
  const directory = await mkdtemp(join(tmpdir(), "signalbox-anchors-"));
  const storage = value(await openFileStorage(directory));
  opened.push({ directory, storage });
  return storage.values;
});
