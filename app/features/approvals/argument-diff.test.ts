import { describe, expect, it } from "vitest";
import { diffArguments } from "./argument-diff.ts";

describe("difference of two arguments", () => {
  it("[ACP-13] names each place that was changed, added or left out, and counts the rest", () => {
    const before = '{"env":"staging","replicas":3,"steps":["drain","apply"],"x":{"y":null}}';
    const after = '{"env":"prod","force":true,"steps":["drain","apply","purge"],"x":{"y":null}}';
    expect(diffArguments(before, after)).toEqual({
      changes: [
        { path: "env", before: '"staging"', after: '"prod"' },
        { path: "force", before: null, after: "true" },
        { path: "steps[2]", before: null, after: '"purge"' },
        { path: "replicas", before: "3", after: null },
      ],
      same: 3,
      complete: true,
    });
    expect(diffArguments(before, before)).toMatchObject({ changes: [], complete: true });
  });

  it("[F4] takes names for names, and says when it did not compare everything", () => {
    expect(diffArguments('{"__proto__":1}', '{"toString":1}').changes).toEqual([
      { path: "toString", before: null, after: "1" },
      { path: "__proto__", before: "1", after: null },
    ]);
    expect(diffArguments('{"a":1,"a":2}', "{}")).toMatchObject({ complete: false, changes: [{ path: "" }] });
    const many = JSON.stringify(Array.from({ length: 40_000 }, (_, at) => at));
    expect(diffArguments("[]", many).complete).toBe(false);
  });
});
