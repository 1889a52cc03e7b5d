import type { EntryRowCore } from "../../host/entry-row.ts";
import type { Host } from "../../host/open-host.ts";
import type { EntryRow } from "../contract/common.ts";

/** Characters of a token's own word that a list shows; the entry itself shows all of it. */
const MAX_WORD = 256;

/** The recorded name of the task a row is about, if its run is at hand: untrusted text. */
export function taskNameOf(host: Host, runs: ReadonlyMap<string, string>, row: EntryRowCore): string | null {
  if (row.task === null || row.wid === null) return null;
  const plan = host.runs.known(runs.get(row.wid) ?? "");
  if (plan === undefined) return null;
  const index = host.runs.jtis(row.wid, plan).indexOf.get(row.task);
  return index === undefined ? null : (plan.tasks[index]?.name ?? null);
}

export function runsByWorkflow(host: Host): Promise<ReadonlyMap<string, string>> {
  return host.engine.read((state) => new Map([...state.workflows.values()].map(({ wid, run }) => [wid, run])));
}

/** Reads the runs of all workflows once, so that names are at hand. */
export async function readRuns(host: Host): Promise<ReadonlyMap<string, string>> {
  const runs = await runsByWorkflow(host);
  for (const digest of new Set(runs.values())) if (host.runs.known(digest) === undefined) await host.runs.plan(digest);
  return runs;
}

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
