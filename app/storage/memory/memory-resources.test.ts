import { resourceStoreSuite } from "../../agents/resources/resource-store.suite.ts";
import { createMemoryStorage } from "./memory-storage.ts";

resourceStoreSuite("memory", async () => {
  const { values, log } = createMemoryStorage();
  return { values, reopen: async () => values, dispose: async () => log.close() };
});
