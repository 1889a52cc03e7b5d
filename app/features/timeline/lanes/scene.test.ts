import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lanePlaces, lanesOf, MAX_LANES } from "./lanes.ts";
import { type GivenEntry, laneLog } from "./lanes-part.fixture.ts";
import { BIN_PX, binStepMs, sceneOf, timeAt, xOf } from "./scene.ts";
import { LEAST_MS, moved, showing, spanFromText, stepInTime, textOfSpan, wholeSpan, within, zoomed } from "./view.ts";

const NONE: ReadonlySet<string> = new Set();
const START = 1_772_064_000;

const logs = fc
  .array(
    fc.record({
      step: fc.integer({ min: -2, max: 30 }),
      actor: fc.option(fc.constantFrom("a", "b", "c", "d")),
      severity: fc.constantFrom("info", "info", "notice", "warning", "critical"),
    }),
    { minLength: 1, maxLength: 150 },
  )
  .map((given) => {
    let at = START;
    return laneLog(
      given.map(({ step, ...entry }): GivenEntry => {
        at += step;
        return { ...entry, at };
      }),
    );
  });
const views = fc.record({
  fromMs: fc.double({ min: (START - 60) * 1000, max: (START + 3000) * 1000, noNaN: true }),
  length: fc.double({ min: LEAST_MS, max: 4_000_000, noNaN: true }),
  widthPx: fc.integer({ min: 40, max: 2000 }),
});

describe("what is drawn of the lanes", () => {
  it("[XA-70] has every entry of the time it tells of exactly once, alone or counted, and nothing else", () => {
    fc.assert(
      fc.property(logs, views, fc.constantFrom("domain", "agent", "kind"), (log, { fromMs, length, widthPx }, by) => {
        const lanes = lanesOf([log], { by, closed: NONE });
        const view = { fromMs, toMs: fromMs + length, widthPx };
        const scene = sceneOf(lanes, view);
        expect(scene.fromMs).toBeLessThanOrEqual(view.fromMs);
        expect(scene.toMs).toBeGreaterThanOrEqual(view.toMs);
        expect(scene.fromMs).toBeGreaterThan(view.fromMs - scene.stepMs);
        const places = lanePlaces(lanes).get(log.domain);
        const expected = [...log.ms.keys()].filter((seq) => {
          const ms = log.ms[seq] ?? 0;
          return ms >= scene.fromMs && ms < scene.toMs;
        });
        const alone = scene.marks.map(({ seq }) => seq);
        expect(new Set(alone).size).toBe(alone.length);
        for (const { seq, lane, atMs, severity } of scene.marks)
          expect([places?.[seq], log.ms[seq], log.severity[seq]]).toEqual([lane, atMs, severity]);
        const counted = scene.bins.reduce((sum, { count }) => sum + count, 0);
        expect(alone.length + counted).toBe(expected.length);
        for (const bin of scene.bins) {
          const inside = expected.filter((seq) => {
            const ms = log.ms[seq] ?? 0;
            return places?.[seq] === bin.lane && ms >= bin.fromMs && ms < bin.toMs;
          });
          expect(inside.length).toBe(bin.count);
          const severities = [0, 1, 2, 3].map(
            (severity) => inside.filter((seq) => log.severity[seq] === severity).length,
          );
          expect(bin.bySeverity).toEqual(severities);
          expect(bin.worst).toBe(Math.max(...inside.map((seq) => log.severity[seq] ?? 0)));
          expect(inside).toContain(bin.first);
          expect(inside).toContain(bin.last);
          for (const seq of inside) expect(alone).not.toContain(seq);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("keeps its bins where they are while the view moves", () => {
    const view = { fromMs: START * 1000, toMs: (START + 600) * 1000, widthPx: 900 };
    const step = binStepMs(view);
    const px = (step / (view.toMs - view.fromMs)) * view.widthPx;
    expect(px).toBeGreaterThanOrEqual(BIN_PX);
    expect(px).toBeLessThan(2 * BIN_PX);
    const log = laneLog(Array.from({ length: 400 }, (_, k) => ({ at: START + k })));
    const lanes = lanesOf([log], { by: "domain", closed: NONE });
    const at = (by: number) => sceneOf(lanes, { ...view, fromMs: view.fromMs + by, toMs: view.toMs + by });
    const shared = (scene: ReturnType<typeof at>) => scene.bins.filter(({ fromMs }) => fromMs > view.fromMs + 60_000);
    expect(at(7_000).stepMs).toBe(step);
    expect(shared(at(7_000)).slice(0, 5)).toEqual(shared(at(0)).slice(0, 5));
  });

  it("leaves the rarest in one lane where there are too many, and loses none", () => {
    const log = laneLog(Array.from({ length: 400 }, (_, k) => ({ at: START + k, actor: `agent-${k < 100 ? 0 : k}` })));
    const lanes = lanesOf([log], { by: "agent", closed: NONE });
    expect(lanes).toHaveLength(MAX_LANES);
    expect(lanes.at(-1)).toMatchObject({ what: "others", values: 301 - (MAX_LANES - 1) });
    expect(lanes.reduce((sum, { entries }) => sum + entries.length, 0)).toBe(400);
    expect(lanesOf([log], { by: "agent", closed: new Set([log.domain]) })).toHaveLength(1);
  });

  it("shows of the lanes only what matches", () => {
    const log = laneLog([
      { at: START, action: "a" },
      { at: START, action: "b" },
      { at: START + 1, action: "a" },
    ]);
    const [lane] = lanesOf([log], { by: "domain", closed: NONE, shows: (_, seq) => seq !== 1 });
    expect([...(lane?.entries ?? [])]).toEqual([0, 2]);
  });
});

describe("where the lanes are looked at", () => {
  const whole = { fromMs: 0, toMs: 100_000 };
  const spans = fc
    .record({
      fromMs: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      length: fc.double({ min: 0, max: 1e6, noNaN: true }),
    })
    .map(({ fromMs, length }) => ({ fromMs, toMs: fromMs + length }));

  it("stays within the whole, whatever is asked for", () => {
    fc.assert(
      fc.property(
        spans,
        fc.double({ min: 0.01, max: 1e9, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (span, factor, by) => {
          const inside = within(span, whole);
          for (const next of [
            inside,
            moved(inside, by, whole),
            zoomed(inside, factor, (inside.fromMs + inside.toMs) / 2, whole),
            showing(inside, 5_000, whole),
          ]) {
            expect(next.fromMs).toBeGreaterThanOrEqual(whole.fromMs - 1e-6);
            expect(next.toMs).toBeLessThanOrEqual(whole.toMs + 1e-6);
            expect(next.toMs - next.fromMs).toBeGreaterThanOrEqual(LEAST_MS - 1e-6);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("zooms around a time that stays where it is, and back", () => {
    const near = zoomed({ fromMs: 0, toMs: 100_000 }, 4, 30_000, whole);
    expect(near).toEqual({ fromMs: 22_500, toMs: 47_500 });
    expect(zoomed(near, 0.25, 30_000, whole)).toEqual(whole);
    const view = { ...near, widthPx: 1000 };
    expect(xOf(view, 30_000)).toBe(300);
    expect(timeAt(view, 300)).toBe(30_000);
  });

  it("moves to what is out of view, and not for what is in view", () => {
    const span = { fromMs: 10_000, toMs: 20_000 };
    expect(showing(span, 15_000, whole)).toBe(span);
    expect(showing(span, 60_000, whole)).toEqual({ fromMs: 55_000, toMs: 65_000 });
  });

  it("goes to the end of the whole", () => {
    expect(moved({ fromMs: 10_000, toMs: 20_000 }, Number.POSITIVE_INFINITY, whole)).toEqual({
      fromMs: 90_000,
      toMs: 100_000,
    });
    expect(moved({ fromMs: 10_000, toMs: 20_000 }, Number.NEGATIVE_INFINITY, whole)).toEqual({
      fromMs: 0,
      toMs: 10_000,
    });
  });

  it("goes through all entries in time, over all lanes and domains, forth and back", () => {
    const one = laneLog([
      { at: START, actor: "a" },
      { at: START + 2, actor: "b" },
      { at: START + 2, actor: "a" },
    ]);
    const two = laneLog(
      [
        { at: START + 1, actor: "x" },
        { at: START + 2, actor: "x" },
      ],
      "other.example",
    );
    const lanes = lanesOf([one, two], { by: "agent", closed: NONE });
    const span = wholeSpan(lanes) ?? { fromMs: 0, toMs: 1 };
    const walk = (by: 1 | -1): string[] => {
      const seen: string[] = [];
      for (let at = stepInTime(lanes, null, span, by); at !== null; at = stepInTime(lanes, at, span, by))
        seen.push(`${at.domain} ${at.seq}`);
      return seen;
    };
    const forth = walk(1);
    expect(forth).toEqual([
      "console.local 0",
      "other.example 0",
      "console.local 1",
      "other.example 1",
      "console.local 2",
    ]);
    expect(walk(-1)).toEqual(forth.toReversed());
  });

  it("is the same after a link, and a broken one is none", () => {
    expect(spanFromText(textOfSpan({ fromMs: 1_772_064_000_000, toMs: 1_772_064_000_010.5 }))).toEqual({
      fromMs: 1_772_064_000_000,
      toMs: 1_772_064_000_010.5,
    });
    for (const text of [undefined, "", "5", "9-4", "a-b", "1-"]) expect(spanFromText(text)).toBeNull();
  });
});
