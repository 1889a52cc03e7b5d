import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXAMPLE_TARIFF, line, recordOf, tariffOf, uuid } from "./accounting.fixture.ts";
import { Exact } from "./decimals.ts";
import type { LedgerRecord } from "./ledger.ts";
import { disputesOf, reconcile } from "./reconcile.ts";

const tariffs = new Map([[EXAMPLE_TARIFF.hash, EXAMPLE_TARIFF]]);
const lines = (ours: readonly LedgerRecord[], theirs: readonly LedgerRecord[], of = tariffs) =>
  reconcile({ records: ours, tariffs }, { records: theirs, tariffs: of }).map(
    ({ kind, ours: here, theirs: there, difference, within }) => ({ kind, here, there, difference, within }),
  );
const uses = (quantity: string) => ({ uses: { llm_input_token: quantity } });

describe("two ledgers", () => {
  it("[XDA-16] are matched by task and resource, and differences carry their sign", () => {
    expect(lines([recordOf(1, uses("100"))], [recordOf(1, uses("100"))])).toEqual([
      { kind: "matched", here: "100", there: "100", difference: "0", within: false },
    ]);
    expect(lines([recordOf(1, uses("100"))], [recordOf(1, uses("130"))])).toEqual([
      { kind: "quantity", here: "100", there: "130", difference: "-30", within: false },
    ]);
    expect(lines([recordOf(1)], [recordOf(2)]).map(({ kind, difference }) => [kind, difference])).toEqual([
      ["missing_here", "-100"],
      ["missing_there", "100"],
    ]);
  });

  it("[XDA-19] differ by nothing where it was counted, and by up to 1 % where it was estimated", () => {
    const estimated = (quantity: string) => [recordOf(1, { ...uses(quantity), estimated: true })];
    expect(lines([recordOf(1, uses("100"))], [recordOf(1, uses("100.000001"))])[0]?.kind).toBe("quantity");
    expect(lines(estimated("100"), estimated("101"))[0]).toMatchObject({ kind: "matched", within: true });
    expect(lines(estimated("100"), estimated("101.1"))[0]?.kind).toBe("quantity");
  });

  it("[XDA-18] count corrections with what they correct", () => {
    const corrected = [
      recordOf(1, uses("130")),
      recordOf(2, { ...uses("-30"), task: recordOf(1).task, correctionOf: uuid(1) }),
    ];
    expect(lines([recordOf(1, uses("100"))], corrected)[0]).toMatchObject({ kind: "matched", difference: "0" });
  });

  it("[XDA-17] are compared in prices as well, as decimals", () => {
    const dearer = tariffOf([line({ price: "0.000004" })]);
    const theirs = recordOf(1, { tariff: { id: "t", version: 2, hash: dearer.hash } });
    expect(lines([recordOf(1)], [theirs], new Map([[dearer.hash, dearer]]))[0]?.kind).toBe("price");
    const same = tariffOf([line({ price: "0.00000300" })]);
    const written = recordOf(1, { tariff: { id: "t", version: 2, hash: same.hash } });
    expect(lines([recordOf(1)], [written], new Map([[same.hash, same]]))[0]?.kind).toBe("matched");
  });

  it("[XDA-16] lead to disputes about their records only", () => {
    const ours = [recordOf(1, uses("100")), recordOf(2)];
    const theirs = [recordOf(1, uses("130")), recordOf(3)];
    expect(disputesOf(reconcile({ records: ours, tariffs }, { records: theirs, tariffs }))).toEqual([
      { jti: uuid(1), resource: "llm_input_token", kind: "quantity", expected: "100", evidence: [uuid(1)] },
      { jti: uuid(3), resource: "llm_input_token", kind: "unauthorized", expected: "0", evidence: [] },
    ]);
  });

  it("[XDA-16] look the same from both sides, but for the sign", () => {
    const some = fc
      .array(fc.tuple(fc.nat(5), fc.nat(50), fc.boolean()), { maxLength: 8 })
      .map((all) =>
        all.map(([task, count, estimated], n) =>
          recordOf(n, { ...uses(String(count)), estimated, task: uuid(500 + task) }),
        ),
      );
    fc.assert(
      fc.property(some, some, (a, b) => {
        const here = reconcile({ records: a, tariffs }, { records: b, tariffs });
        const there = reconcile({ records: b, tariffs }, { records: a, tariffs });
        const mirrored = new Map(there.map((one) => [one.task, one]));
        expect(here.length).toBe(there.length);
        for (const one of here) {
          const other = mirrored.get(one.task);
          expect(new Exact(one.difference).plus(other?.difference ?? "1").isZero()).toBe(true);
          const turned = { missing_here: "missing_there", missing_there: "missing_here" } as Record<string, string>;
          expect(other?.kind).toBe(turned[one.kind] ?? one.kind);
        }
      }),
      { numRuns: 100 },
    );
  });
});
