import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Expression, joined, WORD_FIELDS } from "./expression.ts";
import { FIELDS } from "./fields.ts";
import { parseQuery, QUERY_MAX } from "./parse.ts";
import { printQuery } from "./print.ts";
import { expressionArbitrary, withoutPlaces } from "./query.fixture.ts";

const read = (text: string): Expression => {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return withoutPlaces(parsed.value);
};
const problemsOf = (text: string) => {
  const parsed = parseQuery(text);
  return parsed.ok ? [] : parsed.error;
};
/** The code, what is underlined, and what is suggested instead. */
const told = (text: string) =>
  problemsOf(text).map(({ code, offset, length, suggestion }) => [
    code,
    text.slice(offset, offset + length),
    suggestion,
  ]);

describe("the query language", () => {
  it("[XA-21] what is printed reads as the same expression, and prints the same again", () => {
    fc.assert(
      fc.property(expressionArbitrary, (expression) => {
        const text = printQuery(expression);
        fc.pre(text.length <= QUERY_MAX);
        expect(read(text)).toEqual(expression);
        expect(printQuery(read(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("[XA-21] reads or tells what is wrong, whatever is typed, and never outside of the text", () => {
    const piece = fc.constantFrom(
      "typ:",
      "seq>=",
      '"',
      "(",
      ")",
      " ",
      "and",
      "or",
      "not",
      "..",
      "*",
      "a",
      "9",
      ":",
      "\\",
      "received<",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join("");
        for (const { offset, length } of problemsOf(text)) {
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThan(0);
          expect(offset + length).toBeLessThanOrEqual(Math.max(1, text.length));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("[XA-21] `and` binds closer than `or`, need not be written, and parentheses come first", () => {
    const [a, b, c] = ["a", "b", "c"].map((text): Expression => ({ kind: "text", text, exact: false }));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three");
    expect(read("a b or c")).toEqual(joined("or", [joined("and", [a, b]), c]));
    expect(read("a AND (b or c)")).toEqual(joined("and", [a, joined("or", [b, c])]));
    expect(read("not a b")).toEqual(joined("and", [{ kind: "not", part: a }, b]));
    expect(read("  ")).toEqual({ kind: "all" });
  });

  it("[XA-21] a value goes on to the next blank, so that ids need no quotes", () => {
    const value = (text: string) => ({ kind: "word", field: "by", value: text, prefix: false });
    expect(read("by:spiffe://console.local/agent/x")).toEqual(value("spiffe://console.local/agent/x"));
    expect(read('(agent: "a (b) \\" c")')).toEqual(value('a (b) " c'));
    expect(read("iss:spiffe*")).toEqual({ ...value("spiffe"), prefix: true });
    expect(read('by:"spiffe*"')).toEqual(value("spiffe*"));
  });

  it("[XA-21] a time is as wide as it is written, in UTC unless an offset says otherwise", () => {
    const range = (from: string | null, to: string | null) => ({
      kind: "range",
      field: "received",
      from: from === null ? null : Date.parse(from) / 1000,
      to: to === null ? null : Date.parse(to) / 1000,
    });
    expect(read("received>2026-11-01")).toEqual(range("2026-11-02T00:00:00Z", null));
    expect(read("received>=2026-11-01")).toEqual(range("2026-11-01T00:00:00Z", null));
    expect(read("received<2026-11")).toEqual(range(null, "2026-10-31T23:59:59Z"));
    expect(read("time:2026-11-25T10:00..2026-11-25T10:05")).toEqual(
      range("2026-11-25T10:00:00Z", "2026-11-25T10:05:59Z"),
    );
    expect(read("received:2026-11-25T10:00:00+02:00")).toEqual(range("2026-11-25T08:00:00Z", "2026-11-25T08:00:00Z"));
    expect(read("received:2028-02-29..")).toEqual(range("2028-02-29T00:00:00Z", null));
    expect(read("last:15m")).toEqual({ kind: "last", seconds: 900 });
    expect(read("severity>notice")).toEqual({ kind: "range", field: "severity", from: 2, to: null });
  });

  it("[XA-22] every mistake has its code, its place, and what may have been meant", () => {
    expect(told("typ:exec and agnet:x")).toEqual([["query_field_unknown", "agnet", "agent"]]);
    expect(told("spiffe://a/b")).toEqual([["query_field_unknown", "spiffe://a/b", '"spiffe://a/b"']]);
    expect(told("typ>exec")).toEqual([["query_operator_unfit", ">", ":"]]);
    expect(told("severity>=warnign")).toEqual([["query_value_malformed", "warnign", "warning"]]);
    expect(told("received:2026-13-01")).toEqual([["query_value_malformed", "2026-13-01", null]]);
    expect(told("received:2026-02-30")).toEqual([["query_value_malformed", "2026-02-30", null]]);
    expect(told("seq:20..10")).toEqual([["query_range_empty", "20..10", "10..20"]]);
    expect(told("last:soon")).toEqual([["query_value_malformed", "soon", null]]);
    expect(told("after:2026-11-25T10:00Z")).toEqual([
      ["query_value_malformed", "after:2026-11-25T10:00Z", "received>2026-11-25T10:00Z"],
    ]);
    expect(told('action:"deploy')).toEqual([["query_quote_open", '"deploy', '"deploy"']]);
    expect(told("typ:")).toEqual([["query_incomplete", "", null]].map(() => ["query_incomplete", ":", null]));
    expect(told("(a or b")).toEqual([["query_incomplete", "b", null]]);
    expect(told("a or")).toEqual([["query_incomplete", "or", null]]);
    expect(told("a ) b")).toEqual([["query_unexpected", ")", null]]);
    expect(told("or a")[0]).toEqual(["query_unexpected", "or", null]);
    expect(told("--")).toEqual([["query_value_malformed", "--", null]]);
    expect(told("x".repeat(QUERY_MAX + 1)).map(([code]) => code)).toEqual(["query_too_long"]);
    expect(told("a ".repeat(101)).map(([code, at]) => [code, at])).toEqual([["query_too_long", "a"]]);
    expect(told("a ".repeat(100))).toEqual([]);
    expect(told("(".repeat(70)).map(([code]) => code)).toEqual(["query_too_deep"]);
    expect(told("not ".repeat(70)).map(([code]) => code)).toEqual(["query_too_deep"]);
  });

  it("[XA-22] it goes on after a mistake, and tells the others as well", () => {
    expect(told("agnet:x severity:loud last:1y").map(([code, at]) => [code, at])).toEqual([
      ["query_field_unknown", "agnet"],
      ["query_value_malformed", "loud"],
      ["query_value_malformed", "1y"],
    ]);
  });

  it("[XA-21] the help names every field, with an example that reads", () => {
    expect(FIELDS.map(({ name }) => name)).toEqual(expect.arrayContaining([...WORD_FIELDS]));
    for (const { example } of FIELDS) expect([example, told(example)]).toEqual([example, []]);
  });
});
