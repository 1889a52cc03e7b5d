import { RPCHandler } from "@orpc/server/message-port";
import { createWorkerPool } from "../../app/agents/worker-pool.ts";
import { router } from "../../app/api/dispatch/router.ts";
import { must } from "../../app/base/assert.ts";
import { systemClock, systemIds } from "../../app/base/system.ts";
import { type Host, openHost } from "../../app/host/open-host.ts";
import { createSha256 } from "../../app/protocol/jose/hasher.ts";
import { readStopLine } from "../../app/protocol/override/stop-line-reader.ts";
import { openIndexedDbStorage } from "../../app/storage/indexeddb/indexeddb-storage.ts";
import { value } from "../work/signed-load.ts";
import type { SpinningWorkerSays } from "./spinning-worker.ts";
import type { StopMessage, StopOutcome, StopReply, StopRequest } from "./stop-messages.ts";
import { nowMs, type PoolWatch, watchPool } from "./timed-pool.ts";

/** The console's host as its worker composes it, with a watch on its agents' pool and echoes beside its ports. */

declare const self: DedicatedWorkerGlobalScope;

/** How often it is looked whether something has come about, ms; times are taken where things happen, not here. */
const LOOK_MS = 10;

/** Wall clock with fractions: the monitor's times are the measurement. */
const clock = { ...systemClock, nowMs };

let host: Host | null = null;
let watch: PoolWatch | null = null;
let line: ReturnType<typeof readStopLine> | null = null;
/** Echoes of the agents' workers that live. */
const echoes = new Set<MessagePort>();

async function open({ profile, runaway, line: memory }: Extract<StopRequest, { t: "open" }>): Promise<void> {
  line = memory === null ? null : readStopLine(memory);
  const watched = watchPool(
    createWorkerPool({
      spawn: runaway ? spawnSpinning : spawnEchoing,
      workers: Math.max(1, navigator.hardwareConcurrency - 1),
      name: `${profile}/agents`,
      locks: navigator.locks,
      isolated: crossOriginIsolated,
    }),
  );
  watch = watched.watch;
  host = value(
    await openHost({
      storage: value(await openIndexedDbStorage(profile)),
      clock,
      ids: systemIds,
      sha256: await createSha256(),
      pool: watched.pool,
      trustDomain: "console.local",
      ...(line === null ? {} : { stopLine: line }),
      kind: "embedded",
      epoch: 1,
      storageUse: async () => ({ state: "ok", detail: "", usageBytes: null, quotaBytes: null }),
    }),
  );
}

function spawnEchoing(): Worker {
  const worker = new Worker(new URL("./echo-pool-worker.ts", import.meta.url), { type: "module" });
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ t: "echo" }, [port2]);
  echoes.add(port1);
  const terminate = worker.terminate.bind(worker);
  worker.terminate = () => {
    echoes.delete(port1);
    terminate();
  };
  return worker;
}

function spawnSpinning(): Worker {
  return new Worker(new URL("./spinning-worker.ts", import.meta.url), { type: "module" });
}

function takePort(kind: "contract" | "echo" | "relay", port: MessagePort): void {
  if (kind === "contract") {
    new RPCHandler(router).upgrade(port, { context: { host: must(host, "the host is open") } });
    port.start();
  } else if (kind === "echo") {
    port.onmessage = () => port.postMessage(null);
  } else {
    port.onmessage = () => {
      void Promise.all([...echoes].map(roundTrip)).then(() => port.postMessage(null));
    };
  }
}

/** An empty message to an agents' worker and back. */
function roundTrip(port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    port.onmessage = () => resolve();
    port.postMessage(null);
  });
}

async function busy(agents: number, effects: number): Promise<void> {
  const watched = must(watch, "the host is open");
  await comesTrue(() => watched.working() >= agents && watched.effects().length >= effects);
}

async function settled({ signal, pressedMs, barredMs }: Extract<StopRequest, { t: "settled" }>): Promise<StopOutcome> {
  const { monitor } = must(host, "the host is open");
  const stop = must(monitor.watched(signal), "a stop that was answered is watched");
  const targets = [...stop.targets.values()];
  await comesTrue(() => targets.every((target) => (target.acknowledgedMs ?? target.terminatedMs) !== null));
  const effects = must(watch, "the host is open").effects();
  must(watch, "the host is open").begin();
  return {
    latchedMs: stop.latchedMs,
    lastEffectMs: effects.findLast((at) => at > pressedMs) ?? null,
    effectsAfterPress: effects.filter((at) => at > pressedMs).length,
    effectsAfterBar: effects.filter((at) => at > barredMs).length,
    effectsAfterLatch: effects.filter((at) => at > stop.latchedMs).length,
    settledMs: Math.max(...targets.map((target) => target.acknowledgedMs ?? target.terminatedMs ?? Number.NaN)),
    targets: targets.length,
    terminated: targets.filter((target) => target.terminatedMs !== null).length,
  };
}

/** How long the browser takes to end a spinning worker, ms: nothing of ours is faster. */
async function terminateRaw(): Promise<number> {
  const worker = spawnSpinning();
  const lock = `bench/${systemIds.uuid()}`;
  const heard = new Promise<void>((resolve) => {
    worker.onmessage = (event: MessageEvent<SpinningWorkerSays>) => {
      if (event.data.t === "ready") worker.postMessage({ t: "ask" });
      else resolve();
    };
  });
  worker.postMessage({ t: "pool", lock });
  await heard;
  const startedMs = nowMs();
  worker.terminate();
  await navigator.locks.request(lock, () => undefined);
  return nowMs() - startedMs;
}

async function comesTrue(look: () => boolean): Promise<void> {
  while (!look()) await new Promise<void>((resolve) => void systemClock.after(LOOK_MS, resolve));
}

async function answer(request: StopRequest): Promise<unknown> {
  switch (request.t) {
    case "open":
      return open(request);
    case "lowered":
      return line?.lowered();
    case "busy":
      return busy(request.agents, request.effects);
    case "settled":
      return settled(request);
    case "terminate_raw":
      return terminateRaw();
  }
}

self.onmessage = (event: MessageEvent<StopMessage>) => {
  const message = event.data;
  if (message.t === "port") {
    takePort(message.kind, must(event.ports[0], "a port comes with its message"));
    return;
  }
  const reply = (made: StopReply): void => self.postMessage(made);
  answer(message.request).then(
    (made) => reply({ id: message.id, ok: true, value: made }),
    (error: unknown) =>
      reply({ id: message.id, ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : "failed" }),
  );
};
