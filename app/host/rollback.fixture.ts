import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import { startActing, writingRun } from "../api/dispatch/rollback.fixture.ts";
import { must } from "../base/assert.ts";
import type { Storage } from "../engine/ports.ts";
import { peekTyp } from "../protocol/jose/compact.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";
import { countsOf } from "./orders.fixture.ts";

/**
 * A storage that dies: after so many frames that move a rollback, counted from `arm` on, the log has the last one and
 * nobody ever hears of it, or of anything else. What it held stays for whoever opens it next.
 */
export function mortal(storage: Storage) {
  let left = Number.POSITIVE_INFINITY;
  let died = (): void => undefined;
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const silence = <T>(): Promise<T> => new Promise<T>(() => undefined);
  const dead = (): boolean => left <= 0;
  const alive = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> => (dead() ? silence<T>() : call(...args));
  };
  const { log, values, objects } = storage;
  const mortalStorage: Storage = {
    objects,
    log: {
      head: alive((domain: string) => log.head(domain)),
      heads: alive((domain: string) => log.heads(domain)),
      snapshot: alive((domain: string) => log.snapshot(domain)),
      dropSnapshots: alive((domain: string) => log.dropSnapshots(domain)),
      read: (domain, from, to) => log.read(domain, from, to),
      append: async (domain, size, frame) => {
        if (dead()) return silence();
        const answer = await log.append(domain, size, frame);
        if (frame.entries.some(({ token }) => peekTyp(token)?.startsWith("rollback-"))) left -= 1;
        if (!dead()) return answer;
        died();
        return silence();
      },
      // Whoever is opened next closes it.
      close: () => undefined,
    },
    values: {
      get: alive((key: string) => values.get(key)),
      put: alive((key: string, value: unknown) => values.put(key, value)),
      keys: alive((prefix: string) => values.keys(prefix)),
      delete: alive((key: string) => values.delete(key)),
    },
  };
  return {
    storage: mortalStorage,
    death,
    arm: (frames: number): void => {
      left = frames;
    },
  };
}

/** A host with two operators and a run of which so many tasks have written a file each. */
export async function written(count: number, storage: Storage = createMemoryStorage()) {
  const open = await openedHost({ storage });
  const alice = await enrolledOperator(open.client);
  const bob = await enrolledOperator(open.client, "Bob");
  const { wid } = await startActing(alice, writingRun(count, true));
  await until(open.client, async () => {
    const counts = await countsOf(open.client, wid);
    return counts.done === count && counts.running === 1 ? true : null;
  });
  const tasks = await open.host.engine.read((state) =>
    [...(state.workflows.get(wid)?.tasks.values() ?? [])]
      .filter(({ status }) => status === "done")
      .map(({ jti }) => jti),
  );
  return { open, alice, bob, wid, tasks, storage };
}

/** Names of the files a workflow has left. */
export const files = async (open: Awaited<ReturnType<typeof openedHost>>, wid: string) => {
  const listed = await open.host.resources.list(`store://${wid}`);
  const there = must(listed.ok ? listed.value : null, "the store answers").filter(({ text }) => text !== null);
  return there.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1));
};
