import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOnly, formatNumbers, MAX_LINKED_CHARACTERS, parseNumbers } from "./linked-numbers.ts";

describe("task numbers in a link", () => {
  it("say runs by their ends, in the order of picking", () => {
    expect(formatNumbers([])).toBeUndefined();
    expect(formatNumbers([4])).toBe("t4");
    expect(formatNumbers([40, 5, 6, 7, 3])).toBe("t40.5-7.3");
    expect(formatNumbers([9, 8, 7, 2])).toBe("t9-7.2");
    expect(parseNumbers("t9-7.2", 10)).toEqual([9, 8, 7, 2]);
  });

  it("come back as they were, in their order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(300), { maxLength: 200 }), (numbers) => {
        expect(parseNumbers(formatNumbers(numbers), 301)).toEqual(numbers);
      }),
    );
  });

  it("carry a selection of 15,000, and one of hundreds that lie scattered, with the last pick last", () => {
    const all = Array.from({ length: 15_000 }, (_, task) => task);
    expect(formatNumbers(all)).toBe("t0-14999");
    const shuffled = Array.from({ length: 5000 }, (_, task) => (task * 7) % 5000);
    const text = formatNumbers(shuffled) ?? "";
    expect(text.length).toBeLessThanOrEqual(MAX_LINKED_CHARACTERS);
    expect(parseNumbers(text, 5000)).toHaveLength(5000);
    expect(parseNumbers(text, 5000).at(-1)).toBe(shuffled.at(-1));
  });

  it("say only how many where a link cannot say which", () => {
    const scattered = Array.from({ length: 5000 }, (_, index) => index * 3);
    expect(formatNumbers(scattered)).toBe("+5000");
    expect(parseNumbers("+5000", 15_000)).toEqual([]);
    expect([countOnly("+5000"), countOnly("t5"), countOnly(undefined)]).toEqual([5000, 0, 0]);
  });

  it("leave out what cannot be meant", () => {
    expect(parseNumbers("-1", 10)).toEqual([]);
    expect(parseNumbers("t-1", 10)).toEqual([]);
    expect(parseNumbers("1e3.0x1. 2.3.12", 10)).toEqual([3]);
    expect(parseNumbers("t8-999999", 10)).toEqual([8, 9]);
    expect(parseNumbers("t999999-8", 10)).toEqual([9, 8]);
    expect(parseNumbers("5", 10)).toEqual([5]);
  });

  it("keep nobody waiting for a link made by hand", () => {
    const evil = Array.from({ length: 280 }, () => "0-999999").join(".");
    const startedMs = performance.now();
    expect(parseNumbers(evil, 15_000)).toHaveLength(15_000);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
