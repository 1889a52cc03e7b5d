import { assert } from "../base/assert.ts";
import { systemClock, systemIds } from "../base/system.ts";
import { createDrillAgentHost } from "./drill/drill-agent-host.ts";
import type { FromAgent } from "./messages.ts";
import { FLAG_SLOTS, type ToPoolWorker } from "./worker-pool.ts";

/** One worker of the pool: agents take turns in it. It holds a lock for as long as it lives, so that its end can be seen. */

declare const self: DedicatedWorkerGlobalScope;

let shared: Int32Array | null = null;

const host = createDrillAgentHost({
  worker: {
    spin: () => {
      for (;;);
    },
    end: () => self.close(),
  },
  clock: systemClock,
  ids: systemIds,
  send: (message: FromAgent) => self.postMessage(message),
  flagged: (slot) => shared !== null && slot < FLAG_SLOTS && Atomics.load(shared, slot * 2) === 1,
  busy: (slot, tasks) => {
    if (shared !== null && slot < FLAG_SLOTS) Atomics.store(shared, slot * 2 + 1, tasks);
  },
});

self.onmessage = (event: MessageEvent<ToPoolWorker>) => {
  const message = event.data;
  if (message.t === "pool") {
    assert(shared === null, "a pool worker is set up once");
    shared = message.shared;
    void self.navigator.locks.request(message.lock, () => {
      self.postMessage({ t: "ready" } satisfies FromAgent);
      return new Promise(() => undefined);
    });
    return;
  }
  void host.receive(message);
};
