import { assert } from "../base/assert.ts";
import { systemClock, systemIds } from "../base/system.ts";
import { createDrillAgentHost } from "./drill/drill-agent-host.ts";
import type { FromAgent } from "./messages.ts";
import { createDeskClient, type DeskClient } from "./resources/desk-messages.ts";
import { FLAG_SLOTS, type FromPoolWorker, type ToPoolWorker } from "./worker-pool.ts";

/** One worker of the pool: agents take turns in it. It holds a lock for as long as it lives, so that its end can be seen. */

declare const self: DedicatedWorkerGlobalScope;

let shared: Int32Array | null = null;

const desks = new Map<string, DeskClient>();
const deskOf = (agent: string): DeskClient => {
  const known = desks.get(agent);
  if (known !== undefined) return known;
  const made = createDeskClient((id, call) =>
    self.postMessage({ t: "store", agent, id, call } satisfies FromPoolWorker),
  );
  desks.set(agent, made);
  return made;
};

const host = createDrillAgentHost({
  desk: deskOf,
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
  if (message.t === "stored") {
    desks.get(message.agent)?.answered(message.id, message.answer);
    return;
  }
  void host.receive(message);
};
