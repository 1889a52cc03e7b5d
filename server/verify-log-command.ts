import { readFile } from "node:fs/promises";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { logExportSchema } from "../app/protocol/audit/claims.ts";
import { type LogReport, verifyLog } from "../app/protocol/audit/verify-log.ts";
import { parseStrictJson } from "../app/protocol/jcs/strict-json.ts";

/**
 * `verify-log FILE`: verifies an exported log (XA-19) from its own bytes, V3. The report names the first bad entry; a
 * file that is no exported log is a text that says what was expected.
 */
export async function verifyLogFile(file: string, sha256: Sha256): Promise<Result<LogReport, string>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
  const value = parseStrictJson(text);
  if (!value.ok) return err(`${file}: ${value.error.detail}`);
  const parsed = logExportSchema.safeParse(value.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return err(`${file}: not an exported log: ${[issue?.path.join("."), issue?.message].filter(Boolean).join(": ")}`);
  }
  const { manifest, entries, heads } = parsed.data;
  const log = {
    logId: manifest.log_id,
    ownIds: [manifest.log_id, `spiffe://${manifest.domain}/pep`],
    entries: [entries],
    heads,
    expected: { size: manifest.tree_size, root: manifest.root },
  };
  return ok(await verifyLog(log, sha256));
}
