import type { Engine } from "../engine/engine.ts";
import type { EntryRowCore } from "./entry-row.ts";
import type { RunStore } from "./run-store.ts";

/** What names of tasks are read from. */
interface NamesHost {
  readonly engine: Pick<Engine, "read">;
  readonly runs: RunStore;
}

/** The recorded name of the task a row is about, if its run is at hand: untrusted text. */
export function taskNameOf(
  { runs: store }: { readonly runs: RunStore },
  runs: ReadonlyMap<string, string>,
  row: Pick<EntryRowCore, "task" | "wid">,
): string | null {
  if (row.task === null || row.wid === null) return null;
  const plan = store.known(runs.get(row.wid) ?? "");
  if (plan === undefined) return null;
  const index = store.jtis(row.wid, plan).indexOf.get(row.task);
  return index === undefined ? null : (plan.tasks[index]?.name ?? null);
}

function runsByWorkflow(host: NamesHost): Promise<ReadonlyMap<string, string>> {
  return host.engine.read((state) => new Map([...state.workflows.values()].map(({ wid, run }) => [wid, run])));
}

/** Reads the runs of all workflows once, so that names are at hand. */
export async function readRuns(host: NamesHost): Promise<ReadonlyMap<string, string>> {
  const runs = await runsByWorkflow(host);
  for (const digest of new Set(runs.values())) if (host.runs.known(digest) === undefined) await host.runs.plan(digest);
  return runs;
}

/** Names of the tasks of all workflows there are now. */
export async function namesOf(host: NamesHost): Promise<(row: Pick<EntryRowCore, "task" | "wid">) => string | null> {
  const runs = await readRuns(host);
  return (row) => taskNameOf(host, runs, row);
}
