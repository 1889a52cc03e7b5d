import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criticalPath, effectsOf, reachedFrom } from "./causal.ts";
import { burstsOf, entriesOfWorkflow, gapsOf } from "./findings.ts";
import { causesOf, type LaneLog } from "./lane-log.ts";
import { type GivenEntry, laneLog } from "./lanes-part.fixture.ts";

const START = 1_772_064_000;

const logs = fc
  .array(fc.record({ step: fc.nat({ max: 5 }), back: fc.array(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((given) => {
    let at = START;
    return laneLog(
      given.map(({ step, back }, seq): GivenEntry => {
        at += step;
        return { at, causes: seq === 0 ? [] : [...new Set(back.map((by) => by % seq))] };
      }),
    );
  });

/** Everything an entry follows from, by the plainest way. */
function ancestors(log: LaneLog, seq: number): Set<number> {
  const found = new Set<number>();
  for (const [cause] of causesOf(log, seq)) {
    found.add(cause);
    for (const further of ancestors(log, cause)) found.add(further);
  }
  return found;
}

describe("what follows from what", () => {
  it("[XA-72] finds all causes and all effects of an entry, and each arrow between them once", () => {
    fc.assert(
      fc.property(logs, fc.nat(), (log, pick) => {
        const seq = pick % log.size;
        const effects = effectsOf(log);
        const back = reachedFrom(log, effects, seq, "causes", 1000);
        expect(new Set(back.entries)).toEqual(ancestors(log, seq));
        const forth = reachedFrom(log, effects, seq, "effects", 1000);
        expect(new Set(forth.entries)).toEqual(
          new Set([...log.ms.keys()].filter((other) => ancestors(log, other).has(seq))),
        );
        expect([back.isAll, forth.isAll]).toEqual([true, true]);
        const named = [...back.arrows, ...forth.arrows].map(({ from, to }) => `${from} ${to}`);
        expect(new Set(named).size).toBe(named.length);
        for (const { from, to } of [...back.arrows, ...forth.arrows])
          expect(causesOf(log, to).map(([cause]) => cause)).toContain(from);
      }),
      { numRuns: 60 },
    );
  });

  it("says so where it stops", () => {
    const log = laneLog(Array.from({ length: 30 }, (_, seq) => ({ at: START, causes: seq === 0 ? [] : [seq - 1] })));
    const reached = reachedFrom(log, effectsOf(log), 29, "causes", 10);
    expect([reached.entries.length, reached.isAll, reached.entries[0]]).toEqual([10, false, 28]);
  });
});

describe("the critical path", () => {
  it("[XA-74] is a chain of causes that spans as much time as any", () => {
    fc.assert(
      fc.property(logs, (log) => {
        const all = [...log.ms.keys()];
        const path = criticalPath(log, all);
        path.forEach((seq, at) => {
          if (at > 0) expect(causesOf(log, seq).map(([cause]) => cause)).toContain(path[at - 1]);
        });
        const spanned = path.length === 0 ? 0 : (log.at[path.at(-1) ?? 0] ?? 0) - (log.at[path[0] ?? 0] ?? 0);
        const longest = Math.max(
          0,
          ...all.flatMap((seq) => [...ancestors(log, seq)].map((other) => (log.at[seq] ?? 0) - (log.at[other] ?? 0))),
        );
        expect(spanned).toBe(longest);
      }),
      { numRuns: 60 },
    );
  });

  it("goes by the cause that was waited for, and keeps to the workflow", () => {
    const log = laneLog([
      { at: START, wid: "w" },
      { at: START + 5, wid: "w", causes: [0] },
      { at: START + 60, wid: "w", causes: [0] },
      { at: START + 61, wid: "w", causes: [1, 2] },
      { at: START + 900, wid: "other", causes: [3] },
    ]);
    expect(criticalPath(log, entriesOfWorkflow(log, "w"))).toEqual([0, 2, 3]);
    expect(entriesOfWorkflow(log, "nowhere")).toEqual([]);
    expect(criticalPath(log, [0])).toEqual([]);
  });
});

describe("bursts and gaps", () => {
  it("[XA-74] names the first abnormal entry of each burst", () => {
    const at = (seconds: number, severity: GivenEntry["severity"] = "info"): GivenEntry => ({
      at: START + seconds,
      ...(severity === undefined ? {} : { severity }),
    });
    const log = laneLog([
      at(0, "warning"),
      at(30, "notice"),
      at(40, "warning"),
      at(45, "critical"),
      at(46),
      at(54, "warning"),
      at(80, "critical"),
      at(81, "critical"),
    ]);
    expect(burstsOf(log).map(({ first, last, count, critical }) => [first, last, count, critical])).toEqual([
      [2, 5, 3, 1],
      [6, 7, 2, 2],
    ]);
    const ordered = laneLog([
      { at: START, typ: "override+jwt", severity: "critical" },
      at(1, "critical"),
      at(2, "warning"),
    ]);
    expect(burstsOf(ordered).map(({ first, count }) => [first, count])).toEqual([[1, 2]]);
    expect(burstsOf(log, (seq) => seq !== 2).map(({ first }) => first)).toEqual([3, 6]);
  });

  it("[N11] [XA-73] finds holes, what is named and not there, and a clock that went back", () => {
    const log = laneLog([
      { at: START },
      { at: START, typ: "missing", severity: "critical" },
      { at: START, typ: "missing", severity: "critical" },
      { at: START + 9, unknown: 2 },
      { at: START + 4 },
      { at: START + 5 },
    ]);
    expect(gapsOf(log).map(({ kind, seq, count, backS }) => [kind, seq, count, backS])).toEqual([
      ["missing", 1, 2, 0],
      ["unknown", 3, 2, 0],
      ["back", 4, 1, 5],
    ]);
    expect(gapsOf(laneLog([{ at: START }, { at: START + 1, causes: [0] }]))).toEqual([]);
  });
});
