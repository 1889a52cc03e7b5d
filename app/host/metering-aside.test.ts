import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../api/dispatch/operator.fixture.ts";
import type { EventLog } from "../engine/ports.ts";
import { peekTyp } from "../protocol/jose/compact.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";
import { metered, modelRun, setTariff } from "./metering.fixture.ts";

const METERED = { metering: { everyMs: 20 } };
/** More digits than a decimal of a token has: a record that tells this is refused. */
const TOO_MANY = 1e40;

/** With so many tokens from a cache, which no agent asks for beforehand. */
const withCached = (run: RecordedRun, cached: readonly number[]): RecordedRun => ({
  ...run,
  tasks: run.tasks.map((task, at) => ({
    ...task,
    usage: task.usage === null ? null : { ...task.usage, cachedTokens: cached[at] ?? 0 },
  })),
});

describe("a record that the log does not take", () => {
  it("[XDA-52] is set aside and told with its reason, and holds up no other of its chain or of another's", async () => {
    const { host, client } = await openedHost(METERED);
    const alice = await enrolledOperator(client);
    await setTariff(client, alice, "console.local");
    const cached = [0, TOO_MANY, 0, TOO_MANY, 0];
    const counts = cached.map(() => [5, 1] as const);
    const { wid } = await alice.start(withCached(modelRun(counts), cached));
    const { records, total } = await metered(client, 3, wid);
    const aside = await until(client, async () => {
      const usage = await client.accounting.usage({ by: "task", buckets: 1 });
      return usage.aside.length === 2 ? usage.aside : null;
    });
    expect(total).toBe(3);
    expect(records.map(({ taskName, seq }) => [taskName, seq])).toEqual([
      ["build-4", 2],
      ["build-2", 1],
      ["build-0", 0],
    ]);
    expect(aside.map(({ taskName }) => taskName).toSorted()).toEqual(["build-1", "build-3"]);
    expect(aside[0]).toMatchObject({ wid, order: null, code: "token_claim_invalid" });
    // What comes afterwards is metered as ever, and it is no trouble of the metering point.
    const later = await alice.start(modelRun([[7, 7]]));
    expect((await metered(client, 1, later.wid)).records[0]?.seq).toBe(3);
    expect((await client.accounting.usage({ by: "task", buckets: 1 })).trouble).toBeNull();
    host.close();
  });
});

/** A storage whose host dies with its n-th frame of usage records: before it is durable, or before anybody hears of it. */
function dyingStorage(n: number, isDurable: boolean) {
  const storage = createMemoryStorage();
  let frames = 0;
  let die: () => void = () => undefined;
  const died = new Promise<void>((resolve) => {
    die = resolve;
  });
  const log: EventLog = {
    ...storage.log,
    append: async (domain, expectedSize, frame) => {
      const isUsage = frame.entries.some(({ token }) => peekTyp(token) === "usage-record+jwt");
      if (isUsage) frames += 1;
      if (!isUsage || frames !== n) return storage.log.append(domain, expectedSize, frame);
      if (isDurable) await storage.log.append(domain, expectedSize, frame);
      die();
      return new Promise(() => undefined);
    },
  };
  return { storage, dying: { ...storage, log }, died };
}

describe("a host that dies while it meters", () => {
  const cases = [1, 2].flatMap((n) => [
    [n, "before it is durable", false] as const,
    [n, "before anybody hears of it", true] as const,
  ]);
  it.each(cases)(
    "[XDA-52] [XDA-20] at its frame %i of records, %s: each task is counted once",
    async (n, _when, isDurable) => {
      const { storage, dying, died } = dyingStorage(n, isDurable);
      const first = await openedHost({ ...METERED, storage: dying });
      const alice = await enrolledOperator(first.client);
      const one = v4();
      // Whoever asks a dead host is never answered: nothing here waits for a start.
      void alice.start(
        withCached(
          modelRun([
            [1, 1],
            [2, 1],
            [3, 1],
            [4, 1],
          ]),
          [0, 0, TOO_MANY, 0],
        ),
        { wid: one },
      );
      // A second frame comes with a second run, if the first run had not two.
      if (n === 2) await Promise.race([died, metered(first.client, 3, one)]);
      const two = v4();
      void alice.start(
        modelRun([
          [5, 1],
          [6, 1],
        ]),
        { wid: two },
      );
      await died;
      first.host.close();
      const again = await openedHost({ ...METERED, storage });
      const wids = await again.host.engine.read((state) => [...state.workflows.keys()]);
      const expected = wids.includes(two) ? 5 : 3;
      const { records, total } = await metered(again.client, expected);
      expect(total).toBe(expected);
      expect(new Set(records.map(({ task }) => task)).size).toBe(expected);
      expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: expected }, (_, at) => expected - 1 - at));
      const told = await until(again.client, async () => {
        const { aside } = await again.client.accounting.usage({ by: "task", buckets: 1 });
        return aside.length > 0 ? aside : null;
      });
      expect(told.map(({ taskName }) => taskName)).toEqual(["build-2"]);
      again.host.close();
    },
  );
});
