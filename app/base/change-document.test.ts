import { expect, it } from "vitest";
import { changed } from "./change-document.ts";

it("changes one place and nothing else, and what it does not know stays", () => {
  const before = { a: [{ b: 1, unknown: "kept" }, { b: 2 }], c: { d: 3 } };
  const after = changed(before, ["a", 0, "b"], 9);
  expect(after).toEqual({ a: [{ b: 9, unknown: "kept" }, { b: 2 }], c: { d: 3 } });
  expect(before.a[0]?.b).toBe(1);
  expect(changed(before, ["a", 1], undefined)).toEqual({ a: [{ b: 1, unknown: "kept" }], c: { d: 3 } });
  expect(changed(before, ["c", "d"], undefined)).toEqual({ a: before.a, c: {} });
  expect(changed(before, ["e", "f"], 1)).toEqual({ ...before, e: { f: 1 } });
  expect(changed(before, ["a", 2], { b: 3 })).toEqual({ a: [...before.a, { b: 3 }], c: { d: 3 } });
});
