import { storageSuite } from "../storage.suite.ts";
import { createMemoryStorage } from "./memory-storage.ts";

storageSuite("memory", async () => {
  const storage = createMemoryStorage();
  return { storage, reopen: async () => storage };
});
