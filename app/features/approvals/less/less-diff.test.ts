import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../../base/assert.ts";
import type { Json } from "../../../base/json.ts";
import { canonicalText } from "../../../protocol/jcs/canonical.ts";
import { diffArguments } from "../argument-diff.ts";
import { diffLess } from "./less-diff.ts";

const text = (value: Json): string => {
  const canonical = canonicalText(value);
  return must(canonical.ok ? canonical.value : null, "it has a canonical form");
};

describe("the difference of less", () => {
  it("[ACP-36] [ACP-13] tells what a list leaves out where it stood, and smaller numbers, and counts the rest", () => {
    const asked = { args: ["a", "b", "c", "b"], n: 3, to: { name: "x", size: -4 } };
    const less = { args: ["a", "c"], n: 3, to: { name: "x", size: -1 } };
    expect(diffLess(text(asked), text(less))).toEqual({
      changes: [
        { path: "args[1]", before: '"b"', after: null },
        { path: "args[3]", before: '"b"', after: null },
        { path: "to.size", before: "-4", after: "-1" },
      ],
      same: 4,
      complete: true,
    });
  });

  it("[ACP-13] tells what is not less place by place", () => {
    for (const other of [{ a: ["x", "y"] }, { a: "z" }, { b: 1 }, { a: ["y", "x"], b: 1 }]) {
      const [asked, now] = [text({ a: ["x"] }), text(other)];
      expect(diffLess(asked, now)).toEqual(diffArguments(asked, now));
    }
  });

  it("[ACP-36] tells exactly what was left out: putting it back gives what was asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean()), { minLength: 1, maxLength: 12 }),
        (elements) => {
          const asked = elements.map(([element]) => element);
          const less = elements.filter(([, isKept]) => isKept).map(([element]) => element);
          const { changes } = diffLess(text({ list: asked }), text({ list: less }));
          const back = [...less];
          for (const { path, before, after } of changes) {
            expect(after).toBeNull();
            back.splice(Number(/\d+/.exec(path)?.[0]), 0, JSON.parse(before ?? ""));
          }
          expect(back).toEqual(asked);
          expect(changes).toHaveLength(asked.length - less.length);
        },
      ),
    );
  });
});
