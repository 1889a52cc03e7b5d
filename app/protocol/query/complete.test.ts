import { describe, expect, it } from "vitest";
import { completionsAt, type ValuesOf } from "./complete.ts";
import { parseQuery } from "./parse.ts";

const SEEN: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  typ: [
    ["exec", 40],
    ["intent", 20],
    ["hitl-request", 2],
  ],
  by: [["spiffe://console.local/agent/a builder", 1]],
};
const valuesOf: ValuesOf = (field) => SEEN[field] ?? [];
/** At the `|`: what is offered, as the text it makes. */
const offered = (marked: string): string[] => {
  const cursor = marked.indexOf("|");
  const text = marked.replace("|", "");
  return completionsAt(text, cursor, valuesOf).map((one) => text.slice(0, one.from) + one.text + text.slice(one.to));
};

describe("what may come next in a query", () => {
  it("[XA-25] fields by their beginning or another name, where a term may stand", () => {
    expect(offered("sev|")).toEqual(["severity:"]);
    expect(offered("(typ:exec or (agen|")).toEqual(["(typ:exec or (by:"]);
    expect(offered("|").length).toBeGreaterThan(10);
    expect(offered("not re|")).toEqual(["not received:"]);
  });

  it("[XA-25] values seen in the log, after their field and only there", () => {
    expect(offered("typ:|")).toEqual(["typ:exec", "typ:intent", "typ:hitl-request"]);
    expect(offered("typ:in| severity:info")).toEqual(["typ:intent severity:info"]);
    expect(offered("typ:req|")).toEqual(["typ:hitl-request"]);
    expect(offered("severity>=w|")).toEqual(["severity>=warning"]);
    expect(offered("last:|")).toContain("last:15m");
    expect(offered("seq:1|")).toEqual([]);
    expect(offered("nofield:|")).toEqual([]);
  });

  it("[XA-25] a value with blanks is put into quotes, also where they are begun", () => {
    const whole = 'by:"spiffe://console.local/agent/a builder"';
    expect(offered("by:build|")).toEqual([whole]);
    expect(offered('by:"spiffe://console.local/agent/a b|')).toEqual([whole]);
    expect(parseQuery(whole).ok).toBe(true);
  });

  it("[XA-25] `and` and `or` only after something", () => {
    expect(offered("typ:exec o|")).toEqual(["typ:exec outcome:", "typ:exec or "]);
    expect(offered("o|")).toEqual(["outcome:"]);
    expect(offered("typ:exec an|")).toEqual(["typ:exec and "]);
  });
});
