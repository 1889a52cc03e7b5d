import { deleteDB } from "idb";
import { resourceStoreSuite, value } from "../../agents/resources/resource-store.suite.ts";
import { openIndexedDbStorage } from "./indexeddb-storage.ts";

resourceStoreSuite("IndexedDB", async () => {
  const name = `resources-test-${crypto.randomUUID()}`;
  let storage = value(await openIndexedDbStorage(name));
  return {
    values: storage.values,
    reopen: async () => {
      storage.log.close();
      storage = value(await openIndexedDbStorage(name));
      return storage.values;
    },
    dispose: async () => {
      storage.log.close();
      await deleteDB(name);
    },
  };
});
