import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causesOf, createLaneLog, missingCauses, wordOf } from "./lane-log.ts";
import { type GivenEntry, laneLog, lanesPart } from "./lanes-part.fixture.ts";

const entries: fc.Arbitrary<GivenEntry[]> = fc
  .array(
    fc.record({
      step: fc.integer({ min: 0, max: 2 }),
      actor: fc.option(fc.constantFrom("a", "b", "c")),
      action: fc.constantFrom("build", "deploy", "test"),
      severity: fc.constantFrom("info", "notice", "warning", "critical"),
      back: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { maxLength: 60 },
  )
  .map((given) => {
    let at = 1_772_064_000;
    return given.map(({ step, back, ...entry }, seq) => {
      at += step;
      const causes = seq === 0 ? [] : [...new Set(back.map((by) => by % seq))];
      return { ...entry, at, causes };
    });
  });

describe("a log in columns", () => {
  it("[XA-71] is the same however it was cut into parts", () => {
    fc.assert(
      fc.property(entries, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }), (given, cuts) => {
        const builder = createLaneLog("console.local");
        for (let from = 0, turn = 0; from < given.length; turn += 1) {
          const part = given.slice(from, from + (cuts[turn % cuts.length] ?? 1));
          expect(builder.append(lanesPart(part, from)).ok).toBe(true);
          from += part.length;
        }
        const log = builder.log();
        const whole = laneLog(given);
        expect(log.size).toBe(given.length);
        given.forEach((entry, seq) => {
          expect(wordOf(log, "actor", seq)).toBe(entry.actor ?? null);
          expect(wordOf(log, "action", seq)).toBe(entry.action);
          expect(causesOf(log, seq).map(([cause]) => cause)).toEqual(entry.causes);
          expect(log.ms[seq]).toBe(whole.ms[seq]);
          expect(Math.floor((log.ms[seq] ?? 0) / 1000)).toBe(entry.at);
        });
        for (let seq = 1; seq < log.size; seq += 1) expect(log.ms[seq]).toBeGreaterThan(log.ms[seq - 1] ?? 0);
      }),
      { numRuns: 40 },
    );
  });

  it("refuses a part that does not follow or whose numbers are not as many as it says, and keeps what it has", () => {
    const builder = createLaneLog("console.local");
    expect(builder.append(lanesPart([{ at: 1 }, { at: 2 }])).ok).toBe(true);
    expect(builder.append(lanesPart([{ at: 3 }], 5))).toMatchObject({ error: { code: "part_misfit" } });
    expect(builder.append(lanesPart([{ at: 3 }], 2, "elsewhere"))).toMatchObject({ error: { code: "part_misfit" } });
    expect(builder.append({ ...lanesPart([{ at: 3 }], 2), count: 2 })).toMatchObject({
      error: { code: "part_malformed" },
    });
    expect(builder.append({ ...lanesPart([{ at: 3 }], 2), causes: "AAAA" })).toMatchObject({
      error: { code: "part_malformed" },
    });
    expect([builder.size, builder.log().at[1]]).toEqual([2, 2]);
  });

  it("[N11] [XA-73] takes a token that came late for the cause of what named it, and for missing no more", () => {
    const log = laneLog([
      { at: 1, unknown: 2 },
      { at: 2, causes: [[0, "late"]] },
    ]);
    expect(causesOf(log, 0)).toEqual([[1, 3]]);
    expect(causesOf(log, 1)).toEqual([]);
    expect([missingCauses(log, 0), missingCauses(log, 1)]).toEqual([1, 0]);
  });

  it("[N11] orders by time where the log's clock went back", () => {
    const log = laneLog([{ at: 10 }, { at: 12 }, { at: 11 }, { at: 13 }]);
    expect([...(log.byTime ?? [])]).toEqual([0, 2, 1, 3]);
    expect(laneLog([{ at: 10 }, { at: 10 }, { at: 11 }]).byTime).toBeNull();
  });
});
