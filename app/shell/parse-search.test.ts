import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parseSearch } from "./parse-search.ts";

const strict = z.object({ entry: z.int().optional(), text: z.string().optional() });

describe("search parameters of a link", () => {
  it("takes what the schema takes and leaves out what it does not know", () => {
    expect(parseSearch(strict, { entry: 12, text: "a", other: true })).toEqual({ entry: 12, text: "a" });
  });

  it("reads a number typed as text and a text that looks like a number", () => {
    expect(parseSearch(strict, { entry: "12", text: 2026 })).toEqual({ entry: 12, text: "2026" });
  });

  it("drops what cannot be meant, and keeps the rest", () => {
    expect(parseSearch(strict, { entry: "twelve", text: "a" })).toEqual({ text: "a" });
    expect(parseSearch(strict, { entry: { deep: 1 } })).toEqual({});
  });
});
