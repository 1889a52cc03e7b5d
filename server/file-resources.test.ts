import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resourceStoreSuite, value } from "../app/agents/resources/resource-store.suite.ts";
import { openFileStorage } from "./file-storage.ts";

resourceStoreSuite("file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "signalbox-resources-"));
  let storage = value(await openFileStorage(directory));
  return {
    values: storage.values,
    reopen: async () => {
      storage.log.close();
      storage = value(await openFileStorage(directory));
      return storage.values;
    },
    dispose: async () => {
      storage.log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
