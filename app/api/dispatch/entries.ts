import type { EntryRowCore } from "../../host/entry-row.ts";
import type { Host } from "../../host/open-host.ts";
import { readRuns, taskNameOf } from "../../host/task-names.ts";
import type { EntryRow } from "../contract/common.ts";

export { readRuns, taskNameOf };

/** Characters of a token's own word that a list shows; the entry itself shows all of it. */
const MAX_WORD = 256;

export function showRow(host: Host, runs: ReadonlyMap<string, string>, row: EntryRowCore): EntryRow {
  return {
    ...row,
    action: row.action.slice(0, MAX_WORD),
    taskName: taskNameOf(host, runs, row)?.slice(0, MAX_WORD) ?? null,
  };
}

/** Rows of the given entries, in order; what is not in the log is left out. */
export async function rowsAt(host: Host, seqs: readonly number[]): Promise<EntryRow[]> {
  await host.index.catchUp();
  const runs = await readRuns(host);
  return [...new Set(seqs)]
    .sort((a, b) => a - b)
    .flatMap((seq) => {
      const row = host.index.row(seq);
      return row === undefined ? [] : [showRow(host, runs, row)];
    });
}
