import { deleteDB } from "idb";
import { afterEach } from "vitest";
import type { Storage } from "../engine/ports.ts";
import { openIndexedDbStorage } from "../storage/indexeddb/indexeddb-storage.ts";
import { value } from "../storage/storage.suite.ts";
import { anchorStoreSuite } from "./anchor-store.suite.ts";

const opened: { readonly name: string; readonly storage: Storage }[] = [];

afterEach(async () => {
  for (const { name, storage } of opened.splice(0)) {
    storage.log.close();
    await deleteDB(name);
  }
});

anchorStoreSuite(async () => {
  const name = `anchors-${crypto.randomUUID()}`;
  const storage = value(await openIndexedDbStorage(name));
  opened.push({ name, storage });
  return storage.values;
});
