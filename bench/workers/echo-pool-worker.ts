import "../../app/agents/pool-worker.ts";

/** The worker agents run in, with an echo beside it: the floor is a message to the same thread under the same load. */

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener("message", (event: MessageEvent<unknown>) => {
  const port = event.ports[0];
  if (port !== undefined) port.onmessage = () => port.postMessage(null);
});
