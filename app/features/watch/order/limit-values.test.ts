import { describe, expect, it } from "vitest";
import { narrows, parseLimit, rangeWords } from "./limit-values.ts";

describe("a new value of a limit", () => {
  it("[S14] is read in the type of its limit, and what is no value of it is not read at all", () => {
    expect(parseLimit("max_calls", " 12 ")).toBe(12);
    expect(parseLimit("max_calls", "1.5")).toBeNull();
    expect(parseLimit("max_calls", "")).toBeNull();
    expect(parseLimit("max_cost", "2.50")).toBe("2.50");
    expect(parseLimit("max_cost", "much")).toBeNull();
    expect(parseLimit("protocols", "mcp, http")).toEqual(["mcp", "http"]);
    expect(parseLimit("protocols", "smoke")).toBeNull();
    expect(parseLimit("domains", "none")).toEqual([]);
    expect(parseLimit("require_checkpoint", "Yes")).toBe(true);
    expect(parseLimit("require_checkpoint", "perhaps")).toBeNull();
  });

  it("[OVR-29] [S14] may only narrow what is in force, upwards where that is narrower", () => {
    expect(narrows("max_calls", 20, 20)).toBe(true);
    expect(narrows("max_calls", 20, 21)).toBe(false);
    expect(narrows("max_calls", null, 21)).toBe(true);
    expect(narrows("min_trust", 0.5, 0.4)).toBe(false);
    expect(narrows("domains", ["a.example"], ["b.example"])).toBe(false);
    expect(rangeWords("max_calls", 20)).toBe("20 or less");
    expect(rangeWords("min_trust", 0.5)).toBe("0.5 or more");
    expect(rangeWords("max_tokens", null)).toBe("any value: none is set");
  });
});
