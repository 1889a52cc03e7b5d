import { describe, expect, it } from "vitest";
import * as z from "zod";
import { approvalsSearchSchema } from "../features/approvals/approvals-search.ts";
import { controlSearchSchema } from "../features/control/control-search.ts";
import { timelineSearchSchema } from "../features/timeline/timeline-search.ts";
import { watchSearchSchema } from "../features/watch/watch-search.ts";
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

  it("keeps the rest when one of several does not fit", () => {
    expect(parseSearch(strict, { entry: "twelve", text: 7 })).toEqual({ text: "7" });
  });
});

describe("links typed by hand, by the schemas of the panes", () => {
  const wid = "0195400c-0000-7000-8000-00000000000a";

  it("searches Watch for a number, and for a word the router takes for another value", () => {
    expect(parseSearch(watchSearchSchema, { q: 123 })).toMatchObject({ q: "123" });
    expect(parseSearch(watchSearchSchema, { q: true, agent: 7, lanes: true })).toMatchObject({
      q: "true",
      agent: "7",
      lanes: true,
    });
    expect(parseSearch(watchSearchSchema, { q: null })).toMatchObject({ q: "null" });
  });

  it("leaves out what Watch, Approvals and Control cannot mean, and keeps the rest", () => {
    expect(parseSearch(watchSearchSchema, { view: "circle", wid, detail: "yes" })).toEqual({ wid });
    expect(parseSearch(approvalsSearchSchema, { state: "lost", request: 12, wid })).toEqual({ request: "12", wid });
    expect(parseSearch(controlSearchSchema, { signal: 5, targets: 5, other: 1 })).toEqual({ signal: "5" });
  });

  it("reads Timeline's numbers as text and text as numbers", () => {
    expect(parseSearch(timelineSearchSchema, { q: 123, entry: "12", at: -4, verify: "true" })).toEqual({
      q: "123",
      entry: 12,
    });
    expect(parseSearch(timelineSearchSchema, { verify: true })).toEqual({ verify: true });
  });
});
