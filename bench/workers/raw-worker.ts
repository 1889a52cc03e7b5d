import { cut } from "../work/append.ts";
import { type RawEntry, rawVerify } from "../work/raw-crypto.ts";

/** A share of the floor: signatures and digests of entries that are cut up already, by the platform's own functions. */

declare const self: DedicatedWorkerGlobalScope;

export type ToRawWorker = { readonly t: "take"; readonly raws: readonly RawEntry[] } | { readonly t: "run" };

/** Handed to the platform at once, as on one thread. */
const AT_ONCE = 1000;
let share: readonly RawEntry[] = [];

async function run(): Promise<void> {
  for (const some of cut(share, AT_ONCE))
    await Promise.all(
      some.flatMap((raw): Promise<unknown>[] => [rawVerify(raw), crypto.subtle.digest("SHA-256", raw.leaf)]),
    );
}

self.onmessage = ({ data }: MessageEvent<ToRawWorker>): void => {
  if (data.t === "take") {
    share = data.raws;
    self.postMessage(null);
  } else void run().then(() => self.postMessage(null));
};
