import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gateRow } from "../approvals.fixture.ts";
import { asideOf } from "./aside.ts";
import { returnTimes } from "./return-times.ts";

const ALICE = "spiffe://console.local/human/alice";
const BEN = "spiffe://console.local/human/ben";
const SHIFT_S = 28_800;

describe("when something put away may come back", () => {
  it("[A3] [ACP-38] is always before its deadline, with time left to decide it, and within one shift", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 86_400_000 }),
        fc.integer({ min: 0, max: 4_000_000_000_000 }),
        (leftMs, nowMs) => {
          const deadlineS = (nowMs + leftMs) / 1000;
          for (const { afterMs } of returnTimes(leftMs)) {
            const untilS = Math.floor((nowMs + afterMs) / 1000);
            expect(untilS).toBeLessThanOrEqual(deadlineS - 29);
            expect(untilS).toBeLessThanOrEqual(Math.floor(nowMs / 1000) + SHIFT_S);
            expect(untilS).toBeGreaterThan(Math.floor(nowMs / 1000));
          }
        },
      ),
    );
  });

  it("[ACP-38] offers usual times, the last one possible, and none where it is due too soon", () => {
    expect(returnTimes(600_000).map(({ name }) => name)).toEqual([
      "in 5 min",
      "in 9 min 30 s: as late as it can be decided",
    ]);
    expect(returnTimes(86_400_000).at(-1)).toMatchObject({ name: "in 8 h: the longest there is", afterMs: 28_800_000 });
    expect(returnTimes(89_999)).toEqual([]);
    expect(returnTimes(90_000)).toHaveLength(1);
    expect(new Set(returnTimes(86_400_000).map(({ afterMs }) => afterMs)).size).toBe(6);
  });
});

describe("what is put away", () => {
  const hold = (by: string, until: number) => ({ by, at: 0, until });
  const shelf = (until: number) => ({ ...hold(BEN, until), reason: "lunch" });

  it("[A3] [ACP-38] is back the second it said, whatever was read before, and nothing is away at its deadline", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60_000, max: 86_400_000 }),
        fc.nat(10),
        fc.boolean(),
        fc.integer({ min: -5, max: 5 }),
        (leftMs, which, shelved, offset) => {
          const times = returnTimes(leftMs);
          const time = times[which % Math.max(1, times.length)];
          if (time === undefined) return;
          const until = Math.floor(time.afterMs / 1000);
          const row = gateRow(shelved ? { shelf: shelf(until) } : { deferrals: [hold(ALICE, until)] });
          const kind = shelved ? "shelved" : "deferred";
          expect(asideOf(row, ALICE, until + offset)).toBe(offset < 0 ? kind : null);
          expect(asideOf(row, ALICE, Math.floor(leftMs / 1000))).toBeNull();
        },
      ),
    );
  });

  it("[A7] [ACP-37] is shelved for everybody, deferred for one person, and claimed for nobody", () => {
    const deferred = gateRow({ deferrals: [hold(ALICE, 100)] });
    expect([ALICE, BEN, null].map((who) => asideOf(deferred, who, 50))).toEqual(["deferred", null, null]);
    const shelved = gateRow({ shelf: shelf(100), deferrals: [hold(ALICE, 200)] });
    expect([ALICE, BEN, null].map((who) => asideOf(shelved, who, 50))).toEqual(["shelved", "shelved", "shelved"]);
    expect([ALICE, BEN].map((who) => asideOf(shelved, who, 150))).toEqual(["deferred", null]);
    expect(asideOf(gateRow({ claim: hold(ALICE, 100) }), BEN, 50)).toBeNull();
    expect(asideOf({ ...shelved, state: "approved" }, ALICE, 50)).toBeNull();
    // What is stop-class is away for nobody, whatever stands in an older log.
    expect(asideOf({ ...shelved, stopClass: true }, ALICE, 50)).toBeNull();
  });
});
