import { describe, expect, it } from "vitest";
import { asOfIn } from "./past-search.ts";
import { entryWords, sinceWords, utcWords, wantedBy } from "./past-words.ts";

describe("the past in words", () => {
  it("[XA-43] names an entry as the timeline does, its time in UTC, and what came since", () => {
    expect(entryWords(1234)).toBe("entry 1,233");
    expect(utcWords(Date.UTC(2026, 10, 26, 7, 1, 22))).toBe("2026-11-26 07:01:22 UTC");
    expect([0, 1, 3887].map(sinceWords)).toEqual(["nothing since", "1 entry since", "3,887 entries since"]);
  });

  it("[XA-41] takes the number of an entry or a time, which is UTC unless it says otherwise", () => {
    const time = Date.UTC(2026, 10, 26, 7, 1) / 1000;
    expect(wantedBy(" #1,233 ")).toEqual({ at: 1234 });
    for (const text of ["2026-11-26 07:01", "2026-11-26T07:01:00Z", "2026-11-26 07:01 UTC", "2026-11-26T08:01+01:00"])
      expect(wantedBy(text)).toEqual({ time });
    expect(["", "yesterday", "12:00", "1.5"].map(wantedBy)).toEqual(Array(4).fill(null));
  });

  it("[XA-43] a link that names no entry is one to now", () => {
    expect(asOfIn({ asof: 12 })).toBe(12);
    for (const asof of [0, -1, 1.5, "12x", null, undefined]) expect(asOfIn({ asof })).toBeNull();
  });
});
