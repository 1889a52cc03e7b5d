import Papa from "papaparse";
import { err, ok, type Result } from "../../../base/result.ts";
import type { FocusRow } from "./focus-columns.ts";
import { focusTable } from "./focus-export.ts";

/** A cell that a spreadsheet would take for a formula keeps a quotation mark before it; numbers, and only those, stay numbers. */
const FORMULA = /^(?=[=@\t\r+]|-(?!\d+(?:\.\d+)?$))/;

export function focusCsv(rows: readonly FocusRow[]): string {
  const { fields, data } = focusTable(rows);
  return Papa.unparse(
    { fields, data: data.map((row) => row.map((cell) => cell.replace(FORMULA, "'"))) },
    { newline: "\n" },
  );
}

export function focusJson(rows: readonly FocusRow[]): string {
  return JSON.stringify(rows, null, 1);
}

export interface FocusFile {
  readonly columns: readonly string[];
  /** By column; null for an empty field. Tags are text here. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a file of either form, by what it begins with; text says what was expected. */
export function readFocus(text: string): Result<FocusFile, string> {
  return /^\s*\[/.test(text) ? readJson(text) : readCsv(text);
}

function readJson(text: string): Result<FocusFile, string> {
  try {
    const rows: unknown = JSON.parse(text);
    if (!Array.isArray(rows) || !rows.every(isObject)) return err("a JSON file is a list of charges, each an object");
    return ok({ columns: [...new Set(rows.flatMap((row) => Object.keys(row)))], rows });
  } catch (error) {
    return err(error instanceof Error ? error.message : "no JSON");
  }
}

function readCsv(text: string): Result<FocusFile, string> {
  const parsed = Papa.parse<string[]>(text.trim(), { delimiter: "," });
  const [columns, ...lines] = parsed.data;
  const [broken] = parsed.errors;
  if (broken !== undefined && broken.code !== "UndetectableDelimiter")
    return err(`line ${(broken.row ?? 0) + 1}: ${broken.message}`);
  if (columns === undefined || columns.length < 2) return err("a CSV file begins with the names of its columns");
  const short = lines.findIndex((line) => line.length !== columns.length);
  if (short >= 0) return err(`line ${short + 2}: ${lines[short]?.length ?? 0} fields under ${columns.length} names`);
  return ok({
    columns,
    rows: lines.map((line) =>
      Object.fromEntries(columns.map((name, at) => [name, line[at] === "" ? null : (line[at] ?? null)])),
    ),
  });
}
