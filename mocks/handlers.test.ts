import { setupServer } from "msw/node";
import { contractSuite } from "../app/api/dispatch/contract.suite.ts";
import { connectRemote } from "../app/api/remote/connect.ts";
import { createHandlers } from "./handlers.ts";

contractSuite("answered by the mocks", async () => {
  const { handlers, close } = await createHandlers();
  const server = setupServer(...handlers);
  server.listen({ onUnhandledRequest: "error" });
  return {
    client: connectRemote("http://signalbox.test/api"),
    close: () => {
      server.close();
      close();
    },
  };
});
