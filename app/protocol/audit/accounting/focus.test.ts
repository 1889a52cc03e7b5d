import { describe, expect, it } from "vitest";
import { digestOf, EXAMPLE, EXAMPLE_TARIFF, line, recordOf, sha256, tariffOf, uuid } from "./accounting.fixture.ts";
import { Exact } from "./decimals.ts";
import { FOCUS_COLUMNS } from "./focus-columns.ts";
import { focusRows } from "./focus-export.ts";
import { focusCsv, focusJson, readFocus } from "./focus-file.ts";
import { validateFocus } from "./focus-validate.ts";
import { type LedgerRecord, ledgerRecord, type Tariffs } from "./ledger.ts";
import { recompute } from "./statement.ts";

const tariffs: Tariffs = new Map([[EXAMPLE_TARIFF.hash, EXAMPLE_TARIFF]]);
const exported = (records: readonly LedgerRecord[], of = tariffs) =>
  focusRows({ records, tariffs: of, payee: "ops.example", settlementOf: () => null });
const example = ledgerRecord(EXAMPLE, digestOf("example"));
const problemsOf = (text: string) => {
  const file = readFocus(text);
  return file.ok ? validateFocus(file.value) : [{ row: 0, column: "", code: "unread", detail: file.error }];
};
const columnOf = (text: string, name: string, value: string): string => {
  const [head = "", ...rows] = text.split("\n");
  const at = FOCUS_COLUMNS.findIndex((column) => column.name === name);
  // No cell before Tags, the last one, has a comma or a quotation mark.
  return [head, ...rows.map((row) => row.split(",").with(at, value).join(","))].join("\n");
};

describe("the FOCUS export", () => {
  it("[XDA-17] of example (g) passes the validator as CSV and as JSON, and costs what the statement says", () => {
    const { rows, unpriced } = exported([example]);
    expect(unpriced).toBe(0);
    for (const text of [focusCsv(rows), focusJson(rows)]) expect(problemsOf(text)).toEqual([]);
    expect(rows.map((row) => [row.BilledCost, row.ConsumedQuantity, row.ServiceCategory])).toEqual([
      ["0.036", "12000", "AI and Machine Learning"],
      ["0.0225", "1500", "AI and Machine Learning"],
    ]);
    expect(rows[0]).toMatchObject({
      ...{ BillingPeriodStart: "2026-02-01T00:00:00Z", BillingPeriodEnd: "2026-03-01T00:00:00Z" },
      ...{ ChargePeriodStart: "2026-02-26T00:00:00Z", ChargeClass: null, InvoiceIssuerName: "ops.example" },
      ...{ BillingAccountId: "partner.example", ResourceId: EXAMPLE.consumer },
    });
  });

  it("[XDA-18] marks corrections, and leaves out what nobody is charged for", () => {
    const correction = recordOf(2, { correctionOf: uuid(1), uses: { llm_input_token: "-40", api_call: "1" } });
    const { rows, unpriced } = exported([recordOf(1), correction]);
    expect(rows.map((row) => row.ChargeClass)).toEqual([null, "Correction"]);
    expect(unpriced).toBe(1);
    expect(problemsOf(focusCsv(rows))).toEqual([]);
  });

  it("[XDA-17] billed costs add up to the statement with tiers and a minimum, to the last place", () => {
    const tiered = tariffOf([
      line({ tiers: [{ upto: "150", price: "0.0007" }], price: "0.0003", scale: 2 }),
      line({ resource: "api_call", unit: "call", price: "0.001", minimum: "5", scale: 2 }),
    ]);
    const of: Tariffs = new Map([[tiered.hash, tiered]]);
    const records = Array.from({ length: 9 }, (_, n) =>
      recordOf(n, {
        uses: { llm_input_token: "37", api_call: "1" },
        tariff: { id: "t", version: 1, hash: tiered.hash },
      }),
    );
    const { rows } = exported(records, of);
    const sum = rows.reduce((total, row) => total.plus(String(row.BilledCost)), new Exact(0));
    expect(sum.toFixed()).toBe(recompute(records, of, sha256).amount);
    expect(problemsOf(focusJson(rows))).toEqual([]);
  });

  it("[XDA-15] writes no formula that a spreadsheet would run", () => {
    const { rows } = exported([{ ...example, consumer: "=HYPERLINK(1)" }]);
    expect(focusCsv(rows)).toContain("'=HYPERLINK(1)");
    const { rows: charged } = exported([{ ...example, payer: "-2+3+cmd|' /C calc'!A0" }]);
    expect(focusCsv(charged)).toContain("'-2+3+cmd|' /C calc'!A0");
    const { rows: less } = exported([recordOf(2, { correctionOf: uuid(1), uses: { llm_input_token: "-40" } })]);
    expect(focusCsv(less)).toContain(",-40,");
  });
});

describe("the FOCUS validator", () => {
  const csv = focusCsv(exported([example]).rows);
  const withoutColumn = (name: string): string => {
    const at = FOCUS_COLUMNS.findIndex((column) => column.name === name);
    return csv
      .split("\n")
      .map((row) => row.split(",").toSpliced(at, 1).join(","))
      .join("\n");
  };

  it.each(FOCUS_COLUMNS.filter(({ mandatory }) => mandatory).map(({ name }) => name))(
    "[XDA-17] misses the mandatory column %s",
    (name) => {
      expect(problemsOf(withoutColumn(name))).toContainEqual(
        expect.objectContaining({ row: 0, column: name, code: "focus_column_missing" }),
      );
    },
  );

  it.each([
    ["BilledCost", "1.2.3", "focus_format"],
    ["BilledCost", "", "focus_null"],
    ["BillingCurrency", "euro", "focus_format"],
    ["ChargeCategory", "Use", "focus_value"],
    ["ChargeClass", "None", "focus_value"],
    ["ServiceCategory", "AI", "focus_value"],
    ["ChargePeriodStart", "2026-02-26 00:00", "focus_format"],
    ["ChargePeriodStart", "2026-02-26T00:00:00+01:00", "focus_format"],
    ["ChargePeriodStart", "2026-02-30T00:00:00Z", "focus_format"],
    ["ChargePeriodEnd", "2026-02-25T00:00:00Z", "focus_period"],
    ["ListCost", "0.0361", "focus_sum"],
    ["ProviderName", " ", "focus_format"],
    ["ChargeFrequency", "Monthly", "focus_value"],
  ])("[XDA-17] finds %s with %s in it, at its place", (column, value, code) => {
    expect(problemsOf(columnOf(csv, column, value))[0]).toMatchObject({ row: 1, column, code });
  });

  it("[XDA-17] refuses what is no such file, and columns that are not of FOCUS and not one's own", () => {
    expect(problemsOf("")[0]?.code).toBe("unread");
    expect(problemsOf("[1]")[0]?.code).toBe("unread");
    expect(problemsOf("a,b\n1")[0]?.code).toBe("unread");
    const [head = "", row = ""] = csv.split("\n");
    expect(problemsOf(`${head},x_Team\n${row},a`)).toEqual([]);
    expect(problemsOf(`${head},Team\n${row},a`)[0]).toMatchObject({ column: "Team", code: "focus_column_unknown" });
  });
});
