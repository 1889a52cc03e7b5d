import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Clock } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import { sha256, startedWorkflow } from "../../engine/engine.fixture.ts";
import { createAuditIndex } from "../audit-index.ts";
import { createQueryDesk } from "./query-desk.ts";

type Bench = Awaited<ReturnType<typeof startedWorkflow>>;
let bench: Bench;
beforeAll(async () => {
  bench = await startedWorkflow();
  for (const name of ["a", "b", "c"]) await bench.submit(await bench.intent(bench.task(name), "build_site"));
});

/** A clock on which every look at it takes as long as said. */
function ticking(stepMs: number): Clock {
  let now = 0;
  return {
    nowMs: () => 1_772_064_000_000,
    monotonicMs: () => {
      now += stepMs;
      return now;
    },
    after: () => () => undefined,
  };
}

function deskOver(log: Bench["storage"]["log"], clock = ticking(0)) {
  const { domain } = bench.engine.ids;
  const index = createAuditIndex(log, domain, sha256);
  const names = async () => () => null;
  return createQueryDesk({ log, domain, index, clock, sha256, names });
}

describe("the desk for queries", () => {
  it("[XA-24] says how far it is while its index is made, and goes on from there", async () => {
    const size = await bench.engine.read((state) => state.size);
    const desk = deskOver(bench.storage.log, ticking(20));
    const sizes = [];
    let answer = await desk.select("seq:*");
    while (!answer.complete && sizes.length < 100) {
      expect(answer.bits.count()).toBe(answer.indexed);
      expect(answer.size).toBe(size);
      sizes.push(answer.indexed);
      answer = await desk.select("seq:*");
    }
    expect(sizes.length).toBeGreaterThan(0);
    expect([answer.indexed, answer.bits.count(), answer.complete]).toEqual([size, size, true]);
  });

  it("[XA-24] makes its index before anybody asks, in as much time as others leave, and sooner when somebody does", async () => {
    const size = await bench.engine.read((state) => state.size);
    const { log } = bench.storage;
    const read: number[] = [];
    const counted: typeof log = {
      ...log,
      read: async function* (...range) {
        for await (const chunk of log.read(...range)) {
          read.push(chunk.length);
          yield chunk;
        }
      },
    };
    const resting: (() => void)[] = [];
    const after = (_delayMs: number, callback: () => void) => {
      resting.push(callback);
      return () => undefined;
    };
    // By this clock the thread is wanted by others all the time: the work rests after every slice.
    const desk = deskOver(counted, { ...ticking(20), after });
    desk.getReady();
    await expect.poll(() => resting.length, { timeout: 15_000 }).toBe(1);
    const asked = desk.select("seq:*");
    for (const wake of resting.splice(0)) wake();
    let answer = await asked;
    while (!answer.complete) answer = await desk.select("seq:*");
    expect([answer.indexed, answer.bits.count()]).toEqual([size, size]);
    // Once for the list of rows, once for the index.
    expect(read.reduce((sum, entries) => sum + entries, 0)).toBe(2 * size);
  });

  it("[XA-23] knows what came in since it was asked before", async () => {
    const desk = deskOver(bench.storage.log);
    const before = await desk.select("typ:intent");
    await bench.submit(await bench.intent(bench.task("d"), "build_site"));
    const after = await desk.select("typ:intent");
    expect(after.bits.count()).toBe(before.bits.count() + 1);
    expect([after.complete, after.size > before.size]).toEqual([true, true]);
  });

  it("[XA-23] [XA-24] knows what had come before it was asked, also where a reading was under way that had begun earlier", async () => {
    const { log } = bench.storage;
    let begin = (): void => undefined;
    let goOn = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const desk = deskOver({
      ...log,
      read: async function* (...range) {
        begin();
        await held;
        yield* log.read(...range);
      },
    });
    const first = desk.select("seq:*");
    await begun;
    await bench.submit(await bench.intent(bench.task("later"), "build_site"));
    const size = await bench.engine.read((state) => state.size);
    const second = desk.select("seq:*");
    // It has joined the reading once its own look at the log's head is over.
    await turn();
    goOn();
    await first;
    const { bits, complete } = await second;
    expect([complete, bits.count()]).toEqual([true, size]);
  });

  it("[XA-20] [XA-23] finds an entry that is missing as that, and everything after it where it is", async () => {
    const { log } = bench.storage;
    const desk = deskOver({
      ...log,
      read: async function* (domain, from, to) {
        for await (const chunk of log.read(domain, from, to)) yield chunk.filter(({ seq }) => seq !== 4);
      },
    });
    const missing = await desk.select("typ:missing severity:critical");
    expect([missing.bits.next(-1), missing.bits.count(), missing.complete]).toEqual([4, 1, true]);
    const last = must(await bench.engine.read((state) => state.size), "a size") - 1;
    expect((await desk.select(`seq:${last}`)).bits.count()).toBe(1);
  });

  it("[XA-24] does not call an answer complete when the storage gives no more, and asks it again the next time", async () => {
    const { log } = bench.storage;
    let gives = 3;
    const domain = bench.engine.ids.domain;
    const index = createAuditIndex(log, domain, sha256);
    const desk = createQueryDesk({
      ...{ domain, index, clock: ticking(0), sha256, names: async () => () => null },
      log: {
        head: log.head,
        read: async function* (of, from, to) {
          for await (const chunk of log.read(of, from, to)) yield chunk.filter(({ seq }) => seq < gives);
        },
      },
    });
    const part = await desk.select("seq:*");
    expect([part.indexed, part.complete, part.bits.count()]).toEqual([3, false, 3]);
    gives = Number.POSITIVE_INFINITY;
    const whole = await desk.select("seq:*");
    expect([whole.indexed, whole.complete]).toEqual([whole.size, true]);
  });
});
