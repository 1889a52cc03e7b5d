import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Exact, sumOf, textOf } from "./decimals.ts";

it("[XDA-17] adds up decimals of any size and sign exactly, as adding one after the other does", () => {
  const whole = fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }).map(String);
  const part = fc.stringMatching(/^(\.\d{1,24})?$/);
  const decimal = fc.tuple(fc.constantFrom("", "-"), whole, part).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(decimal, { maxLength: 20 }), (values) => {
      const oneByOne = values.reduce((sum, value) => sum.plus(value), new Exact(0));
      expect(textOf(sumOf(values))).toBe(textOf(oneByOne));
    }),
    { numRuns: 200 },
  );
  expect(textOf(sumOf(["0.1", "0.2", "-0.3"]))).toBe("0");
});
