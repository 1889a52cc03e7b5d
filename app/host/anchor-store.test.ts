import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { anchorStoreSuite } from "./anchor-store.suite.ts";

anchorStoreSuite(async () => createMemoryStorage().values);
