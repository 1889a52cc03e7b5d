import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { droppablePrefix, type RetainedEntry, retentionUntil } from "./retention.ts";
import type { RegProfile } from "./stitch-claims.ts";

const regime = (retention_min_s: number): RegProfile => ({
  regime: "GDPR",
  role: "processor",
  data_classes: ["operational"],
  retention_min_s,
  retention_max_s: 900_000_000,
  transfer: "allowed",
  purpose: "oversight",
});

const entry = (jti: string, until: number | null, keeps: readonly string[] = []): RetainedEntry => ({
  jti,
  until,
  keeps,
});

describe("retention", () => {
  it("[XA-10] [XDA-9] the longest of the regimes and of the domain's own time wins, whatever their order", () => {
    expect(retentionUntil(1000, [regime(50), regime(700), regime(3)])).toBe(1700);
    expect(retentionUntil(1000, [regime(50)], 800)).toBe(1800);
    expect(retentionUntil(1000, [regime(0)])).toBeNull();
    expect(retentionUntil(1000, [])).toBeNull();
    fc.assert(
      fc.property(fc.array(fc.nat(10 ** 9), { minLength: 1, maxLength: 6 }), fc.nat(10 ** 9), (times, own) => {
        const until = retentionUntil(5, times.map(regime), own);
        expect(until ?? 5).toBe(5 + Math.max(own, ...times));
      }),
      { numRuns: 50 },
    );
  });

  it("[XA-9] only a whole prefix under a signed head may go, up to the first entry that is still kept", () => {
    const log = [entry("a", 10), entry("b", 20), entry("c", 99), entry("d", 10)];
    const heads = [1, 3, 4];
    expect(droppablePrefix(log, { nowS: 50, heads, otherwiseUntil: null })).toBe(1);
    expect(droppablePrefix(log, { nowS: 5, heads, otherwiseUntil: null })).toBe(0);
    expect(droppablePrefix(log, { nowS: 200, heads, otherwiseUntil: null })).toBe(4);
    expect(droppablePrefix(log, { nowS: 200, heads: [], otherwiseUntil: null })).toBe(0);
  });

  it("[XA-10] an entry that says nothing is kept for ever, or by the rule for such entries", () => {
    const log = [entry("a", null), entry("b", 10)];
    expect(droppablePrefix(log, { nowS: 10 ** 9, heads: [2], otherwiseUntil: null })).toBe(0);
    expect(droppablePrefix(log, { nowS: 100, heads: [2], otherwiseUntil: 60 })).toBe(2);
  });

  it("[XA-10] what an audit token wraps or refers to is kept as long as the token", () => {
    const log = [entry("ect", null), entry("decision", 5), entry("audit", 80, ["ect", "decision"])];
    const rule = { heads: [1, 2, 3], otherwiseUntil: 0 };
    expect(droppablePrefix(log, { ...rule, nowS: 40 })).toBe(0);
    expect(droppablePrefix(log, { ...rule, nowS: 81 })).toBe(3);
    // By the rule for those that say nothing, and through what itself is kept for another's sake.
    const silent = [entry("decision", 5), entry("audit", null, ["decision"])];
    expect(droppablePrefix(silent, { heads: [1, 2], otherwiseUntil: null, nowS: 40 })).toBe(0);
    expect(droppablePrefix(silent, { heads: [1, 2], otherwiseUntil: 50, nowS: 40 })).toBe(0);
    const chain = [entry("request", 5), entry("decision", 6, ["request"]), entry("audit", 80, ["decision"])];
    expect(droppablePrefix(chain, { heads: [1, 2, 3], otherwiseUntil: null, nowS: 40 })).toBe(0);
  });

  it("[XA-9] [XA-10] nothing that is to be kept is ever in the prefix that may go", () => {
    const entries = fc.array(
      fc.record({ until: fc.option(fc.nat(100)), keeps: fc.array(fc.nat(12), { maxLength: 2 }) }),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(entries, fc.nat(120), fc.array(fc.nat(12), { maxLength: 5 }), (drawn, nowS, heads) => {
        const log = drawn.map(({ until, keeps }, at) => entry(String(at), until, keeps.map(String)));
        const size = droppablePrefix(log, { nowS, heads, otherwiseUntil: null });
        expect(size === 0 || heads.includes(size)).toBe(true);
        for (const [at, { until }] of log.slice(0, size).entries()) {
          expect(until ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(nowS);
          for (const other of log)
            if (other.keeps.includes(String(at)))
              expect(other.until ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(nowS);
        }
      }),
      { numRuns: 100 },
    );
  });
});
