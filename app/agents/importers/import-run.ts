import { err, ok, type Result } from "../../base/result.ts";
import type { ImportError, ImportProgress } from "../../protocol/run/import-messages.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { type ImportFile, openBytes } from "./byte-source.ts";
import { checkRun } from "./check-run.ts";
import { documentsOf, type PlacedDocument } from "./documents.ts";
import { partsInOrder } from "./parts.ts";
import { FORMATS } from "./registry.ts";
import type { FormatProblem, RunReading } from "./run-format-reader.ts";

export interface ImportOptions {
  readonly signal?: AbortSignal | undefined;
  onProgress?(progress: ImportProgress): void;
  /** Unpacked bytes of all parts together. */
  readonly maxBytes?: number;
  readonly maxTasks?: number;
  /** Which run, where the files hold several: its id, or its number from 1. */
  readonly run?: string | undefined;
  /** One line of a format of lines. */
  readonly maxLineBytes?: number;
  /** One document that is not read by lines: it is in memory whole. */
  readonly maxDocumentBytes?: number;
}

const MIB = 1024 * 1024;
const MAX_BYTES = 1024 * MIB;
const MAX_DOCUMENT_BYTES = 256 * MIB;
const MAX_LINE_BYTES = 32 * MIB;
const MAX_TASKS = 100_000;

/**
 * Reads one recorded run from its files: one, or the parts of a log that was rolled. All or nothing: a run that is not
 * whole and well formed is an error, and nothing of it is kept. What the recording says is untrusted; only its shape is
 * checked.
 */
export async function importRun(
  files: readonly ImportFile[],
  options: ImportOptions = {},
): Promise<Result<RecordedRun, ImportError>> {
  const parts = partsInOrder(files);
  const name = parts[0]?.name ?? "";
  const maxTasks = options.maxTasks ?? MAX_TASKS;
  const read = await readParts(parts, maxTasks, options);
  if (!read.ok) return read;
  if (read.value === null) {
    return err({
      code: "import_empty",
      file: name,
      place: "byte 0",
      expected: "a recorded run",
      detail: "it is empty",
    });
  }
  const finished = finishRun(read.value, options.run);
  const run = finished.ok ? checkRun(finished.value, maxTasks) : finished;
  return run.ok ? run : err({ ...run.error, file: name });
}

/** The only run, or the one that was asked for; otherwise those there are to choose from. */
function finishRun(
  reading: RunReading,
  wanted: string | undefined,
): Result<RecordedRun, FormatProblem | Omit<ImportError, "file">> {
  const runs = reading.choices?.() ?? [];
  const byNumber = wanted !== undefined && /^\d{1,6}$/.test(wanted) ? runs[Number(wanted) - 1] : undefined;
  const chosen = byNumber ?? runs.find((run) => run.id === wanted);
  const isOnly = runs.length <= 1 && (wanted === undefined || wanted === "1");
  if (!isOnly && chosen === undefined)
    return err({
      code: wanted === undefined ? "import_several_runs" : "import_no_such_run",
      place: "$",
      expected:
        runs.length > 1 ? `one of the ${runs.length} runs to be chosen, by number or id` : "the only run, number 1",
      detail: wanted === undefined ? `there are ${runs.length} runs` : `there is no run ${wanted.slice(0, 80)}`,
      runs,
    });
  return reading.finish(chosen?.id ?? null);
}

/** Gives every document of every part to the reading of the first one's format; null when there is no document. */
async function readParts(
  parts: readonly ImportFile[],
  maxTasks: number,
  options: ImportOptions,
): Promise<Result<RunReading | null, ImportError>> {
  const most = options.maxBytes ?? MAX_BYTES;
  const budget = { bytes: most, most };
  const limits = {
    maxLineBytes: options.maxLineBytes ?? MAX_LINE_BYTES,
    maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
  };
  const progress = { bytes: 0, totalBytes: parts.reduce((sum, part) => sum + part.size, 0) };
  const onBytes = (bytes: number): void => {
    progress.bytes += bytes;
    options.onProgress?.({ ...progress });
  };
  let reading: RunReading | null = null;
  for (const part of parts) {
    const source = await openBytes(part, { signal: options.signal, onBytes, budget });
    if (!source.ok) return err({ ...source.error, file: part.name });
    for await (const read of documentsOf(source.value, limits)) {
      const taken: Result<RunReading, Omit<ImportError, "file">> = read.ok
        ? take(reading, read.value, { file: part.name, maxTasks })
        : read;
      if (!taken.ok) {
        await source.value.close();
        return err({ ...taken.error, file: part.name });
      }
      reading = taken.value;
    }
  }
  return ok(reading);
}

function take(
  reading: RunReading | null,
  { document, place }: PlacedDocument,
  context: { readonly file: string; readonly maxTasks: number },
): Result<RunReading, Omit<ImportError, "file">> {
  const opened = reading ?? FORMATS.find((format) => format.detect(document))?.open(context);
  if (opened === undefined) {
    return err({
      code: "import_unknown_format",
      place: place || "$",
      expected: FORMATS.map((format) => format.title).join(" or "),
      detail: "the document has the shape of none of them",
    });
  }
  const added = opened.add(document, place, context.file);
  return added.ok ? ok(opened) : added;
}
