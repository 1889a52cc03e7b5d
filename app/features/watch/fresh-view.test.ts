import { describe, expect, it } from "vitest";
import { carriedFrom } from "./fresh-view.ts";
import type { WatchSearch } from "./watch-search.ts";

const seen: WatchSearch = {
  wid: "a",
  view: "table",
  sort: "name",
  q: "sift",
  state: "failed",
  agent: "agent-1",
  action: "sift",
  sel: "t3",
  open: "t1",
  vp: "z1_0_0",
  shut: "t0",
  detail: true,
};

describe("what is carried into another workflow", () => {
  it("is no filter, no selection, no group and no viewport; how it is shown stays", () => {
    const patch = carriedFrom(seen, { ...seen, wid: "b" }) ?? {};
    expect(Object.keys(patch).sort()).toEqual(
      ["action", "agent", "detail", "open", "q", "sel", "shut", "state", "vp"].sort(),
    );
    expect(Object.values(patch).every((value) => value === undefined)).toBe(true);
  });

  it("is not what the new link says itself", () => {
    expect(carriedFrom(seen, { wid: "b", sel: "t9", detail: true })).toEqual({ detail: undefined });
    expect(carriedFrom(seen, { wid: "b", sel: "t9" })).toBeNull();
  });

  it("is nothing within one workflow, and nothing of a link without one that a workflow was found for", () => {
    expect(carriedFrom(seen, { ...seen, q: "merge" })).toBeNull();
    expect(carriedFrom({ sel: "t1" }, { wid: "a", sel: "t1" })).toBeNull();
  });

  it("means all workflows when none is named any more", () => {
    expect(carriedFrom({ wid: "a", q: "x" }, { q: "x" })).toEqual({ q: undefined, all: true });
  });
});
