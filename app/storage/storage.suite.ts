import { beforeEach, describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { Frame, LogHead, Storage } from "../engine/ports.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";

const DIGEST = "A".repeat(43);
const DOMAIN = "console.local";

export function frameOf(from: number, count: number, more: Partial<Frame> = {}): Frame {
  const entries = Array.from(
    { length: count },
    (_, index): LedgerEntry => ({
      seq: from + index,
      token: `a.b.${from + index}`,
      received_at: 1,
      submitter: "urn:test",
      leaf: DIGEST,
    }),
  );
  const head: LogHead = { size: from + count, root: DIGEST, frontier: [] };
  return { entries, head, ...more };
}

export async function seqs(storage: Storage, from: number, to: number, domain = DOMAIN): Promise<number[]> {
  const read: number[] = [];
  for await (const chunk of storage.log.read(domain, from, to)) read.push(...chunk.map((entry) => entry.seq));
  return read;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** What every storage technology must do. `reopen` gives the same stored data through a new connection, or the same where it lasts only as long as the process. */
export function storageSuite(
  name: string,
  open: () => Promise<{ storage: Storage; reopen(): Promise<Storage> }>,
): void {
  describe(`storage: ${name}`, () => {
    let storage: Storage;
    let reopen: () => Promise<Storage>;
    const sizeOf = async (domain = DOMAIN): Promise<number> => {
      const head = await storage.log.head(domain);
      return must(head.ok ? head.value.size : null, "a head");
    };

    beforeEach(async () => {
      ({ storage, reopen } = await open());
    });

    it("[XA-9] appends at the end only: another expectation is a conflict and writes nothing", async () => {
      expect(await storage.log.append(DOMAIN, 0, frameOf(0, 3))).toMatchObject({ ok: true });
      const refused = await storage.log.append(DOMAIN, 1, frameOf(1, 5, { sth: "x.y.z" }));
      expect(refused).toEqual({ ok: false, error: { code: "conflict", size: 3 } });
      expect([await sizeOf(), await seqs(storage, 0, 10)]).toEqual([3, [0, 1, 2]]);
      expect(await storage.log.heads(DOMAIN)).toEqual({ ok: true, value: [] });
    });

    it("lets exactly one of two racing appends win", async () => {
      const results = await Promise.all([
        storage.log.append(DOMAIN, 0, frameOf(0, 2)),
        storage.log.append(DOMAIN, 0, frameOf(0, 2)),
      ]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      expect(await sizeOf()).toBe(2);
    });

    it("makes entries, head, signed head and snapshot durable together", async () => {
      const snapshot = { size: 4, root: DIGEST, version: 1, state: { map: new Map([["a", 1]]) } };
      await storage.log.append(DOMAIN, 0, frameOf(0, 4, { sth: "x.y.z", snapshot }));
      const again = await reopen();
      expect(await seqs(again, 0, 9)).toEqual([0, 1, 2, 3]);
      expect(await again.log.heads(DOMAIN)).toEqual({ ok: true, value: ["x.y.z"] });
      expect(await again.log.snapshot(DOMAIN)).toEqual({ ok: true, value: snapshot });
      await again.log.dropSnapshots(DOMAIN);
      expect(await again.log.snapshot(DOMAIN)).toEqual({ ok: true, value: null });
    });

    it("reads any range in order, however the entries were framed", async () => {
      let size = 0;
      for (const count of [1, 1, 700, 1, 400, 1, 1, 998, 1, 1500, 3]) {
        await storage.log.append(DOMAIN, size, frameOf(size, count));
        size += count;
      }
      const again = await reopen();
      for (const [from, to] of [
        [0, size],
        [1, 2],
        [699, 703],
        [999, 1106],
        [1103, size],
        [size, size + 5],
      ] as const) {
        expect(await seqs(again, from, to)).toEqual(range(from, Math.min(to, size)));
      }
    });

    it("keeps domains apart", async () => {
      await storage.log.append("a.example", 0, frameOf(0, 2));
      await storage.log.append("b.example", 0, frameOf(0, 5));
      expect([await seqs(storage, 0, 9, "a.example"), await sizeOf("b.example")]).toEqual([[0, 1], 5]);
    });

    it("keeps objects and values", async () => {
      await storage.objects.put(DIGEST, { name: "run" });
      await storage.values.put("playback/1", { speed: 2 });
      const again = await reopen();
      expect(await again.objects.get(DIGEST)).toEqual({ ok: true, value: { name: "run" } });
      expect(await again.values.keys("playback/")).toEqual({ ok: true, value: ["playback/1"] });
      await again.values.delete("playback/1");
      expect(await again.values.get("playback/1")).toEqual({ ok: true, value: undefined });
    });
  });
}
