import { describe, expect, it } from "vitest";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { nextWhere, shownAgents } from "./fleet-order.ts";
import { placeAfterKey } from "./tile-places.ts";

/** A wide tile and two narrow ones, four narrow ones, and one below. */
const PLACES = [
  [0, 100],
  [0, 250],
  [0, 350],
  [40, 50],
  [40, 150],
  [40, 250],
  [40, 350],
  [80, 50],
].map(([top = 0, middle = 0]) => ({ top, middle }));

const from = (at: number, key: string): number | undefined => placeAfterKey(key, at, PLACES.length, () => PLACES);

describe("the tiles of the fleet", () => {
  it("are walked by the arrow keys as they lie, also where some are twice as wide, and never beyond the ends", () => {
    expect(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"].map((key) => from(5, key))).toEqual([6, 4, 7, 1]);
    expect([from(2, "ArrowDown"), from(4, "ArrowUp"), from(7, "ArrowDown"), from(0, "ArrowUp")]).toEqual([6, 0, 7, 0]);
    expect([from(0, "ArrowLeft"), from(7, "ArrowRight"), from(3, "Home"), from(3, "End")]).toEqual([0, 7, 0, 7]);
    expect(from(3, "x")).toBeUndefined();
  });

  it("[A9] lead on to the next that asks for somebody, around the end, and nowhere where none does", () => {
    const all = [false, true, false, false, true];
    const next = (at: number, step: 1 | -1) => nextWhere(all, at, step, (one) => one);
    expect([next(-1, 1), next(1, 1), next(4, 1), next(1, -1), next(0, -1)]).toEqual([1, 4, 1, 4, 4]);
    expect(nextWhere([false, false], 0, 1, (one) => one)).toBeNull();
    expect(nextWhere([], 0, 1, () => true)).toBeNull();
  });

  it("[A9] [BEH-9] have the worst first: by state, gravest reason and drift, and an alarm of the test before what is calm", () => {
    const agent = (name: string, change: Partial<FleetAgent>): FleetAgent =>
      ({ agent: name, name, state: "conformant", worst: null, drift: null, alarm: null, ...change }) as FleetAgent; // What the order goes by.
    const alarm = { raised: true, statistic: 2, threshold: 1, falseAlarmRate: 0.01, at: 1 };
    const agents = [
      agent("calm 10", {}),
      agent("calm 9", {}),
      agent("new", { state: "unverified" }),
      agent("alarmed", { alarm }),
      agent("silent", { state: "stale" }),
      agent("far", { state: "drifting", drift: 0.6 }),
      agent("near", { state: "drifting", drift: 0.3 }),
      agent("shut", { state: "quarantined" }),
      agent("mild", { state: "nonconformant", worst: 3 }),
      agent("grave", { state: "nonconformant", worst: 5 }),
    ];
    const names = (search: Parameters<typeof shownAgents>[1]) =>
      shownAgents(agents, search, new Map()).map(({ name }) => name);
    expect(names({ state: undefined, q: undefined, sort: undefined })).toEqual([
      ...["grave", "mild", "shut", "far", "near", "silent", "alarmed", "new", "calm 9", "calm 10"],
    ]);
    expect(names({ state: undefined, q: "CALM", sort: "name" })).toEqual(["calm 9", "calm 10"]);
    expect(names({ state: "drifting", q: undefined, sort: "name" })).toEqual(["far", "near"]);
  });
});
