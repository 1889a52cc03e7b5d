/** An agent that does not yield: it holds its lock like every worker of the pool, and spins from the first task it is asked for. */

declare const self: DedicatedWorkerGlobalScope;

export type SpinningWorkerSays = { readonly t: "ready" | "spinning" };

const say = (message: SpinningWorkerSays): void => self.postMessage(message);
const held = Promise.withResolvers<void>();

async function spin(): Promise<never> {
  await held.promise;
  say({ t: "spinning" });
  for (let turn = 0; ; turn = (turn + 1) % 2);
}

self.onmessage = (event: MessageEvent<{ readonly t: string; readonly lock?: string }>) => {
  const { t, lock } = event.data;
  if (t === "ask") void spin();
  if (t !== "pool" || lock === undefined) return;
  void self.navigator.locks.request(lock, () => {
    held.resolve();
    say({ t: "ready" });
    return new Promise(() => undefined);
  });
};
