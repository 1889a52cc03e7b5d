import { err, type Result } from "../../base/result.ts";
import type {
  FromImportWorker,
  ImportError,
  ImportProgress,
  ToImportWorker,
} from "../../protocol/run/import-messages.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";

export type { ImportError, ImportProgress } from "../../protocol/run/import-messages.ts";

export interface ImportFileOptions {
  /** Bytes of the files read so far; at least at the end. */
  onProgress?(progress: ImportProgress): void;
  /** Aborted, the import ends at once with `import_cancelled`. */
  readonly signal?: AbortSignal;
  /** Which run, where the files hold several: its id. */
  readonly run?: string | undefined;
}

/**
 * Imports one recorded run from the user's files: one, or the parts of a log that was rolled. It runs in a worker made for
 * it and ended with it, so that nothing is left behind, neither after an error nor after a cancel.
 */
export function importFile(
  parts: readonly File[],
  options: ImportFileOptions = {},
): Promise<Result<RecordedRun, ImportError>> {
  const failed = (code: ImportError["code"], detail: string): Result<never, ImportError> =>
    err({ code, file: parts[0]?.name ?? "", place: "the whole file", expected: "a recorded run", detail });
  const { signal } = options;
  if (parts.length === 0) return Promise.resolve(failed("import_empty", "no file was chosen"));
  if (signal?.aborted === true) return Promise.resolve(failed("import_cancelled", "cancelled"));
  return new Promise((resolve) => {
    const worker = new Worker(new URL("../../worker/import-worker.ts", import.meta.url), { type: "module" });
    const finish = (result: Result<RecordedRun, ImportError>): void => {
      signal?.removeEventListener("abort", cancel);
      worker.terminate();
      resolve(result);
    };
    const cancel = (): void => finish(failed("import_cancelled", "cancelled"));
    signal?.addEventListener("abort", cancel);
    worker.onmessage = ({ data }: MessageEvent<FromImportWorker>) => {
      if (data.t === "done") finish(data.result);
      else options.onProgress?.({ bytes: data.bytes, totalBytes: data.totalBytes });
    };
    worker.onerror = (event) => finish(failed("import_worker_failed", event.message || "the worker did not start"));
    worker.onmessageerror = () => finish(failed("import_worker_failed", "the run could not be handed over"));
    const chosen = options.run === undefined ? {} : { run: options.run };
    worker.postMessage({ t: "import", id: 1, parts, ...chosen } satisfies ToImportWorker);
  });
}
