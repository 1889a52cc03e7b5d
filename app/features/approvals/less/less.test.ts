import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../../base/assert.ts";
import type { JsonObject } from "../../../base/json.ts";
import { narrowsArguments } from "../../../protocol/acp/narrow-arguments.ts";
import { canonicalText } from "../../../protocol/jcs/canonical.ts";
import { LESS_MAX, lessText, readLess } from "./less.ts";

const canonical = (value: JsonObject): string => {
  const text = canonicalText(value);
  return must(text.ok ? text.value : null, "it has a canonical form");
};
const ASKED = canonical({ replicas: 3, service: "billing", files: [{ path: "a" }, { path: "b" }] });

describe("less than was asked for", () => {
  it("[ACP-36] names the place that asks for something else", () => {
    const at = (change: string) => {
      const read = readLess(ASKED, change);
      return read.kind === "problem" ? read.words : read.kind;
    };
    expect(at(ASKED.replace("3", "4"))).toMatch(/^“replicas” asks for something else/);
    expect(at(ASKED.replace("billing", "payroll"))).toMatch(/^“service” asks/);
    expect(at(ASKED.replace('"path":"a"', '"path":"c"'))).toMatch(/^“files” asks/);
    expect(at('{"replicas":1}')).toMatch(/asks for something else/);
    expect(at(ASKED.replace("{", '{"more":1,'))).toMatch(/^“more” asks/);
    expect(at(ASKED.replace("{", '{"replicas":1,'))).toMatch(/^This is not JSON: .*replicas/);
    expect(at("{")).toMatch(/^This is not JSON/);
    expect(at("[]")).toBe("The arguments are one JSON object.");
  });

  it("[ACP-36] is the same as it stands in the field at first, however it is laid out", () => {
    expect(readLess(ASKED, lessText(ASKED))).toEqual({ kind: "same" });
    expect(readLess(ASKED, ASKED)).toEqual({ kind: "same" });
  });

  it("[ACP-36] [C1] is the canonical text of what was written", () => {
    expect(readLess(ASKED, '{ "service": "billing", "files": [ {"path": "b"} ], "replicas": 2.0 }')).toEqual({
      kind: "less",
      args: { service: "billing", files: [{ path: "b" }], replicas: 2 },
      canonicalArgs: '{"files":[{"path":"b"}],"replicas":2,"service":"billing"}',
    });
  });

  it("[F4] writes out what could not be seen in a field, and means the same by it", () => {
    const asked = canonical({ path: "a\u202eb\u200bc\u00a0d\u2028e \u{e0041}", tidy: "zoé 木 \u{1f600}" });
    const text = lessText(asked);
    expect(text).toContain("a\\u202eb\\u200bc\\u00a0d\\u2028e \\udb40\\udc41");
    expect(text).toContain("zoé 木 \u{1f600}");
    expect(readLess(asked, text)).toEqual({ kind: "same" });
  });

  it("[ACP-36] says so where it is too long to be looked at with each letter", () => {
    const asked = canonical({ a: "x".repeat(LESS_MAX), n: 2 });
    expect(readLess(asked, asked.replace("2", "1"))).toMatchObject({ kind: "problem" });
  });

  it("[ACP-36] takes nothing that the engine would not take, and all that it would", () => {
    const leaf = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom("a", "b"), fc.boolean());
    const value = fc.dictionary(fc.constantFrom("x", "y"), fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })));
    fc.assert(
      fc.property(value, value, (asked, written) => {
        const read = readLess(canonical(asked), JSON.stringify(written));
        expect(read.kind === "less").toBe(narrowsArguments(asked, written));
        if (read.kind === "less") expect(read.canonicalArgs).toBe(canonical(read.args));
      }),
      { numRuns: 500 },
    );
  });
});
