import { beforeEach, describe, expect, it } from "vitest";
import { must } from "../base/assert.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { forgetAnchor, type KeptAnchor, keepAnchor, keptAnchors, MAX_WITNESSES } from "./anchor-store.ts";

const ROOT = "R".repeat(43);
/** Far fewer than a host keeps: each is written by itself. */
const MOST = 16;
const OTHER = "S".repeat(43);
const agreed = async ({ root }: KeptAnchor): Promise<boolean> => root === ROOT;

function anchorOf(size: number, change: Partial<KeptAnchor> = {}): KeptAnchor {
  return { size, root: ROOT, note: `head of ${size}`, witnesses: [], keptAtMs: 0, ...change };
}
const witness = (name: string): KeptAnchor["witnesses"][number] => ({ name, timeS: 1, verifierKey: `${name}+1+A` });

/** What every storage has to bear: checkpoints that come at once, and too many of them. */
export function anchorStoreSuite(made: () => Promise<KeyValueStore>): void {
  describe("checkpoints that were brought back", () => {
    let values: KeyValueStore;
    beforeEach(async () => {
      values = await made();
    });
    const kept = async (): Promise<readonly KeptAnchor[]> => {
      const read = await keptAnchors(values);
      return must(read.ok ? read.value : null, "they can be read");
    };
    const keep = (anchor: KeptAnchor) => keepAnchor(values, anchor, agreed, MOST);
    /** Written as they lie there, since each that is taken in is held against all. */
    const filled = async (anchors: readonly KeptAnchor[]): Promise<void> => {
      await Promise.all(
        anchors.map((anchor) =>
          values.put(`anchor/${String(anchor.size).padStart(16, "0")}/${anchor.root}`, { ...anchor }),
        ),
      );
      expect(await kept()).toHaveLength(anchors.length);
    };

    it("[XA-55] [XA-52] lose no witness when they come at once, and one that is let go meanwhile stays away", async () => {
      const names = Array.from({ length: 12 }, (_, at) => `w${at}`);
      await keep(anchorOf(3));
      const all = await Promise.all([
        ...names.map((name) => keep(anchorOf(9, { witnesses: [witness(name)] }))),
        forgetAnchor(values, anchorOf(3)),
      ]);
      expect(all.every(({ ok }) => ok)).toBe(true);
      const [only, ...more] = await kept();
      expect(more).toEqual([]);
      expect(only?.witnesses.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    });

    it("[XA-55] are thinned where they are closest, never the newest nor what shows a split", async () => {
      // Ten apart, but for those around 50, which is none of this log's, and 102; the last two are over as many entries.
      const moved = new Map([
        [40, 49],
        [60, 51],
        [110, 102],
      ]);
      const sizes = Array.from({ length: MOST - 2 }, (_, at) => moved.get((at + 1) * 10) ?? (at + 1) * 10);
      const shown = sizes.map((size) => anchorOf(size, size === 50 ? { root: OTHER } : {}));
      await filled([...shown, anchorOf(90_000), anchorOf(90_000, { root: OTHER })]);
      expect(await keep(anchorOf(100_000))).toMatchObject({ ok: true });
      const after = await kept();
      expect(after).toHaveLength(MOST);
      const left = new Set(after.map(({ size }) => size));
      expect(sizes.filter((size) => !left.has(size))).toEqual([100]);
      expect(after.filter(({ size }) => size === 90_000 || size === 50)).toHaveLength(3);
      expect(after.at(-1)?.size).toBe(100_000);
    });

    it("[XA-55] are refused where every one shows a split, and what was there stays", async () => {
      await filled(Array.from({ length: MOST }, (_, at) => anchorOf(at + 1, { root: OTHER })));
      expect(await keep(anchorOf(9000))).toMatchObject({ ok: false, error: { code: "anchor_limit", status: 409 } });
      expect((await kept()).every(({ root }) => root === OTHER)).toBe(true);
      // A witness of one that is there is taken all the same.
      expect(await keep(anchorOf(7, { root: OTHER, witnesses: [witness("late")] }))).toMatchObject({ ok: true });
      const many = Array.from({ length: MAX_WITNESSES + 1 }, (_, at) => witness(`w${at}`));
      expect(await keep(anchorOf(7, { root: OTHER, witnesses: many }))).toMatchObject({
        error: { code: "anchor_limit" },
      });
    });
  });
}
