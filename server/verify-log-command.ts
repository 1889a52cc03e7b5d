import { readFile } from "node:fs/promises";
import { fromBase64url } from "../app/base/bytes.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import type { CheckPoolPorts } from "../app/host/log-check/check-pool.ts";
import { fileChecks } from "../app/host/log-check/file-checks.ts";
import { headOfCheckpoint, type KeptHead, otherLog } from "../app/protocol/audit/export-checkpoint.ts";
import { QUESTIONS } from "../app/protocol/audit/questions.ts";
import { parseExport, verifyExport } from "../app/protocol/audit/verify-export.ts";
import type { LogReport } from "../app/protocol/audit/verify-log.ts";
import type { PinnedHead } from "../app/protocol/audit/verify-receipt.ts";

/**
 * `verify-log FILE [--head SIZE:ROOT | --checkpoint NOTE]`: verifies an exported log (XA-19) from its own bytes, V3. The report names the first
 * bad part; a file that is no exported log is a text that says what was expected.
 */
export async function verifyLogFile(
  file: string,
  pinned: PinnedHead | KeptHead | null,
  sha256: Sha256,
  checks: CheckPoolPorts | null = null,
): Promise<Result<LogReport, string>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
  const log = parseExport(text);
  if (!log.ok) return err(`${file}: ${log.error.detail}`);
  const other = pinned !== null && "origin" in pinned ? otherLog(pinned, log.value.manifest.log_id) : null;
  if (other !== null) return err(`${file}: ${other.detail}`);
  const workers = checks === null ? null : fileChecks(checks);
  try {
    const report = await verifyExport(log.value, sha256, {
      ...(pinned === null ? {} : { pinned }),
      ...(workers === null ? {} : { checker: workers.checker }),
    });
    return ok(report);
  } finally {
    // Threads would keep the process from ending.
    workers?.close();
  }
}

/** Why a report is no yes, or null: what was not checked is not vouched for, so it fails a script like a bad entry does. */
export function problemOf(report: LogReport): string | null {
  if (report.unfinished !== null) return `${report.unfinished.code}: ${report.unfinished.detail}`;
  const bad = report.firstBad;
  if (bad !== null) {
    const entry = `entry ${bad.seq}`;
    const at = bad.place === `entries.${bad.seq}` ? entry : `${bad.place} (${entry})`;
    return `${bad.code} at ${at}: ${bad.detail}`;
  }
  const open = QUESTIONS.find((question) => report[question].result !== "passed");
  return open === undefined ? null : `${open} is not checked: ${report[open].detail}`;
}

/** The head of a checkpoint that was kept in a file. */
export async function readCheckpointHead(file: string): Promise<Result<KeptHead, string>> {
  try {
    const head = headOfCheckpoint(await readFile(file, "utf8"));
    return head.ok ? head : err(`${file}: ${head.error.detail}`);
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** A head that is remembered from elsewhere, `SIZE:ROOT`. Of size 0 it would say nothing. */
export function readHead(text: string): Result<PinnedHead, string> {
  const [, size, root] = /^([1-9]\d{0,14}):([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (size === undefined || root === undefined || fromBase64url(root) === null)
    return err("--head takes SIZE:ROOT, the number of entries and the root in base64url, 43 characters");
  return ok({ size: Number(size), root });
}
