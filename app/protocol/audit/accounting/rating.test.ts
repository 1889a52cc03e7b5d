import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { must } from "../../../base/assert.ts";
import { drained } from "../../../base/steps.ts";
import { digestOf, EXAMPLE, EXAMPLE_TARIFF, line, recordOf, sha256, tariffOf, uuid } from "./accounting.fixture.ts";
import { Exact, rounded, textOf } from "./decimals.ts";
import { ledgerRecord } from "./ledger.ts";
import { exactAmount, lineAmount, splitAmount } from "./rate.ts";
import { chargeable, chargingItems, recompute, recordsRoot, statementProblems } from "./statement.ts";
import { tariffBodySchema } from "./tariff.ts";
import { usageRecordClaimsSchema } from "./usage-record.ts";

const tariffs = new Map([[EXAMPLE_TARIFF.hash, EXAMPLE_TARIFF]]);
const about = { payer: "partner.example", period: { from: 1772064000, to: 1772150400 }, currency: "EUR" };
const amount = (quantity: string, change: Parameters<typeof line>[0]) =>
  textOf(lineAmount(new Exact(quantity), line(change)));

describe("rating", () => {
  it("[XDA-17] [XDA-16] the statement of example (g) comes to 0.0585 EUR", () => {
    const records = chargeable([ledgerRecord(EXAMPLE, digestOf("example"))], tariffs, about);
    const own = recompute(records, tariffs, sha256);
    expect(own).toMatchObject({ count: 1, amount: "0.0585" });
    expect(own.totals.map((total) => [total.resource, total.quantity, total.amount])).toEqual([
      ["llm_input_token", "12000", "0.036"],
      ["llm_output_token", "1500", "0.0225"],
    ]);
  });

  it("[XDA-17] adds tiers at their borders, and rounds once a line, half to even", () => {
    const tiers = {
      tiers: [
        { upto: "10", price: "1" },
        { upto: "20", price: "0.5" },
      ],
      price: "0.1",
      scale: 2,
    };
    expect(["0", "10", "10.5", "20", "21"].map((quantity) => amount(quantity, tiers))).toEqual([
      "0",
      "10",
      "10.25",
      "15",
      "15.1",
    ]);
    // Half to even, of the exact sum: binary floats make 0.285 of it, and then 0.28 or 0.29 by chance.
    expect(
      ["0.005", "0.015", "0.025", "0.0250000001"].map((quantity) => amount(quantity, { price: "1", scale: 2 })),
    ).toEqual(["0", "0.02", "0.02", "0.03"]);
    expect(amount("3", { price: "0.1", scale: 12 })).toBe("0.3");
  });

  it("[XDA-17] charges the minimum only where something was used", () => {
    expect(["0", "1", "1000000"].map((quantity) => amount(quantity, { minimum: "0.5" }))).toEqual(["0", "0.5", "3"]);
  });

  it("[XDA-17] takes no number for money, and no exponent, sign or blank", () => {
    const wrong = [0.1, "1e3", "+1", " 1", "1.", ".5", "0x1", "01", "NaN", "1,5"];
    for (const price of wrong) {
      const body = { tariff_id: "t", version: 1, currency: "EUR", valid_from: 0, lines: [{ ...line(), price }] };
      expect(tariffBodySchema.safeParse(body).success, String(price)).toBe(false);
    }
  });

  it("[XDA-17] refuses a tariff with tiers out of order, a resource twice, or a unit that is not its own", () => {
    const lines = [
      [
        line({
          tiers: [
            { upto: "20", price: "1" },
            { upto: "10", price: "1" },
          ],
        }),
      ],
      [line({ tiers: [{ upto: "0", price: "1" }] })],
      [line(), line()],
      [line({ unit: "call" })],
      [line({ tiers: [{ upto: "ten", price: "1" }] })],
    ];
    for (const of of lines) {
      const body = { tariff_id: "t", version: 1, currency: "EUR", valid_from: 0, lines: of };
      expect(tariffBodySchema.safeParse(body).success).toBe(false);
    }
  });
});

const quantity = fc
  .tuple(fc.nat(10_000_000), fc.nat(999_999))
  .map(([whole, part]) => `${whole}.${String(part).padStart(6, "0")}`);
const anyLine = fc
  .record({
    price: fc.nat(1000),
    scale: fc.integer({ min: 0, max: 6 }),
    tiers: fc.array(fc.record({ step: fc.integer({ min: 1, max: 5_000_000 }), price: fc.nat(1000) }), { maxLength: 4 }),
    minimum: fc.option(fc.nat(5000)),
  })
  .map(({ price, scale, tiers, minimum }) => {
    let upto = 0;
    const priced = tiers.map((tier) => {
      upto += tier.step;
      return { upto: String(upto), price: `0.${String(tier.price).padStart(6, "0")}` };
    });
    return line({
      price: `0.${String(price).padStart(6, "0")}`,
      scale,
      ...(priced.length === 0 ? {} : { tiers: priced }),
      ...(minimum === null ? {} : { minimum: String(minimum) }),
    });
  });

describe("properties of rating", () => {
  it("[XDA-46] [XDA-17] parts of a line add up to the line, however it is split", () => {
    fc.assert(
      fc.property(fc.array(quantity, { minLength: 1, maxLength: 12 }), anyLine, (quantities, of) => {
        const parts = splitAmount(
          quantities.map((one) => new Exact(one)),
          of,
        );
        const whole = quantities.reduce((sum, one) => sum.plus(one), new Exact(0));
        const sum = parts.reduce((total, part) => total.plus(part), new Exact(0));
        expect(sum.eq(lineAmount(whole, of))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("[XDA-17] more costs no less, and a border of tiers is charged once", () => {
    fc.assert(
      fc.property(quantity, quantity, anyLine, (a, b, of) => {
        const both = exactAmount(new Exact(a).plus(b), of);
        expect(both.gte(exactAmount(new Exact(a), of))).toBe(true);
        const [tier] = of.tiers ?? [];
        if (tier !== undefined)
          expect(exactAmount(new Exact(tier.upto), of).eq(new Exact(tier.upto).times(tier.price))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("[XDA-17] agrees with exact integers, where floats would not", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 20 }),
        fc.nat(999_999),
        (counts, price) => {
          const of = line({ price: `0.${String(price).padStart(6, "0")}`, scale: 6 });
          const records = counts.map((count, n) => recordOf(n, { uses: { llm_input_token: String(count) } }));
          const made = tariffOf([of]);
          const own = recompute(
            records.map((record) => ({ ...record, tariff: { id: "t", version: 1, hash: made.hash } })),
            new Map([[made.hash, made]]),
            sha256,
          );
          const micros = counts.reduce((sum, count) => sum + BigInt(count) * BigInt(price), 0n);
          expect(new Exact(own.amount).times(1_000_000).toFixed()).toBe(String(micros));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("[XDA-16] the root and the totals do not depend on the order of the records, and on each of them", () => {
    const records = Array.from({ length: 9 }, (_, n) => recordOf(n, { uses: { llm_input_token: String(n * 37 + 1) } }));
    const own = recompute(records, tariffs, sha256);
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), fc.nat(8), (shuffled, at) => {
        expect(recompute(shuffled, tariffs, sha256)).toEqual(own);
        const less = shuffled.filter((_, index) => index !== at).map(({ digest }) => digest);
        expect(recordsRoot(less, sha256)).not.toBe(own.root);
      }),
      { numRuns: 50 },
    );
  });

  it("[XDA-46] what single items cost adds up to what the statement says", () => {
    const records = Array.from({ length: 7 }, (_, n) =>
      recordOf(n, { uses: { llm_input_token: String(n * 7 + 1), llm_output_token: "3", api_call: "1" } }),
    );
    const items = drained(chargingItems(records, tariffs));
    const sum = items.reduce((total, { amount: of }) => total.plus(of ?? 0), new Exact(0));
    expect(textOf(sum)).toBe(recompute(records, tariffs, sha256).amount);
    // Nobody is charged for what no line prices.
    expect(items.filter((item) => item.amount === null).map((item) => item.item.resource)).toEqual(
      Array.from({ length: 7 }, () => "api_call"),
    );
  });
});

describe("statements", () => {
  const records = [recordOf(1), recordOf(2, { correctionOf: uuid(1), uses: { llm_input_token: "-40" } })];
  const own = recompute(records, tariffs, sha256);
  const stated = {
    records_root: own.root,
    records_count: own.count,
    totals: [...own.totals],
    amount_total: own.amount,
    adjustments: [...own.adjustments],
  };

  it("[XDA-18] takes a correction into account as a record of its own", () => {
    expect(own.totals).toEqual([{ resource: "llm_input_token", unit: "token", quantity: "60", amount: "0.0002" }]);
    expect(own.adjustments).toEqual([{ jti: uuid(2), correction_of: uuid(1) }]);
    expect(textOf(rounded(new Exact("60").times("0.000003"), 4))).toBe("0.0002");
  });

  it("[XDA-44] finds each figure that is not what the records come to", () => {
    expect(statementProblems(stated, own)).toEqual([]);
    const [total] = own.totals;
    const wrong = [
      { ...stated, records_root: digestOf("other") },
      { ...stated, records_count: 3 },
      { ...stated, amount_total: "0.0003" },
      { ...stated, totals: [{ ...total, quantity: "61" }] },
      { ...stated, totals: [{ ...total, amount: "0.0001" }] },
      { ...stated, totals: [] },
      { ...stated, adjustments: [] },
      { ...stated, adjustments: [{ jti: uuid(2), correction_of: uuid(3) }] },
    ] as (typeof stated)[];
    for (const one of wrong) expect(statementProblems(one, own).length).toBe(1);
  });

  it("[XDA-83] tells more corrections than a message lists by their number and root, and finds one left out", () => {
    const many = (count: number) =>
      recompute(
        [recordOf(1), ...Array.from({ length: count }, (_, n) => recordOf(n + 2, { correctionOf: uuid(1) }))],
        tariffs,
        sha256,
      );
    expect([many(64).adjustments.length, many(64).adjustmentsRoot]).toEqual([64, null]);
    const all = many(65);
    expect([all.adjustments, all.adjustmentsRoot?.count]).toEqual([[], 65]);
    const said = {
      ...{ records_root: all.root, records_count: all.count, totals: [...all.totals], amount_total: all.amount },
      ...{ adjustments: [], adjustments_root: all.adjustmentsRoot ?? undefined },
    };
    expect(statementProblems(said, all)).toEqual([]);
    const less = must(many(66).adjustmentsRoot, "it is told by its root");
    for (const wrong of [undefined, less, { ...less, count: 65 }])
      expect(statementProblems({ ...said, adjustments_root: wrong }, all)).toEqual([
        "its corrections are not those of the ledger",
      ]);
  });

  it("[XDA-17] [XDA-18] keeps negative quantities to corrections", () => {
    const [item] = EXAMPLE.items;
    const negative = { ...EXAMPLE, items: [{ ...item, quantity: "-1" }] };
    expect(usageRecordClaimsSchema.safeParse(negative).success).toBe(false);
    expect(usageRecordClaimsSchema.safeParse({ ...negative, correction_of: uuid(9) }).success).toBe(true);
    expect(usageRecordClaimsSchema.safeParse({ ...EXAMPLE, items: [item, item] }).success).toBe(false);
    expect(usageRecordClaimsSchema.safeParse({ ...EXAMPLE, period: { from: 5, to: 5 } }).success).toBe(false);
  });
});
