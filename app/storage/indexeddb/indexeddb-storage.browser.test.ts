import { must } from "../../base/assert.ts";
import { storageSuite } from "../storage.suite.ts";
import { openIndexedDbStorage } from "./indexeddb-storage.ts";

storageSuite("IndexedDB", async () => {
  const name = `test-${crypto.randomUUID()}`;
  const open = async () => {
    const opened = await openIndexedDbStorage(name);
    return must(opened.ok ? opened.value : null, "the database opens");
  };
  const storage = await open();
  return {
    storage,
    reopen: async () => {
      storage.log.close();
      return open();
    },
  };
});
