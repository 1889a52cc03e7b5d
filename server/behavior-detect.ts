import type { ImportFile } from "../app/agents/importers/byte-source.ts";
import { importRun } from "../app/agents/importers/import-run.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { detectFamily, type FamilyRun, type RunDetection } from "../app/protocol/behavior/detect.ts";
import { partsAt } from "./import-command.ts";

/**
 * `behavior detect FILE...`: how well conduct alone tells of the failures that are annotated in these runs, each judged by a
 * profile learned from the others (BEH-39). The files are one family: runs of the same kind of work. A line for each run:
 * what was found by what the others did before their first annotated step, and by all of theirs but the annotated steps.
 */
export async function detectInFiles(paths: readonly string[]): Promise<Result<readonly object[], string>> {
  const runs = await familyAt(paths);
  if (!runs.ok) return runs;
  if (runs.value.length < 2) return err("a run is judged by what the others teach: give at least two");
  const rest = detectFamily(runs.value, "rest");
  return ok(
    detectFamily(runs.value, "before").map(({ id, steps, annotated, tasks, ...before }, at) => ({
      run: id,
      steps,
      annotated,
      tasks,
      taughtBefore: told(before),
      taughtRest: told(rest[at]),
    })),
  );
}

const told = (one: Pick<RunDetection, "flags" | "before" | "learned"> | undefined): object => ({
  flags: one?.flags ?? [],
  falseAlarms: one?.before ?? [],
  learned: one?.learned ?? null,
});

/** All runs in the files: those of one file together with annotations in another, or a run a file. */
export async function familyAt(paths: readonly string[]): Promise<Result<readonly FamilyRun[], string>> {
  const parts: ImportFile[] = [];
  for (const path of paths) {
    const found = await partsAt(path);
    if (!found.ok) return found;
    parts.push(...found.value);
  }
  const together = await runsIn(parts);
  if (together.ok || parts.length === 1) return together;
  const runs: FamilyRun[] = [];
  for (const part of parts) {
    const one = await runsIn([part]);
    if (!one.ok) return one;
    runs.push(...one.value);
  }
  return ok(runs);
}

async function runsIn(parts: readonly ImportFile[]): Promise<Result<readonly FamilyRun[], string>> {
  const only = await importRun(parts);
  if (only.ok) return ok([{ id: stem(parts[0]?.name ?? ""), run: only.value }]);
  if (only.error.code !== "import_several_runs")
    return err(`${only.error.file}: ${only.error.code} at ${only.error.place}: expected ${only.error.expected}`);
  const runs: FamilyRun[] = [];
  for (const { id } of only.error.runs ?? []) {
    const one = await importRun(parts, { run: id });
    if (!one.ok) return err(`${id}: ${one.error.code} at ${one.error.place}: expected ${one.error.expected}`);
    runs.push({ id, run: one.value });
  }
  return ok(runs);
}

const stem = (name: string): string => name.replace(/\.gz$/, "").replace(/\.jsonl?$/, "");
