import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gateRow } from "./approvals.fixture.ts";
import { chatterIn, foldedTo, isFlood, queueItems, stepGroup } from "./queue-crowd.ts";
import { type QueueItem, rowsIn } from "./queue-model.ts";

const START = 1_772_064_000;
const id = (at: number): string => `0195400c-0000-7000-8000-${String(at).padStart(12, "0")}`;
const row = (at: number, change: Parameters<typeof gateRow>[0] = {}) =>
  gateRow({ request: id(at), seq: at, openedAt: START + at, consequence: "reversible", ...change });
const folded = (items: readonly QueueItem[]): number =>
  items.reduce((sum, item) => sum + (item.kind === "more" && !item.isOpen ? item.count : 0), 0);
const numbers = (items: readonly QueueItem[]): number[] => rowsIn(items).map(({ seq }) => seq);

/** 200 requests within a minute: one comes first, four causes follow, and one of the last cannot be undone. */
const flood = Array.from({ length: 200 }, (_, at) =>
  row(at, {
    openedAt: START + Math.floor((at * 60) / 200),
    action: at === 0 ? "restart_router" : `retry_${at % 9}`,
    likeness: `like ${at % 9}`,
    ruleIds: [at === 0 ? "root" : `after-${at % 4}`],
    ...(at === 150 ? { consequence: "irreversible" as const } : {}),
  }),
);

describe("a flood in the queue", () => {
  it("[A6] 200 in a minute are five lines by cause: what came first is the first, and what cannot be undone is in view", () => {
    const items = queueItems(flood);
    expect(numbers(items)).toEqual([0, 2, 150, 1, 3, 4]);
    const [first] = items;
    expect(first).toMatchObject({ kind: "row", firstOut: "all", row: { action: "restart_router" } });
    expect(items.filter(({ kind }) => kind === "group")).toHaveLength(4);
    expect(numbers(items).length + folded(items)).toBe(200);
  });

  it("[A6] folds nothing that cannot be undone or is stop-class, however much of the same cause comes beside it", () => {
    const hidden = flood.map((one) =>
      [151, 154, 198].includes(one.seq) ? { ...one, consequence: "irreversible" as const } : one,
    );
    const inView = rowsIn(queueItems(hidden));
    for (const { seq, consequence } of hidden)
      if (consequence === "irreversible") expect(inView.map((one) => one.seq)).toContain(seq);
    expect(inView.length + folded(queueItems(hidden))).toBe(200);
    const stops = flood.map((one) => (one.ruleIds[0] === "after-3" ? { ...one, stopClass: true } : one));
    const shown = queueItems(stops);
    expect(rowsIn(shown).filter(({ stopClass }) => stopClass)).toHaveLength(50);
    // Before the others, with what cannot be undone.
    expect(stepGroup(shown, id(0), 1)).toBe(id(2));
    expect(stepGroup(shown, id(2), 1)).toBe(id(3));
    const chatter = [0, 1, 2].map((at) => row(at, { consequence: "irreversible" }));
    expect(queueItems(chatter).map(({ kind }) => kind)).toEqual(["group", "row", "row", "row"]);
  });

  it("[A6] each group is one step away, and opens by itself around the request that is open", () => {
    const items = queueItems(flood);
    const steps = [0, 2, 150].map((at) => stepGroup(items, id(at), 1));
    expect(steps).toEqual([id(2), id(1), id(1)]);
    expect(stepGroup(items, id(1), -1)).toBe(id(2));
    expect(stepGroup(items, id(0), -1)).toBe(id(0));
    expect(stepGroup(items, undefined, 1)).toBe(id(0));
    const inside = queueItems(flood, new Set(), id(198));
    expect(numbers(inside)).toContain(198);
    expect(folded(inside)).toBeLessThan(folded(items));
    expect(
      folded(queueItems(flood, new Set(items.flatMap((item) => (item.kind === "more" ? [item.group] : []))))),
    ).toBe(0);
  });

  it("[A6] folding a group leaves the open request open where it stays in view, and gives way to the first where it does not", () => {
    const group = queueItems(flood).flatMap((item) =>
      item.kind === "row" && item.row.seq === 150 ? [item.block] : [],
    )[0];
    expect(foldedTo(flood, new Set(), group ?? "", id(150))).toBe(id(150));
    expect(foldedTo(flood, new Set(), group ?? "", id(154))).toBe(id(2));
    // Of another group, which only its being open holds open.
    expect(foldedTo(flood, new Set(), group ?? "", id(197))).toBe(id(197));
  });

  it("[A6] is one from the eleventh in ten minutes on, until they are answered", () => {
    const spread = (count: number, everyS: number) =>
      Array.from({ length: count }, (_, at) => row(at, { openedAt: START + at * everyS }));
    expect([isFlood(spread(10, 1)), isFlood(spread(11, 1)), isFlood(spread(11, 59)), isFlood(spread(40, 60))]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    // Others that were settled meanwhile flood nobody.
    const settled = spread(11, 1).map((one, at) => (at === 0 ? { ...one, state: "rejected" as const } : one));
    expect(queueItems(settled).some((item) => item.kind === "group" && item.by === "cause")).toBe(false);
  });

  it("[A4] [A6] leaves none out: what is in view and what is said to be folded are all that wait, and the open one is in view", () => {
    const some = fc.record({
      at: fc.integer({ min: 0, max: 3000 }),
      like: fc.constantFrom("a", "b", "c"),
      rule: fc.constantFrom("r1", "r2"),
      consequence: fc.constantFrom("none" as const, "reversible" as const, "irreversible" as const),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), fc.nat(), (made, pick) => {
        const rows = made.map(({ at, like, rule, consequence }, index) =>
          row(index, { openedAt: START + at, likeness: like, ruleIds: [rule], consequence }),
        );
        const selected = rows[pick % Math.max(1, rows.length)]?.request;
        const items = queueItems(rows, new Set(), selected);
        const shown = numbers(items);
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown.length + folded(items)).toBe(rows.length);
        if (selected !== undefined) expect(rowsIn(items).some(({ request }) => request === selected)).toBe(true);
        for (const item of items)
          if (item.kind === "more")
            expect(items.some((one) => one.kind === "row" && one.block === item.group)).toBe(true);
      }),
    );
  });
});

describe("chatter in the queue", () => {
  const alike = (...times: number[]) => times.map((at, index) => row(index, { openedAt: START + at }));

  it("[A4] three or more of the same within a minute are one line with their number, and two are not", () => {
    const items = queueItems(alike(0, 30, 60, 61));
    expect(items.map(({ kind }) => kind)).toEqual(["group", "row", "more"]);
    expect(items[0]).toMatchObject({ by: "likeness", chatter: 4 });
    expect(items[1]).toMatchObject({ firstOut: "group", row: { seq: 0 } });
    expect(folded(items)).toBe(3);
    expect(queueItems(alike(0, 30)).map(({ kind }) => kind)).toEqual(["group", "row", "row"]);
    expect(chatterIn(alike(0, 40, 61, 500))).toBe(0);
  });

  it("[A4] is opened and folded again, and what is graver than the first stays in view", () => {
    const rows = alike(0, 1, 2).map((one, at) => (at === 2 ? { ...one, consequence: "irreversible" as const } : one));
    // Of another consequence it is no look-alike.
    expect(queueItems(rows).map(({ kind }) => kind)).toEqual(["row", "group", "row", "row"]);
    const items = queueItems(alike(0, 1, 2));
    const group = items.flatMap((item) => (item.kind === "more" ? [item.group] : []));
    expect(numbers(queueItems(alike(0, 1, 2), new Set(group)))).toHaveLength(3);
  });
});
