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
    | "import_several_runs"
    | "import_no_such_run"
    | "import_unreadable"
    | "import_worker_failed";
  readonly file: string;
  readonly place: string;
  readonly expected: string;
  readonly detail: string;
  /** The runs there are to choose from, where there are several. */
  readonly runs?: readonly RunChoice[];
}

/** One of several runs that lie in the same files. */
export interface RunChoice {
  /** Unique among them, and no number by itself. */
  readonly id: string;
  readonly name: string;
  readonly steps: number;
}

/** Bytes of the files as they lie there, before anything is unpacked. */
export interface ImportProgress {
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Page to import worker. `run` chooses one of several by its id. */
export type ToImportWorker =
  | { readonly t: "import"; readonly id: number; readonly parts: readonly File[]; readonly run?: string }
  | { readonly t: "cancel"; readonly id: number };

/** Import worker to page. `done` ends the import `id`, whatever its result. */
export type FromImportWorker =
  | ({ readonly t: "progress"; readonly id: number } & ImportProgress)
  | { readonly t: "done"; readonly id: number; readonly result: Result<RecordedRun, ImportError> };
