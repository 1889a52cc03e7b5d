import type { Result } from "../../base/result.ts";
import type { RecordedRun } from "./recorded-run.ts";

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
    | "import_unreadable"
    | "import_worker_failed";
  readonly file: string;
  readonly place: string;
  readonly expected: string;
  readonly detail: string;
}

/** Bytes of the files as they lie there, before anything is unpacked. */
export interface ImportProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Page to import worker. Parts are one run: several only for a log that was rolled. */
export type ToImportWorker =
  | { readonly t: "import"; readonly id: number; readonly parts: readonly File[] }
  | { readonly t: "cancel"; readonly id: number };

/** Import worker to page. `done` ends the import `id`, whatever its result. */
export type FromImportWorker =
  | ({ readonly t: "progress"; readonly id: number } & ImportProgress)
  | { readonly t: "done"; readonly id: number; readonly result: Result<RecordedRun, ImportError> };
