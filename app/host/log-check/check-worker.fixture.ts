import type { Sha256 } from "../../base/ports.ts";
import type { CheckPoolPorts, CheckWorker } from "./check-pool.ts";
import { createCheckService } from "./check-service.ts";
import type { FromCheckWorker, ToCheckWorker } from "./messages.ts";

/** Check workers without threads: what goes to and fro is copied by a message channel, as between workers. */
export function channelWorkers(
  sha256: Sha256,
  /** Whether a worker ends at this message, its how many-th batch, instead of answering it. */
  ends: (batch: number) => boolean = () => false,
) {
  const held = new Map<string, (() => void)[]>();
  const alive = new Set<CheckWorker>();
  let made = 0;

  const spawn = (): CheckWorker => {
    const { port1, port2 } = new MessageChannel();
    const locks: string[] = [];
    let batches = 0;
    /** What it said before is heard all the same. */
    const die = (): void => {
      port2.onmessage = null;
      for (const lock of locks) {
        for (const free of held.get(lock) ?? []) free();
        held.delete(lock);
      }
    };
    const terminate = (): void => {
      if (!alive.delete(worker)) return;
      die();
      port1.close();
    };
    const worker: CheckWorker = {
      postMessage: (message: unknown) => port1.postMessage(message),
      terminate,
      onmessage: null,
      onmessageerror: null,
      onerror: null,
    };
    const post = (message: FromCheckWorker): void => port2.postMessage(message);
    const service = createCheckService(sha256, {
      hold: (lock) => {
        locks.push(lock);
        held.set(lock, []);
        post({ t: "ready" });
      },
      post,
    });
    port1.onmessage = (event) => worker.onmessage?.call(worker as Worker, event); // a handler of ours, which takes no `this`
    port2.onmessage = ({ data }: MessageEvent<ToCheckWorker>) => {
      if (data.t === "check") batches += 1;
      if (data.t === "check" && ends(batches)) die();
      else void service(data);
    };
    made += 1;
    alive.add(worker);
    return worker;
  };

  const ports = (workers: number): CheckPoolPorts => ({
    ...{ spawn, workers, from: 1, name: () => `checks-${made}` },
    free: (lock, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const waiting = held.get(lock);
        if (waiting === undefined) resolve(undefined);
        else waiting.push(() => resolve(undefined));
      }),
  });

  return { ports, made: () => made, alive: () => alive.size };
}
