import { contractSuite } from "../dispatch/contract.suite.ts";
import { connectEmbedded } from "./connect.ts";

contractSuite("served by the embedded host in a browser worker over IndexedDB", async () => {
  const connected = connectEmbedded(`test-${crypto.randomUUID()}`);
  return { client: connected.client, close: () => connected.close() };
});
