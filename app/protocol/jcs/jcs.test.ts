import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import { canonicalBytes, canonicalText } from "./canonical.ts";
import { parseStrictJson } from "./strict-json.ts";

const read = (name: string): string => readFileSync(new URL(`./testdata/${name}`, import.meta.url), "utf8");

describe("published vectors", () => {
  it.each(["arrays", "french", "structures", "unicode"])("[COM-13] %s has the published canonical bytes", (name) => {
    const value = parseStrictJson(read(`input/${name}.json`));
    const bytes = value.ok ? canonicalBytes(value.value) : value;
    expect(bytes.ok && toHex(bytes.value)).toBe(read(`outhex/${name}.txt`).replaceAll(/\s/g, ""));
  });

  it("[COM-13] all 10,000 number lines have their ECMAScript form", () => {
    const view = new DataView(new ArrayBuffer(8));
    const lines = read("es6-numbers-00001-10000.txt").trim().split("\n");
    const wrong = lines.filter((line) => {
      const [hex = "", text = ""] = line.split(",");
      view.setBigUint64(0, BigInt(`0x${hex}`));
      const result = canonicalText(view.getFloat64(0));
      return !result.ok || result.value !== text;
    });
    expect([lines.length, wrong]).toEqual([10_000, []]);
  });
});

describe("strict reading", () => {
  it.each([
    ['{"a":1,"a":2}', "json_duplicate_member"],
    ['{"a":1,"\\u0061":2}', "json_duplicate_member"],
    ['{"x":[{"b":1,"b":1}]}', "json_duplicate_member"],
    ['"\\ud800"', "json_lone_surrogate"],
    ['{"a":', "json_malformed"],
    ["[".repeat(80) + "]".repeat(80), "json_too_deep"],
  ])("[COM-13] refuses %s", (text, code) => {
    const value = parseStrictJson(text);
    expect(value.ok ? "accepted" : value.error.code).toBe(code);
  });

  it("[COM-13] reads every other value as JSON.parse does, and its canonical form is stable", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = parseStrictJson(text);
        if (!value.ok) return;
        expect(value.value).toEqual(JSON.parse(text));
        const once = canonicalText(value.value);
        const twice = once.ok ? canonicalText(JSON.parse(once.value) as Json) : once;
        expect(twice).toEqual(once);
      }),
    );
  });
});
