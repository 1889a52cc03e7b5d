import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import type { ImportFile } from "../app/agents/importers/byte-source.ts";
import { importRun } from "../app/agents/importers/import-run.ts";
import { summarizeRun } from "../app/agents/importers/summary.ts";
import type { Json, JsonObject } from "../app/base/json.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import type { RecordedRun } from "../app/protocol/run/recorded-run.ts";

/**
 * `import FILE...`: the counts of a recorded run, or a text that names the file, the place and what was expected. Several
 * files, or a folder, are the parts of one run.
 */
export async function summarizeFiles(paths: readonly string[]): Promise<Result<JsonObject, string>> {
  const parts: ImportFile[] = [];
  for (const path of paths) {
    const found = await partsAt(path);
    if (!found.ok) return found;
    parts.push(...found.value);
  }
  const run = await importRun(parts);
  if (run.ok) return ok(reportOf(run.value));
  const { code, place, expected, detail } = run.error;
  const path = paths.find((candidate) => basename(candidate) === run.error.file) ?? run.error.file;
  return err(`${path || paths[0]}: ${code} at ${place}: expected ${expected}; ${detail}`);
}

async function partsAt(path: string): Promise<Result<ImportFile[], string>> {
  const found = await stat(path).catch(() => null);
  if (found === null) return err(`${path}: no such file, or it cannot be read`);
  if (!found.isDirectory()) return ok([fileAt(path, found.size)]);
  const entries = (await readdir(path, { withFileTypes: true }))
    .filter((entry) => entry.isFile())
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
    warnings: warnings.map((warning) => ({ ...warning })),
  };
}
