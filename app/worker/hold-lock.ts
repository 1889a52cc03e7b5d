import { err, ok, type Result } from "../base/result.ts";

/** The part of the Web Locks API that is used; `navigator.locks` is one. */
export type Locks = Pick<LockManager, "request">;

/** `released`: given up before it was granted. `denied`: the browser refuses locks here, for example to an opaque origin. */
export type LockFailure = { readonly code: "released" } | { readonly code: "denied"; readonly detail: string };

/** One request for a Web Lock: waiting, held or over. The browser releases it when its tab or worker dies. */
export interface LockHold {
  /** Ok once the lock is held. Never rejects. */
  readonly held: Promise<Result<void, LockFailure>>;
  /** How a held lock ended; `broken` when other code of this origin stole it. Open for as long as it is not held. */
  readonly ended: Promise<"released" | "broken">;
  /** Gives the lock, or the wait for it, up. */
  release(): void;
}

/** Queues for a lock and keeps it until released. Never steals: whoever holds it is alive, and may be writing. */
export function holdLock(locks: Locks, name: string, mode: LockMode = "exclusive"): LockHold {
  const waiting = new AbortController();
  const held = Promise.withResolvers<Result<void, LockFailure>>();
  const ended = Promise.withResolvers<"released" | "broken">();
  const kept = Promise.withResolvers<void>();
  let granted = false;
  const keep = (): Promise<void> => {
    granted = true;
    held.resolve(ok(undefined));
    return kept.promise;
  };
  locks.request(name, { mode, signal: waiting.signal }, keep).then(
    () => ended.resolve("released"),
    (error: unknown) => {
      if (granted) ended.resolve("broken");
      else held.resolve(err(waiting.signal.aborted ? { code: "released" } : { code: "denied", detail: String(error) }));
    },
  );
  return {
    held: held.promise,
    ended: ended.promise,
    release: () => {
      kept.resolve();
      waiting.abort();
    },
  };
}
