import { inSlices } from "../../base/steps.ts";
import { type MeteredRecord, tariffsOf } from "../../engine/accounting/accounting-state.ts";
import { settlementOf } from "../../engine/accounting/charges.ts";
import type { Host } from "../../host/open-host.ts";
import type { FocusRow } from "../../protocol/audit/accounting/focus-columns.ts";
import { writingFocusRows } from "../../protocol/audit/accounting/focus-export.ts";
import { focusCsv, focusJson, readFocus } from "../../protocol/audit/accounting/focus-file.ts";
import { type FocusProblem, validateFocus } from "../../protocol/audit/accounting/focus-validate.ts";
import { slicesOf } from "./accounting-charged.ts";

/** Charges that are written and read again in one go. */
export const ROWS_A_STEP = 64;
const MAX_PROBLEMS = 100;

export interface FocusText {
  readonly text: string;
  readonly problems: readonly FocusProblem[];
}

/** What this domain charges for the records that are kept, as a file: a stop never waits for it (XDA-48). */
export async function focusFile(
  host: Host,
  format: "csv" | "json",
  keep: (record: MeteredRecord) => boolean,
): Promise<FocusText & { readonly rows: number; readonly unpriced: number }> {
  const { records, tariffs, settled } = await host.engine.read(({ accounting }) => {
    const kept = [...accounting.records.values()].filter(keep);
    const billed = new Map(kept.map((record) => [record.jti, settlementOf(accounting, record)]));
    return { records: kept, tariffs: tariffsOf(accounting), settled: billed };
  });
  const slices = slicesOf(host, 1);
  const breathe = async (): Promise<void> => {
    await slices.one();
  };
  const payee = host.engine.ids.domain;
  const of = { records, tariffs, payee, settlementOf: ({ jti }: { readonly jti: string }) => settled.get(jti) ?? null };
  const { rows, unpriced } = await inSlices(writingFocusRows(of), breathe);
  return { rows: rows.length, unpriced, ...(await inSlices(writtenFocus(rows, format), breathe)) };
}

/** A file, in steps; what is handed out is read again, as whoever gets it reads it (XDA-47). */
export function* writtenFocus(rows: readonly FocusRow[], format: "csv" | "json"): Generator<void, FocusText> {
  const write = format === "csv" ? focusCsv : focusJson;
  const parts: string[] = [];
  const problems: FocusProblem[] = [];
  for (let from = 0; from < rows.length; from += ROWS_A_STEP) {
    yield;
    const part = write(rows.slice(from, from + ROWS_A_STEP));
    parts.push(part);
    const file = readFocus(part);
    const found: readonly FocusProblem[] = file.ok
      ? validateFocus(file.value)
      : [{ row: 1, column: "", code: "focus_format", detail: file.error }];
    // What is wrong with the columns is the same in every part.
    for (const { row, ...problem } of found)
      if (problems.length < MAX_PROBLEMS && (row > 0 || from === 0))
        problems.push({ ...problem, row: row === 0 ? 0 : from + row });
  }
  return { text: parts.length === 0 ? write([]) : JOIN[format](parts), problems };
}

const JOIN = {
  // Each part begins with the line of names.
  csv: ([first = "", ...more]: readonly string[]) =>
    [first, ...more.map((part) => part.slice(part.indexOf("\n") + 1))].join("\n"),
  // Each is a list, with a line for each bracket.
  json: (parts: readonly string[]) => `[\n${parts.map((part) => part.slice(2, -2)).join(",\n")}\n]`,
};
