import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { importRun } from "../app/agents/importers/import-run.ts";
import { type RunSummary, summarizeRun } from "../app/agents/importers/summary.ts";
import { err, ok, type Result } from "../app/base/result.ts";

/** `import FILE`: the counts of a recorded run, or a text that names the file, the place and what was expected. */
export async function summarizeFile(file: string): Promise<Result<RunSummary, string>> {
  const size = await stat(file).then(
    (found) => found.size,
    () => null,
  );
  if (size === null) return err(`${file}: no such file, or it cannot be read`);
  const stream = () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const run = await importRun({ name: basename(file), size, stream });
  if (run.ok) return ok(summarizeRun(run.value));
  const { code, place, expected, detail } = run.error;
  return err(`${file}: ${code} at ${place}: expected ${expected}; ${detail}`);
}
