import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClockOffset } from "./clock-offset.ts";

describe("the offset of a clock", () => {
  it("[L7] is not known before anything was heard", () => {
    expect(createClockOffset().offsetMs()).toBeNull();
  });

  it("[L7] is at most the fastest way too small, and never too large, whatever came late; it follows a clock that was set", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -600_000, max: 600_000 }),
        fc.array(fc.nat({ max: 20_000 }), { minLength: 1, maxLength: 30 }),
        (offset, ways) => {
          const clock = createClockOffset();
          ways.forEach((wayMs, at) => {
            const sentMs = at * 10_000;
            clock.add(sentMs + offset, sentMs + wayMs);
          });
          expect(clock.offsetMs()).toBe(offset - Math.min(...ways.slice(-8)));
          for (let at = 0; at < 8; at += 1) clock.add(at + offset + 7000, at);
          expect(clock.offsetMs()).toBe(offset + 7000);
        },
      ),
    );
  });
});
