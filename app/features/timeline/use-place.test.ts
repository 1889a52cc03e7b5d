import { describe, expect, it } from "vitest";
import { entryRow } from "./entry-row.fixture.ts";
import { stepRow } from "./use-place.ts";

const rows = [9, 8, 7, 6].map((seq) => entryRow(seq));

describe("moving in the list", () => {
  it("[J7] goes from the active row, and from what is in view when none is active or loaded", () => {
    const from = (active: number | null, by: 1 | -1) => stepRow(rows, active, rows[2], by)?.seq;
    expect([from(8, 1), from(8, -1), from(null, 1), from(400, 1)]).toEqual([7, 9, 7, 7]);
    expect([from(6, 1), from(9, -1)]).toEqual([undefined, undefined]);
    expect(stepRow([], null, undefined, 1)).toBeUndefined();
  });
});
