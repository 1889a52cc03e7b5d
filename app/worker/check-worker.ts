import { createCheckService } from "../host/log-check/check-service.ts";
import type { FromCheckWorker, ToCheckWorker } from "../host/log-check/messages.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";

/** A worker of the pool that checks the entries of a log. It holds a lock for as long as it lives, so that its end can be seen. */

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromCheckWorker): void => self.postMessage(message);

const service = createSha256().then((sha256) =>
  createCheckService(sha256, {
    hold: (lock) =>
      void self.navigator.locks.request(lock, () => {
        post({ t: "ready" });
        return new Promise(() => undefined);
      }),
    post,
  }),
);

self.onmessage = ({ data }: MessageEvent<ToCheckWorker>): void => {
  service.then(
    (take) => take(data),
    () => post({ t: "failed", id: 0, detail: "its hasher could not be made" }),
  );
};
