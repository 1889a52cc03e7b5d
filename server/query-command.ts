import { readFile } from "node:fs/promises";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { systemClock } from "../app/base/system.ts";
import { factOfEntry } from "../app/engine/fact.ts";
import type { ObjectStore } from "../app/engine/ports.ts";
import { runOf } from "../app/engine/workflow/decide.ts";
import { createAuditIndex } from "../app/host/audit-index.ts";
import { createQueryDesk } from "../app/host/query-index/query-desk.ts";
import { createRunStore } from "../app/host/run-store.ts";
import { taskNameOf } from "../app/host/task-names.ts";
import type { LogExport } from "../app/protocol/audit/claims.ts";
import { parseExport } from "../app/protocol/audit/verify-export.ts";
import type { QueryProblem } from "../app/protocol/query/expression.ts";

/** What `query` answers: a line for each entry, oldest first, then one that counts them; or what is wrong with the expression. */
export type QueryLines =
  | { readonly ok: true; readonly rows: readonly object[]; readonly summary: object }
  | { readonly ok: false; readonly problems: readonly QueryProblem[] };

/**
 * `query LOG EXPR --json`: the entries of an exported log that an expression means (XA-21), by the console's own index. It says
 * what the file says; whether that holds is `verify-log`'s question.
 */
export async function queryLogFile(
  file: string,
  expression: string,
  sha256: Sha256,
): Promise<Result<QueryLines, string>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
  const parsed = parseExport(text);
  if (!parsed.ok) return err(`${file}: ${parsed.error.detail}`);
  const log = parsed.value;
  const { domain } = log.manifest;
  const stored = logOf(log);
  const index = createAuditIndex(stored, domain, sha256);
  const nameOf = await namesIn(log, sha256);
  const names = async () => nameOf;
  const desk = createQueryDesk({ log: stored, domain, index, clock: systemClock, sha256, names });
  await index.catchUp();
  let selection = await desk.select(expression);
  for (let before = -1; !selection.complete && selection.indexed > before; ) {
    before = selection.indexed;
    selection = await desk.select(expression);
  }
  const { bits, problems, complete, indexed, tookMs } = selection;
  if (problems.length > 0) return ok({ ok: false, problems });
  const rows = [];
  for (let seq = bits.next(-1); seq !== -1; seq = bits.next(seq)) {
    const row = index.row(seq);
    if (row !== undefined) rows.push({ ...row, taskName: nameOf(row) });
  }
  const summary = { matching: rows.length, entries: indexed, complete, tookMs: Number(tookMs.toFixed(3)) };
  return ok({ ok: true, rows, summary });
}

/** The entries of an export as a log to read. */
function logOf({ manifest, entries }: LogExport): Parameters<typeof createAuditIndex>[0] {
  const last = entries.at(-1)?.seq ?? -1;
  return {
    head: async () => ok({ size: last + 1, root: manifest.root, frontier: [] }),
    read: async function* (_domain, from, to) {
      yield entries.filter(({ seq }) => seq >= from && seq < to).sort((a, b) => a.seq - b.seq);
    },
  };
}

/** Names of tasks from the recorded runs that an export carries. */
async function namesIn({ entries, objects }: LogExport, sha256: Sha256) {
  const none = async () => ok(undefined);
  const store: ObjectStore = {
    get: async (digest) => ok(objects[digest]),
    list: async () => ok(Object.keys(objects)),
    put: none,
    delete: none,
  };
  const plans = createRunStore(store, sha256);
  const runs = new Map<string, string>();
  for (const entry of entries) {
    const fact = factOfEntry(entry);
    if (!fact.ok || fact.value.typ !== "exec+jwt" || fact.value.claims.exec_act !== "run_start") continue;
    const digest = runOf(fact.value.claims);
    if (digest === null || fact.value.claims.wid === undefined) continue;
    runs.set(fact.value.claims.wid, digest);
    await plans.plan(digest);
  }
  return (row: Parameters<typeof taskNameOf>[2]) => taskNameOf({ runs: plans }, runs, row);
}
