import { expect, it } from "vitest";
import { systemClock } from "../base/system.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";
import { inSpareTime } from "./spare-time.ts";

/** For a machine that has other things to do. */
const SLOW = { timeout: 15_000 };

/** A clock moved by hand, on which a turn takes as long as said; what is due is called by `pass`. */
function byHand() {
  let now = 0;
  let due: { readonly atMs: number; call(): void } | null = null;
  const it = {
    turnMs: 0,
    monotonicMs: () => {
      now += it.turnMs;
      return now;
    },
    after: (delayMs: number, call: () => void) => {
      due = { atMs: now + delayMs, call };
      return () => {
        due = null;
      };
    },
    isDue: () => due !== null,
    pass: (ms: number) => {
      now += ms;
      if (due === null || due.atMs > now) return;
      const { call } = due;
      due = null;
      call();
    },
  };
  return it;
}

it("[XA-24] begins what nobody has asked for when the host has been open for a while and nobody else is at work", async () => {
  const clock = byHand();
  let begun = 0;
  const begin = () => {
    begun += 1;
  };
  inSpareTime(clock, 1000, begin);
  clock.pass(999);
  expect([begun, clock.isDue()]).toEqual([0, true]);
  clock.turnMs = 10;
  clock.pass(1);
  // Others were at work: it waits once more.
  await expect.poll(clock.isDue, SLOW).toBe(true);
  expect(begun).toBe(0);
  clock.turnMs = 0;
  clock.pass(1000);
  await expect.poll(() => begun, SLOW).toBe(1);
  expect(clock.isDue()).toBe(false);
  // A host that was closed before begins nothing.
  const end = inSpareTime(clock, 1000, begin);
  end();
  expect(clock.isDue()).toBe(false);
});

it("[XA-24] a host makes the index for queries then, though nobody has asked", async () => {
  const due: { readonly delayMs: number; call(): void }[] = [];
  const clock = {
    ...systemClock,
    // Nobody is ever at work by it.
    monotonicMs: () => 0,
    after: (delayMs: number, call: () => void) => {
      due.push({ delayMs, call });
      return () => undefined;
    },
  };
  const storage = createMemoryStorage();
  let reads = 0;
  const log: typeof storage.log = {
    ...storage.log,
    read: (...range) => {
      reads += 1;
      return storage.log.read(...range);
    },
  };
  const { host } = await openedHost({ clock, storage: { ...storage, log }, spare: { afterMs: 4321 } });
  const before = reads;
  due.find(({ delayMs }) => delayMs === 4321)?.call();
  await expect.poll(() => reads, SLOW).toBeGreaterThan(before);
  expect((await host.queries.select("seq:0")).complete).toBe(true);
  host.close();
});
