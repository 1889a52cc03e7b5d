import { utf8 } from "../../base/bytes.ts";
import type { Result } from "../../base/result.ts";
import type { ImportError } from "../../protocol/run/import-messages.ts";
import type { RecordedRun, RunTask } from "../../protocol/run/recorded-run.ts";
import type { ImportFile } from "./byte-source.ts";
import { type ImportOptions, importRun } from "./import-run.ts";

/** A file of these bytes, given in pieces, so that lines and characters are cut anywhere. */
export function fileOf(content: Uint8Array | string, name = "run.json", pieceBytes = 65_521): ImportFile {
  const bytes = typeof content === "string" ? utf8(content) : content;
  const stream = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let at = 0; at < bytes.length; at += pieceBytes) controller.enqueue(bytes.subarray(at, at + pieceBytes));
        controller.close();
      },
    });
  return { name, size: bytes.length, stream };
}

export const importText = (text: string, options: ImportOptions = {}) => importRun([fileOf(text)], options);

/** The run, where a failure would be a failure of the test. */
export function runOf(result: Result<RecordedRun, ImportError>): RecordedRun {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export const codeOf = (result: Result<RecordedRun, ImportError>): string =>
  result.ok ? "imported" : result.error.code;

export function taskOf(run: RecordedRun, id: string): RunTask {
  const task = run.tasks.find((candidate) => candidate.id === id);
  if (task === undefined) throw new Error(`no task ${id} among ${run.tasks.slice(0, 20).map((other) => other.id)}`);
  return task;
}

export const warned = (run: RecordedRun): readonly string[] => run.warnings.map((warning) => warning.code);
