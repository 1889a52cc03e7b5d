import { describe, expect, it } from "vitest";
import type { RunBlame } from "../../../protocol/run/recorded-run.ts";
import { blamedOf } from "./blamed.ts";
import { laneLog } from "./lanes-part.fixture.ts";

const note = (task: string | null, step: number): RunBlame => ({
  ...{ task, step, agent: null, named: "A", category: null, text: "", cause: false, source: "f" },
});

describe("annotated steps in the log", () => {
  const log = laneLog([
    { at: 1, wid: "w", typ: "intent+jwt", place: 0 },
    { at: 2, wid: "w", typ: "intent+jwt", place: 1 },
    { at: 3, wid: "other", typ: "exec+jwt", place: 0 },
    { at: 4, wid: "w", typ: "exec+jwt", place: 0 },
    { at: 5, wid: "w", typ: "record+jwt", place: 0 },
  ]);

  it("[BEH-60] are at the task's own token, before it is there at the first entry about the task, and else nowhere", () => {
    const found = blamedOf([log], "w", ["a", "b", "c"], [note("a", 1), note("b", 2), note("c", 3), note(null, 9)]);
    expect(found.map(({ blame, place, at }) => [blame.step, place, at?.seq ?? null])).toEqual([
      [1, 0, 3],
      [2, 1, 1],
      [3, 2, null],
      [9, null, null],
    ]);
    expect(blamedOf([log], "nobody", ["a"], [note("a", 1)])[0]?.at).toBeNull();
  });
});
