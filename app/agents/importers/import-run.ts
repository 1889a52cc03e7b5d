import { fromUtf8 } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { type RecordedRun, recordedRunSchema } from "../../protocol/run/recorded-run.ts";
import { FORMATS } from "./registry.ts";

/** A file to import; a browser's `File` fits. */
export interface ImportFile {
  readonly name: string;
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

/** Why nothing was imported: the file, the place in it, what was expected there. */
export interface ImportError {
  readonly code:
    | "import_unknown_format"
    | "import_malformed"
    | "import_too_large"
    | "import_too_many_tasks"
    | "import_cycle"
    | "import_cancelled"
    | "import_empty"
    | "import_unreadable";
  readonly file: string;
  readonly place: string;
  readonly expected: string;
  readonly detail: string;
}

export interface ImportOptions {
  readonly signal?: AbortSignal;
  onProgress?(progress: { readonly bytes: number; readonly totalBytes: number }): void;
  readonly maxBytes?: number;
  readonly maxTasks?: number;
}

const MAX_BYTES = 100 * 1024 * 1024;
const MAX_TASKS = 100_000;

/**
 * Reads one recorded run from a file. All or nothing: a run that is not whole and well formed is an error, and nothing
 * of it is kept. What the recording says is untrusted; only its shape is checked.
 */
export async function importRun(
  file: ImportFile,
  options: ImportOptions = {},
): Promise<Result<RecordedRun, ImportError>> {
  const problem = (code: ImportError["code"], place: string, expected: string, detail: string) =>
    err({ code, file: file.name, place, expected, detail });
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const read = await readBytes(file, maxBytes, options);
  if (!read.ok)
    return problem(read.error.code, `byte ${read.error.at}`, `at most ${maxBytes} bytes`, read.error.detail);
  if (read.value.length === 0) return problem("import_empty", "byte 0", "a recorded run", "the file is empty");
  const text = fromUtf8(read.value);
  if (!text.ok) return problem("import_malformed", "the whole file", "UTF-8 text", "the bytes are not UTF-8");
  const value = parseStrictJson(text.value.replace(/^\uFEFF/, ""));
  if (!value.ok)
    return problem("import_malformed", `character ${value.error.offset}`, "one JSON document", value.error.detail);
  const format = FORMATS.find((candidate) => candidate.detect(value.value));
  if (format === undefined) {
    return problem(
      "import_unknown_format",
      "$",
      FORMATS.map((candidate) => candidate.title).join(" or "),
      "the document has the shape of none of them",
    );
  }
  const parsed = format.parse(value.value, file.name);
  if (!parsed.ok) return problem(parsed.error.code, parsed.error.place, parsed.error.expected, parsed.error.detail);
  const maxTasks = options.maxTasks ?? MAX_TASKS;
  if (parsed.value.tasks.length > maxTasks) {
    return problem(
      "import_too_many_tasks",
      "$",
      `at most ${maxTasks} tasks`,
      `the run has ${parsed.value.tasks.length}`,
    );
  }
  const run = recordedRunSchema.safeParse(parsed.value);
  if (!run.success) {
    const issue = run.error.issues[0];
    return problem(
      "import_malformed",
      issue?.path.join(".") ?? "$",
      issue?.message ?? "a recorded run",
      "a value is outside its bounds",
    );
  }
  return ok(run.data);
}

async function readBytes(
  file: ImportFile,
  maxBytes: number,
  options: ImportOptions,
): Promise<
  Result<
    Uint8Array,
    { code: "import_too_large" | "import_cancelled" | "import_unreadable"; at: number; detail: string }
  >
> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    const reader = file.stream().getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      bytes += part.value.length;
      if (options.signal?.aborted === true || bytes > maxBytes) {
        await reader.cancel();
        return options.signal?.aborted === true
          ? err({ code: "import_cancelled", at: bytes, detail: "cancelled" })
          : err({ code: "import_too_large", at: bytes, detail: "the file is larger than that" });
      }
      parts.push(part.value);
      options.onProgress?.({ bytes, totalBytes: file.size });
    }
  } catch (error) {
    return err({
      code: "import_unreadable",
      at: bytes,
      detail: error instanceof Error ? error.message : "cannot be read",
    });
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return ok(whole);
}
