import { describe, expect, it } from "vitest";
import { clockText, remainingAt, timeoutOutcome, urgencyOf } from "./remaining.ts";

describe("remaining time", () => {
  it("[ACP-S6] counts down with the monotonic clock and never below zero", () => {
    expect(remainingAt(60_000, 1_000, 1_000)).toBe(60_000);
    expect(remainingAt(60_000, 1_000, 31_000)).toBe(30_000);
    expect(remainingAt(60_000, 1_000, 200_000)).toBe(0);
    expect(remainingAt(60_000, 1_000, 500)).toBe(60_000);
    expect(remainingAt(null, 1_000, 2_000)).toBeNull();
  });

  it("reads as a clock and says when it is close or over", () => {
    expect([0, 1, 59_001, 61_000, 3_725_000].map(clockText)).toEqual(["0:00", "0:01", "1:00", "1:01", "1:02:05"]);
    expect([null, 61_000, 60_000, 0].map(urgencyOf)).toEqual(["calm", "calm", "soon", "over"]);
  });

  it("[R8] says what no answer means", () => {
    expect(timeoutOutcome("deny")).toBe("denied");
    expect(timeoutOutcome("abort")).toBe("aborted");
  });
});
