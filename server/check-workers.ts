import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker as Thread, workerData } from "node:worker_threads";
import type { CheckPoolPorts, CheckWorker } from "../app/host/log-check/check-pool.ts";
import { createCheckService } from "../app/host/log-check/check-service.ts";
import type { FromCheckWorker, ToCheckWorker } from "../app/host/log-check/messages.ts";
import { createSha256 } from "../app/protocol/jose/hasher.ts";

/** What a thread is told that is to check entries. */
const CHECKS = "signalbox-checks";
/** More than these wait for the one that hands out entries. */
const MOST = 8;
/** Entries from which on a thread is worth its start. */
const FROM = 4000;

/**
 * Check workers of the command line: threads that run the same module as it does. `asked` is how many somebody asked for, who
 * then has them for any file; else one less than there are cores.
 */
export function nodeChecks(module: URL, asked: number | null): CheckPoolPorts {
  return {
    spawn: () => threadOf(module),
    workers: asked ?? Math.max(1, Math.min(MOST, availableParallelism() - 1)),
    from: asked === null ? FROM : 1,
    // The end of a thread is told by the thread itself: nothing is found out by locks here.
    name: () => "",
    free: (_lock, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
}

function threadOf(module: URL): CheckWorker {
  const thread = new Thread(module, { workerData: CHECKS });
  const self = (): Worker => worker as Worker; // its handlers are ours and take no `this`
  const worker: CheckWorker = {
    ...{ onmessage: null, onmessageerror: null, onerror: null },
    postMessage: (message: unknown) => thread.postMessage(message),
    terminate: () => void thread.terminate(),
  };
  const ended = (): void => worker.onerror?.call(self(), new Event("error") as ErrorEvent);
  thread.on("message", (data: FromCheckWorker) =>
    worker.onmessage?.call(self(), new MessageEvent("message", { data })),
  );
  thread.on("messageerror", () => worker.onmessageerror?.call(self(), new MessageEvent("messageerror")));
  thread.on("error", ended);
  thread.on("exit", ended);
  return worker;
}

/** In a thread that was made to check entries it does that; anywhere else it does nothing. */
export function serveChecks(): void {
  const port = parentPort;
  if (isMainThread || workerData !== CHECKS || port === null) return;
  const post = (message: FromCheckWorker): void => port.postMessage(message);
  const service = createSha256().then((sha256) =>
    createCheckService(sha256, { hold: () => post({ t: "ready" }), post }),
  );
  port.on("message", (message: ToCheckWorker) => {
    service.then(
      (take) => take(message),
      () => post({ t: "failed", id: 0, detail: "its hasher could not be made" }),
    );
  });
}
