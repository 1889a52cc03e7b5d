import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decimalSchema, isGreater } from "./decimal-text.ts";
import { Exact } from "./decimals.ts";

it("[XDA-17] compares decimals as exactly as they are reckoned with", () => {
  const whole = fc.bigInt({ min: 0n, max: 10n ** 30n - 1n }).map(String);
  const part = fc.stringMatching(/^(\.\d{1,12})?$/);
  const decimal = fc.tuple(whole, part).map((parts) => parts.join(""));
  fc.assert(
    fc.property(decimal, decimal, (one, other) => {
      expect([one, other].every((text) => decimalSchema.safeParse(text).success)).toBe(true);
      expect(isGreater(one, other)).toBe(new Exact(one).gt(other));
      expect(isGreater(one, one)).toBe(false);
    }),
    { numRuns: 200 },
  );
  expect(isGreater("0.10", "0.1")).toBe(false);
  expect(isGreater("1.000000000001", "1")).toBe(true);
});
