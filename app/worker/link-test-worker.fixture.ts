import { os } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";

/**
 * A host whose answers a test can wait for in vain: a worker named `silent` takes calls and dies before it answers any.
 * Each call it takes is told to the page first.
 */
declare const self: DedicatedWorkerGlobalScope;

const answer = os.handler(async ({ path }) => {
  self.postMessage(path.join("."));
  if (self.name === "silent") await new Promise(() => undefined);
  return self.name;
});
const stream = os.handler(async function* ({ path }) {
  self.postMessage(path.join("."));
  yield self.name;
  await new Promise(() => undefined);
});

const handler = new RPCHandler({
  gate: { queue: answer, decide: answer },
  workflow: { playback: answer },
  audit: { watch: stream },
});

self.addEventListener("message", ({ data: port }: MessageEvent<MessagePort>) => {
  handler.upgrade(port, { context: {} });
  port.start();
});
