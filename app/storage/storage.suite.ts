import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must } from "../base/assert.ts";
import type { Result } from "../base/result.ts";
import type { EventLog, Frame, LogHead, Snapshot, Storage } from "../engine/ports.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";

/** One storage under test. `reopen` closes it and opens the same data again. */
export interface StorageUnderTest {
  readonly storage: Storage;
  reopen(): Promise<Storage>;
  dispose(): Promise<void>;
}

/** What every storage technology behind the ports must do. The entries have the right shape and nothing more: storage does not verify. */
export function storageSuite(name: string, make: () => Promise<StorageUnderTest>): void {
  describe(`storage: ${name}`, () => {
    let under: StorageUnderTest;
    let log: EventLog;
    beforeEach(async () => {
      under = await make();
      log = under.storage.log;
    });
    afterEach(() => under.dispose());

    test("is empty for a domain that was never written", async () => {
      expect(value(await log.head("new")).size).toBe(0);
      expect(value(await log.heads("new"))).toEqual([]);
      expect(value(await log.snapshot("new"))).toBeNull();
      expect(await readAll(log, "new")).toEqual([]);
    });

    test("gives back what was appended, with its head", async () => {
      const first = frameOf(0, 3);
      const second = frameOf(3, 2);
      value(await log.append("a", 0, first));
      value(await log.append("a", 3, second));
      expect(await readAll(log, "a")).toEqual([...first.entries, ...second.entries]);
      expect(value(await log.head("a"))).toEqual(second.head);
    });

    test("refuses an append at another size with a conflict and writes nothing of it", async () => {
      value(await log.append("a", 0, frameOf(0, 3)));
      for (const size of [0, 2, 4]) {
        const frame = { ...frameOf(size, 2), sth: "no", snapshot: snapshotOf(size + 2) };
        expect(await log.append("a", size, frame)).toEqual({ ok: false, error: { code: "conflict", size: 3 } });
      }
      expect(value(await log.head("a"))).toEqual(headOf(3));
      expect(await readAll(log, "a")).toEqual(frameOf(0, 3).entries);
      expect(value(await log.heads("a"))).toEqual([]);
      expect(value(await log.snapshot("a"))).toBeNull();
    });

    test("lets exactly one of several appends racing at the same size win", async () => {
      for (let round = 0; round < 10; round += 1) {
        const racing = Array.from({ length: 4 }, (_, index) => frameOf(round, 1, `round ${round}, writer ${index}`));
        const results = await Promise.all(racing.map((frame) => log.append("a", round, frame)));
        const winners = racing.filter((_, index) => results[index]?.ok);
        expect(winners).toHaveLength(1);
        expect(results.filter((result) => !result.ok)).toEqual(
          Array(3).fill({ ok: false, error: { code: "conflict", size: round + 1 } }),
        );
        expect(await collect(log, "a", round, round + 1)).toEqual(winners[0]?.entries);
      }
    });

    test("makes a frame's entries, head, signed tree head and snapshot durable together", async () => {
      const frame: Frame = { ...frameOf(0, 4), sth: "head over 4", snapshot: snapshotOf(4) };
      value(await log.append("a", 0, frame));
      const reopened = (await under.reopen()).log;
      expect(await readAll(reopened, "a")).toEqual(frame.entries);
      expect(value(await reopened.head("a"))).toEqual(frame.head);
      expect(value(await reopened.heads("a"))).toEqual(["head over 4"]);
      expect(value(await reopened.snapshot("a"))).toEqual(frame.snapshot);
    });

    test("writes nothing of a frame that cannot be stored", async () => {
      value(await log.append("a", 0, frameOf(0, 1)));
      const snapshot = { ...snapshotOf(3), nothingCanKeepThis: () => undefined };
      const unstorable: Frame = { ...frameOf(1, 2), sth: "no", snapshot };
      const refused = await log.append("a", 1, unstorable).catch(() => null);
      expect(refused?.ok ?? false).toBe(false);
      expect(value(await log.head("a"))).toEqual(headOf(1));
      expect(await readAll(log, "a")).toEqual(frameOf(0, 1).entries);
      expect(value(await log.heads("a"))).toEqual([]);
      value(await log.append("a", 1, frameOf(1, 2)));
      expect(await readAll(log, "a")).toEqual([...frameOf(0, 1).entries, ...frameOf(1, 2).entries]);
    });

    test("rejects a frame that does not continue the log where it says, as a bug", async () => {
      const wrongSeq = { ...frameOf(5, 2), head: headOf(2) };
      await expect(async () => log.append("a", 0, wrongSeq)).rejects.toThrow("Bug:");
      await expect(async () => log.append("a", 0, { ...frameOf(0, 2), head: headOf(3) })).rejects.toThrow("Bug:");
      expect(value(await log.head("a")).size).toBe(0);
    });

    test("[XA-9] is append-only: what was read once reads the same after every later append", async () => {
      value(await log.append("a", 0, frameOf(0, 990)));
      const early = await readAll(log, "a");
      for (const count of [9, 1, 1, 2500]) {
        const { size } = value(await log.head("a"));
        value(await log.append("a", size, frameOf(size, count, "later")));
        expect(await collect(log, "a", 0, 990)).toEqual(early);
      }
      expect(await log.append("a", 10, frameOf(10, 1, "rewritten"))).toMatchObject({
        ok: false,
        error: { code: "conflict" },
      });
      expect(await collect(log, "a", 0, 990)).toEqual(early);
    });

    test("keeps what it was given, whatever the caller does to it afterwards", async () => {
      const entries = frameOf(0, 1).entries.map((entry) => ({ ...entry }));
      value(await log.append("a", 0, { ...frameOf(0, 1), entries }));
      must(entries[0], "one entry").token = "changed";
      expect(await readAll(log, "a")).toEqual(frameOf(0, 1).entries);
    });

    test("has everything it acknowledged when it is opened again", async () => {
      const domains = ["a", "b", "domain/with ../odd name %2f"];
      for (const domain of domains) {
        for (let size = 0; size < 12; size += 3)
          value(await log.append(domain, size, { ...frameOf(size, 3, domain), sth: `${domain} ${size}` }));
      }
      const reopened = (await under.reopen()).log;
      for (const domain of domains) {
        expect(value(await reopened.head(domain))).toEqual(headOf(12));
        expect(await readAll(reopened, domain)).toEqual(
          [0, 3, 6, 9].flatMap((size) => frameOf(size, 3, domain).entries),
        );
        expect(value(await reopened.heads(domain))).toEqual([0, 3, 6, 9].map((size) => `${domain} ${size}`));
      }
      value(await reopened.append("a", 12, frameOf(12, 1)));
      expect(value(await reopened.head("a")).size).toBe(13);
    });

    test("keeps domains apart", async () => {
      value(await log.append("a", 0, { ...frameOf(0, 2, "of a"), sth: "a", snapshot: snapshotOf(2) }));
      value(await log.append("ab", 0, frameOf(0, 1, "of ab")));
      expect(await readAll(log, "a")).toEqual(frameOf(0, 2, "of a").entries);
      expect(await readAll(log, "ab")).toEqual(frameOf(0, 1, "of ab").entries);
      expect(value(await log.heads("ab"))).toEqual([]);
      expect(value(await log.snapshot("ab"))).toBeNull();
      value(await log.dropSnapshots("ab"));
      expect(value(await log.snapshot("a"))).toEqual(snapshotOf(2));
    });

    test("reads any range in order, in chunks of at most 1,000, across segment borders", async () => {
      let size = 0;
      for (const count of [700, 299, 1, 1, 998, 600, 2300, 3]) {
        value(await log.append("a", size, frameOf(size, count)));
        size += count;
      }
      const all = await readAll(log, "a");
      expect(all.map((entry) => entry.seq)).toEqual(Array.from({ length: size }, (_, seq) => seq));
      const ranges = [
        [0, 1],
        [699, 701],
        [998, 1002],
        [1000, 2000],
        [1999, 2001],
        [1500, 4600],
        [size - 1, size],
        [size, size + 5],
        [4000, 99_999],
        [5, 5],
        [7, 3],
      ] as const;
      for (const [from, to] of ranges) {
        expect((await collect(log, "a", from, to)).map((entry) => entry.seq)).toEqual(
          all.map((entry) => entry.seq).filter((seq) => seq >= from && seq < to),
        );
      }
      for await (const chunk of log.read("a", 0, size)) expect(chunk.length).toBeLessThanOrEqual(1000);
    });

    test("keeps every signed tree head, oldest first, also two over the same entries", async () => {
      value(await log.append("a", 0, { ...frameOf(0, 2), sth: "first over 2" }));
      value(await log.append("a", 2, { ...frameOf(2, 0), sth: "second over 2" }));
      value(await log.append("a", 2, { ...frameOf(2, 9), sth: "over 11" }));
      expect(value(await log.heads("a"))).toEqual(["first over 2", "second over 2", "over 11"]);
      expect(value(await log.head("a"))).toEqual(headOf(11));
    });

    test("gives the newest snapshot and forgets snapshots on request, for good", async () => {
      value(await log.append("a", 0, { ...frameOf(0, 2), snapshot: snapshotOf(2) }));
      value(await log.append("a", 2, frameOf(2, 1)));
      expect(value(await log.snapshot("a"))).toEqual(snapshotOf(2));
      value(await log.append("a", 3, { ...frameOf(3, 1), snapshot: snapshotOf(4) }));
      expect(value(await log.snapshot("a"))).toEqual(snapshotOf(4));
      value(await log.dropSnapshots("a"));
      expect(value(await log.snapshot("a"))).toBeNull();
      const reopened = (await under.reopen()).log;
      expect(value(await reopened.snapshot("a"))).toBeNull();
      expect(value(await reopened.head("a"))).toEqual(headOf(4));
    });

    test("reads 2,500 entries in order that were appended one by one", { timeout: 120_000 }, async () => {
      for (let size = 0; size < 2500; size += 1) value(await log.append("a", size, frameOf(size, 1)));
      expect(await readAll(log, "a")).toEqual(frameOf(0, 2500).entries);
      const reopened = (await under.reopen()).log;
      expect(await readAll(reopened, "a")).toEqual(frameOf(0, 2500).entries);
      expect(value(await reopened.head("a"))).toEqual(headOf(2500));
    });

    test("takes a frame of 10,000 entries", { timeout: 60_000 }, async () => {
      value(await log.append("a", 0, frameOf(0, 17)));
      value(await log.append("a", 17, frameOf(17, 10_000)));
      expect(await readAll(log, "a")).toEqual([...frameOf(0, 17).entries, ...frameOf(17, 10_000).entries]);
    });

    test("keeps objects by digest", async () => {
      const { objects } = under.storage;
      const [first, second] = ["q".repeat(43), `${"-_Z9".repeat(10)}abc`];
      const tree = { tasks: [{ id: "a", parents: [] }], note: "ä \u2028", n: 1.5, none: null };
      expect(value(await objects.get(first))).toBeUndefined();
      value(await objects.put(first, tree));
      value(await objects.put(second, [1]));
      value(await objects.put(first, tree));
      expect(value(await objects.get(first))).toEqual(tree);
      expect(value(await objects.list())).toEqual([second, first].sort());
      value(await objects.delete(second));
      value(await objects.delete(second));
      const reopened = (await under.reopen()).objects;
      expect(value(await reopened.list())).toEqual([first]);
      expect(value(await reopened.get(first))).toEqual(tree);
    });

    test("keeps values by key and lists keys by prefix, in order", async () => {
      const { values } = under.storage;
      expect(value(await values.get("none"))).toBeUndefined();
      for (const key of ["key/b", "key/a", "keys", "setting", "key/ä"]) value(await values.put(key, { of: key }));
      value(await values.put("setting", { of: "setting", newer: true }));
      expect(value(await values.keys("key/"))).toEqual(["key/a", "key/b", "key/ä"]);
      expect(value(await values.keys(""))).toHaveLength(5);
      value(await values.delete("key/b"));
      const reopened = (await under.reopen()).values;
      expect(value(await reopened.get("key/b"))).toBeUndefined();
      expect(value(await reopened.get("setting"))).toEqual({ of: "setting", newer: true });
      expect(value(await reopened.keys("key/"))).toEqual(["key/a", "key/ä"]);
    });

    test("[XA-79] keeps a value that has bytes, and one in the place of the other kind", async () => {
      const { values } = under.storage;
      const withBytes = { size: 3, bytes: Uint8Array.of(0, 128, 255), token: "signed" };
      for (const key of ["shelf/a", "shelf/b", "shelf/c"]) value(await values.put(key, withBytes));
      value(await values.put("shelf/b", { size: 4 }));
      value(await values.put("shelf/b", withBytes));
      value(await values.put("shelf/c", { size: 4 }));
      value(await values.delete("shelf/a"));
      const reopened = (await under.reopen()).values;
      expect(value(await reopened.keys("shelf/"))).toEqual(["shelf/b", "shelf/c"]);
      expect(value(await reopened.get("shelf/b"))).toEqual(withBytes);
      expect(value(await reopened.get("shelf/c"))).toEqual({ size: 4 });
      expect(value(await reopened.get("shelf/a"))).toBeUndefined();
    });

    test("[XA-9] does what a plain list does, in any order of appends, conflicts, reads and reopenings", {
      timeout: 120_000,
    }, async () => {
      let run = 0;
      let storage = under.storage;
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 14 }), async (steps) => {
          run += 1;
          const domain = `model ${run}`;
          const model: Model = { entries: [], heads: [], snapshot: null };
          for (const step of steps) {
            if (step.do === "reopen") storage = await under.reopen();
            await take(step, storage.log, domain, model);
          }
          expect(await readAll(storage.log, domain)).toEqual(model.entries);
          expect(value(await storage.log.heads(domain))).toEqual(model.heads);
          expect(value(await storage.log.snapshot(domain))).toEqual(model.snapshot);
        }),
        { numRuns: 25 },
      );
    });
  });
}

interface Model {
  entries: LedgerEntry[];
  heads: string[];
  snapshot: Snapshot | null;
}

const stepArbitrary = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      off: fc.constant(0),
      count: fc.oneof(fc.nat(12), fc.nat(1500)),
      sth: fc.boolean(),
      snapshot: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      off: fc.constantFrom(-1, 1, 40),
      count: fc.nat(3),
      sth: fc.boolean(),
      snapshot: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("read" as const), from: fc.nat(4000), length: fc.nat(2500) }) },
  { weight: 1, arbitrary: fc.constant({ do: "drop" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "reopen" as const }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

async function take(step: Step, log: EventLog, domain: string, model: Model): Promise<void> {
  const size = model.entries.length;
  if (step.do === "append") {
    const at = Math.max(0, size + step.off);
    const frame: Frame = {
      ...frameOf(at, step.count, domain),
      ...(step.sth ? { sth: `${domain} ${at}` } : {}),
      ...(step.snapshot ? { snapshot: snapshotOf(at + step.count) } : {}),
    };
    const result = await log.append(domain, at, frame);
    if (at !== size) {
      expect(result).toEqual({ ok: false, error: { code: "conflict", size } });
      return;
    }
    value(result);
    model.entries.push(...frame.entries);
    if (frame.sth !== undefined) model.heads.push(frame.sth);
    model.snapshot = frame.snapshot ?? model.snapshot;
  } else if (step.do === "read") {
    expect(await collect(log, domain, step.from, step.from + step.length)).toEqual(
      model.entries.slice(step.from, step.from + step.length),
    );
  } else if (step.do === "drop") {
    value(await log.dropSnapshots(domain));
    model.snapshot = null;
  }
  expect(value(await log.head(domain)).size).toBe(model.entries.length);
}

/** A frame of the right shape that continues a log of `size` entries. */
export function frameOf(size: number, count: number, mark = "token"): Frame {
  return {
    entries: Array.from({ length: count }, (_, index) => entryOf(size + index, mark)),
    head: headOf(size + count),
  };
}

export function entryOf(seq: number, mark = "token"): LedgerEntry {
  return {
    seq,
    token: `${mark}.${seq}.signature`,
    received_at: 1_700_000_000 + seq,
    submitter: "spiffe://console.local/pep",
    leaf: digestOf(seq),
  };
}

export function headOf(size: number): LogHead {
  return size === 0
    ? { size, root: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", frontier: [] }
    : { size, root: digestOf(size), frontier: [digestOf(size)] };
}

export function snapshotOf(size: number): Snapshot {
  return {
    size,
    root: digestOf(size),
    version: 1,
    bytes: Uint8Array.from({ length: 300 }, (_, index) => (index * 7 + size) % 256),
    token: `snapshot.${size}.signature`,
  };
}

export async function readAll(log: EventLog, domain: string): Promise<LedgerEntry[]> {
  return collect(log, domain, 0, value(await log.head(domain)).size);
}

export async function collect(log: EventLog, domain: string, from: number, to: number): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const chunk of log.read(domain, from, to)) entries.push(...chunk);
  return entries;
}

/** The value of a result that has to be ok. */
export function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

function digestOf(size: number): string {
  return String(size).padStart(43, "A");
}
