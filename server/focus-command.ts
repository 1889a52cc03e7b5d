import { readFile } from "node:fs/promises";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { chargesOf } from "../app/engine/accounting/charges.ts";
import { evolve } from "../app/engine/evolve.ts";
import { factOfEntry } from "../app/engine/fact.ts";
import { initialState } from "../app/engine/state.ts";
import { focusCsv, focusJson, readFocus } from "../app/protocol/audit/accounting/focus-file.ts";
import { type FocusProblem, validateFocus } from "../app/protocol/audit/accounting/focus-validate.ts";
import { parseExport, verifyExport } from "../app/protocol/audit/verify-export.ts";
import { tokenDigest } from "../app/protocol/jose/sign-token.ts";
import { problemOf } from "./verify-log-command.ts";

async function textOf(file: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(file, "utf8"));
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** Why a command ends without its answer: the file cannot be used (2), or what is in it does not hold (1). */
export interface FocusFailure {
  readonly exitCode: 1 | 2;
  readonly message: string;
}

/** `focus export LOG`: what an exported log charges, as FOCUS 1.2. The log is verified first: nothing is charged by one that does not hold. */
export async function exportFocus(
  file: string,
  format: "csv" | "json",
  sha256: Sha256,
): Promise<Result<string, FocusFailure>> {
  const text = await textOf(file);
  const log = text.ok ? parseExport(text.value) : null;
  if (!text.ok || log?.ok !== true)
    return err({
      exitCode: 2,
      message: text.ok ? `${file}: ${log?.ok === false ? log.error.detail : ""}` : text.error,
    });
  const problem = problemOf(await verifyExport(log.value, sha256));
  if (problem !== null) return err({ exitCode: 1, message: problem });
  const state = initialState();
  for (const entry of log.value.entries) {
    const fact = factOfEntry(entry);
    if (!fact.ok) return err({ exitCode: 1, message: fact.error.detail });
    const { seq, received_at: receivedAt } = entry;
    evolve(state, { seq, receivedAt, digest: tokenDigest(entry.token, sha256), fact: fact.value });
  }
  const { rows } = chargesOf(state.accounting, log.value.manifest.domain, () => true);
  return ok(format === "csv" ? `${focusCsv(rows)}\n` : `${focusJson(rows)}\n`);
}

export interface FocusReport {
  readonly rows: number;
  readonly problems: readonly FocusProblem[];
}

/** `focus validate FILE`: what is wrong with a FOCUS file, CSV or JSON, at its place. */
export async function validateFocusFile(file: string): Promise<Result<FocusReport, FocusFailure>> {
  const text = await textOf(file);
  const read = text.ok ? readFocus(text.value) : text;
  if (!read.ok) return err({ exitCode: 2, message: text.ok ? `${file}: ${read.error}` : read.error });
  return ok({ rows: read.value.rows.length, problems: validateFocus(read.value) });
}
