import { expect, it } from "vitest";
import { type NeedsTexts, needsOf, textsOf } from "./needs-fields.ts";

const EMPTY: NeedsTexts = textsOf(undefined);

it("[ECT-57] states what is typed, by the rules of an intent, and nothing that is empty", () => {
  expect(needsOf(EMPTY)).toEqual({ needs: undefined, mistakes: {} });
  const texts = { ...EMPTY, cost: " 1.50 EUR ", tokens: "12", resources: "file:/a  file:/b", protocol: "mcp" };
  const { needs, mistakes } = needsOf(texts);
  expect(needs).toEqual({
    cost: { amount: "1.50", currency: "EUR" },
    tokens: 12,
    resources: ["file:/a", "file:/b"],
    protocol: "mcp",
  });
  expect(mistakes).toEqual({});
  expect(needsOf(textsOf(needs)).needs).toEqual(needs);
});

it("names a field that is wrong and leaves it unstated", () => {
  const { needs, mistakes } = needsOf({ ...EMPTY, cost: "1,5", tokens: "-1", confidence: "2", domains: "a.example" });
  expect(needs).toEqual({ domains: ["a.example"] });
  expect(Object.keys(mistakes)).toEqual(["cost", "tokens", "confidence"]);
});
