import { Exact } from "./decimals.ts";
import {
  CHARGE_CATEGORIES,
  CHARGE_FREQUENCIES,
  FOCUS_COLUMNS,
  type FocusColumn,
  SERVICE_CATEGORIES,
} from "./focus-columns.ts";
import type { FocusFile } from "./focus-file.ts";

/** What is wrong with a FOCUS file: in which charge (from 1; 0 is the file itself), of which column. */
export interface FocusProblem {
  readonly row: number;
  readonly column: string;
  readonly code:
    | "focus_column_missing"
    | "focus_column_unknown"
    | "focus_null"
    | "focus_format"
    | "focus_value"
    | "focus_period"
    | "focus_sum";
  readonly detail: string;
}

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const MAX_PROBLEMS = 1000;

/** FOCUS 1.2 as far as the specification of this console names it: columns, formats, allowed values, and what must agree. */
export function validateFocus(file: FocusFile): FocusProblem[] {
  const problems: FocusProblem[] = [];
  for (const { name, mandatory } of FOCUS_COLUMNS)
    if (mandatory && !file.columns.includes(name))
      problems.push({ row: 0, column: name, code: "focus_column_missing", detail: "this column is mandatory" });
  for (const name of file.columns)
    if (!FOCUS_COLUMNS.some((column) => column.name === name) && !/^x_/.test(name))
      problems.push({
        ...{ row: 0, column: name, code: "focus_column_unknown" },
        detail: "no column of FOCUS; one of your own begins with x_",
      });
  for (const [at, row] of file.rows.entries()) {
    if (problems.length > MAX_PROBLEMS) break;
    for (const column of FOCUS_COLUMNS) {
      if (!file.columns.includes(column.name)) continue;
      const problem = cellProblem(column, row[column.name] ?? null);
      if (problem !== null) problems.push({ row: at + 1, column: column.name, ...problem });
    }
    problems.push(...agreementProblems(row, at + 1));
  }
  return problems;
}

type CellProblem = Pick<FocusProblem, "code" | "detail">;

function cellProblem(column: FocusColumn, value: unknown): CellProblem | null {
  if (value === null) return column.nullable ? null : { code: "focus_null", detail: "this column is never empty" };
  const format = (expected: string): CellProblem => ({ code: "focus_format", detail: `${expected} is expected` });
  const oneOf = (values: readonly string[]): CellProblem | null =>
    typeof value === "string" && values.includes(value)
      ? null
      : { code: "focus_value", detail: `one of ${values.join(", ")} is expected` };
  switch (column.type) {
    case "decimal":
      return (typeof value === "number" && Number.isFinite(value)) || (typeof value === "string" && DECIMAL.test(value))
        ? null
        : format("a decimal number");
    case "date":
      return typeof value === "string" && DATE.test(value) && isInstant(value)
        ? null
        : format("a time like 2026-02-26T00:00:00Z, in UTC,");
    case "currency":
      return typeof value === "string" && /^[A-Z]{3}$/.test(value) ? null : format("an ISO 4217 code");
    case "tags":
      return isTags(value) ? null : format("a JSON object of text");
    case "category":
      return oneOf(CHARGE_CATEGORIES);
    case "class":
      return oneOf(["Correction"]);
    case "service":
      return oneOf(SERVICE_CATEGORIES);
    case "frequency":
      return oneOf(CHARGE_FREQUENCIES);
    case "text":
      return typeof value === "string" && value.trim() !== "" ? null : format("text");
  }
}

/** A 30th of February is read as a day of March. */
function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text.replace("Z", ".000Z");
}

function isTags(value: unknown): boolean {
  try {
    const tags: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof tags === "object" && tags !== null && !Array.isArray(tags);
  } catch {
    return false;
  }
}

/** What the columns of one charge say of each other. */
function agreementProblems(row: Readonly<Record<string, unknown>>, at: number): FocusProblem[] {
  const problems: FocusProblem[] = [];
  for (const name of ["BillingPeriod", "ChargePeriod"]) {
    const [from, to] = [Date.parse(String(row[`${name}Start`])), Date.parse(String(row[`${name}End`]))];
    if (!(from < to) && !Number.isNaN(from) && !Number.isNaN(to))
      problems.push({
        ...{ row: at, column: `${name}End`, code: "focus_period" },
        detail: "a period ends after it starts; its end is not in it",
      });
  }
  for (const kind of ["List", "Contracted"]) {
    const [cost, price, quantity] = [row[`${kind}Cost`], row[`${kind}UnitPrice`], row.PricingQuantity].map(decimalOf);
    if (cost == null || price == null || quantity == null || row.ChargeClass === "Correction") continue;
    if (!price.times(quantity).eq(cost))
      problems.push({
        ...{ row: at, column: `${kind}Cost`, code: "focus_sum" },
        detail: `${price.toFixed()} times ${quantity.toFixed()} is ${price.times(quantity).toFixed()}, not ${cost.toFixed()}`,
      });
  }
  return problems;
}

const decimalOf = (value: unknown) =>
  (typeof value === "string" && DECIMAL.test(value)) || typeof value === "number" ? new Exact(value) : null;
