import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import type { ImportFile } from "../app/agents/importers/byte-source.ts";
import { importRun } from "../app/agents/importers/import-run.ts";
import { summarizeRun } from "../app/agents/importers/summary.ts";
import type { Json, JsonObject } from "../app/base/json.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import type { RunChoice } from "../app/protocol/run/import-messages.ts";
import type { RecordedRun } from "../app/protocol/run/recorded-run.ts";

/**
 * `import FILE...`: the counts of a recorded run, or a text that names the file, the place and what was expected. Several
 * files, or a folder, are the parts of one run. Where they hold several runs, and none is chosen by its number or id, it is
 * the counts of each of them.
 */
export async function summarizeFiles(paths: readonly string[], wanted?: string): Promise<Result<JsonObject, string>> {
  const parts: ImportFile[] = [];
  for (const path of paths) {
    const found = await partsAt(path);
    if (!found.ok) return found;
    parts.push(...found.value);
  }
  const run = await importRun(parts, { run: wanted });
  if (run.ok) return ok(reportOf(run.value));
  if (run.error.code === "import_several_runs") return ok({ runs: await reportsOf(parts, run.error.runs ?? []) });
  const { code, place, expected, detail } = run.error;
  const path = paths.find((candidate) => basename(candidate) === run.error.file) ?? run.error.file;
  return err(`${path || paths[0]}: ${code} at ${place}: expected ${expected}; ${detail}`);
}

/** Runs whose counts are told unasked; of more, only what there is to choose from. */
const MAX_COUNTED = 100;

async function reportsOf(parts: readonly ImportFile[], runs: readonly RunChoice[]): Promise<Json[]> {
  const reports: Json[] = [];
  for (const [index, choice] of runs.entries()) {
    const told = { run: index + 1, id: choice.id, name: choice.name, steps: choice.steps };
    const run = runs.length > MAX_COUNTED ? null : await importRun(parts, { run: choice.id });
    if (run === null) reports.push(told);
    else if (run.ok) reports.push({ ...told, ...reportOf(run.value) });
    else reports.push({ ...told, error: run.error.code, place: run.error.place });
  }
  return reports;
}

/** What lies beside data in a folder and is none; given by its own name it is read like anything else. */
const BESIDE = /^(?:licen[cs]e|copying|notice|readme)(?![^.-])(?!.*\.(?:jsonl?|gz)$)/i;

export async function partsAt(path: string): Promise<Result<ImportFile[], string>> {
  const found = await stat(path).catch(() => null);
  if (found === null) return err(`${path}: no such file, or it cannot be read`);
  if (!found.isDirectory()) return ok([fileAt(path, found.size)]);
  const entries = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && !BESIDE.test(entry.name))
    .map((entry) => entry.name)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (entries.length === 0) return err(`${path}: import_empty: expected the files of one run; the folder has none`);
  return ok(
    await Promise.all(entries.map(async (name) => fileAt(join(path, name), (await stat(join(path, name))).size))),
  );
}

function fileAt(path: string, size: number): ImportFile {
  const stream = () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  return { name: basename(path), size, stream };
}

/** Groups of counts a format always has, even when there is nothing in them. */
const GROUPS: Partial<Record<RecordedRun["format"], readonly string[]>> = {
  "spark-eventlog": ["reasons"],
  langfuse: ["types"],
};

/** The counts every format has, and beside them the format's own; a dot in a name makes a group. */
export function reportOf(run: RecordedRun): JsonObject {
  const own: Record<string, Json> = {};
  const groups = new Map<string, Record<string, number>>((GROUPS[run.format] ?? []).map((name) => [name, {}]));
  for (const [name, count] of Object.entries(run.counts)) {
    const dot = name.indexOf(".");
    if (dot === -1) own[name] = count;
    else groups.set(name.slice(0, dot), { ...groups.get(name.slice(0, dot)), [name.slice(dot + 1)]: count });
  }
  const { warnings, ...summary } = summarizeRun(run);
  return {
    ...own,
    ...Object.fromEntries(groups),
    ...summary,
    acyclic: true,
    max_fan_in: summary.maxFanIn,
    max_fan_out: summary.maxFanOut,
    longest_runtime_path_s: Math.round(summary.longestPathS * 1000) / 1000,
    inferred_edges: run.tasks.reduce((sum, task) => sum + task.parents.filter((parent) => parent.inferred).length, 0),
    observedOnly: run.observedOnly,
    ...(run.blame === undefined
      ? {}
      : {
          blame: run.blame.map(({ step, task, agent, named, category, cause }) => ({
            step,
            task,
            agent,
            named,
            category,
            cause,
          })),
        }),
    warnings: warnings.map((warning) => ({ ...warning })),
  };
}
