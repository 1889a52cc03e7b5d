import { systemIds } from "../../app/base/system.ts";
import { openCheckPool } from "../../app/host/log-check/check-pool.ts";
import type { RawEntry } from "../work/raw-crypto.ts";
import type { VerifyCrew } from "../work/verify.ts";
import type { ToRawWorker } from "./raw-worker.ts";

/** Workers for both sides: the console's check workers, and as many that do nothing but what the platform gives. */
export const verifyCrew: VerifyCrew = {
  cores: navigator.hardwareConcurrency,
  pool: (workers, ownIds) =>
    openCheckPool(
      {
        spawn: () => new Worker(new URL("../../app/worker/check-worker.ts", import.meta.url), { type: "module" }),
        workers,
        name: () => `bench-checks-${systemIds.uuid()}`,
        free: (lock, signal) => navigator.locks.request(lock, { signal }, () => undefined),
      },
      ownIds,
    ),
  floor: async (count, raws) => {
    const each = Math.ceil(raws.length / count);
    const workers = Array.from({ length: count }, () => {
      return new Worker(new URL("./raw-worker.ts", import.meta.url), { type: "module" });
    });
    const share = (at: number): readonly RawEntry[] => raws.slice(at * each, (at + 1) * each);
    await Promise.all(workers.map((worker, at) => asked(worker, { t: "take", raws: share(at) })));
    return {
      run: async () => {
        await Promise.all(workers.map((worker) => asked(worker, { t: "run" })));
      },
      close: () => {
        for (const worker of workers) worker.terminate();
      },
    };
  },
};

function asked(worker: Worker, message: ToRawWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(`a worker of the floor failed: ${event.message}`));
    worker.postMessage(message);
  });
}
