import fc from "fast-check";
import { expect, it } from "vitest";
import { correctionLines, correctionProblems } from "./correction.ts";

const order = [
  { resource: "llm_input_token", difference: "-1000" },
  { resource: "agent_time", difference: "0.5" },
];

it("[XDA-51] a correction that follows its order has nothing to say, however its numbers are written", () => {
  const items = [
    { resource: "agent_time", quantity: "0.50" },
    { resource: "llm_input_token", quantity: "-1000" },
  ];
  expect(correctionProblems(order, items)).toEqual([]);
  expect(correctionLines(order, items).every(({ differs }) => !differs)).toBe(true);
});

it("[XDA-51] each line of another size, without an order, or left out is told by itself", () => {
  const items = [
    { resource: "llm_input_token", quantity: "1000" },
    { resource: "api_call", quantity: "-1" },
  ];
  expect(correctionProblems(order, items)).toEqual([
    "llm_input_token: -1000 ordered, 1000 recorded",
    "agent_time: 0.5 ordered, nothing recorded",
    "api_call: nothing ordered, -1 recorded",
  ]);
});

it("[XDA-51] [XDA-17] whatever is added to one line is found, to the last place", () => {
  const places = fc.integer({ min: -(10 ** 9), max: 10 ** 9 });
  const text = (parts: number): string => {
    const digits = String(Math.abs(parts)).padStart(13, "0");
    return `${parts < 0 ? "-" : ""}${digits.slice(0, -12)}.${digits.slice(-12)}`;
  };
  fc.assert(
    fc.property(fc.array(places, { minLength: 1, maxLength: 5 }), fc.nat(4), places, (parts, at, more) => {
      const resource = (n: number): string => `r${n}`;
      const ordered = parts.map((one, n) => ({ resource: resource(n), difference: text(one) }));
      const hit = at % parts.length;
      const items = parts.map((one, n) => ({ resource: resource(n), quantity: text(n === hit ? one + more : one) }));
      const found = correctionLines(ordered, items).filter(({ differs }) => differs);
      expect(found.map((line) => line.resource)).toEqual(more === 0 ? [] : [resource(hit)]);
    }),
    { numRuns: 200 },
  );
});
