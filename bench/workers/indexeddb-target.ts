import { deleteDB, openDB } from "idb";
import { systemIds } from "../../app/base/system.ts";
import { openIndexedDbStorage } from "../../app/storage/indexeddb/indexeddb-storage.ts";
import type { AppendTarget } from "../work/append.ts";
import { value } from "../work/signed-load.ts";

/** Databases of their own for every repetition, removed afterwards. */
export const indexedDbTarget: AppendTarget = {
  openLog: async () => {
    const name = `bench-log-${systemIds.uuid()}`;
    const storage = value(await openIndexedDbStorage(name));
    return {
      log: storage.log,
      remove: async () => {
        storage.log.close();
        await deleteDB(name);
      },
    };
  },
  openRaw: async (batches) => {
    const name = `bench-raw-${systemIds.uuid()}`;
    const database = await openDB(name, 1, {
      upgrade: (created) => {
        created.createObjectStore("batches");
      },
    });
    return {
      append: async (at) => {
        const transaction = database.transaction("batches", "readwrite", { durability: "strict" });
        const put = transaction.store.put({ entries: batches[at] }, at);
        transaction.commit();
        await Promise.all([put, transaction.done]);
      },
      remove: async () => {
        database.close();
        await deleteDB(name);
      },
    };
  },
};
