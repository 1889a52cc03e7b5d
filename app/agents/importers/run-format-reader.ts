import type { Json } from "../../base/json.ts";
import type { Result } from "../../base/result.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";

/** Why a document of a known format gives no run: the place in it and what was expected there. */
export interface FormatProblem {
  readonly code: "import_malformed" | "import_cycle";
  readonly place: string;
  readonly expected: string;
  readonly detail: string;
}

/** One format of recorded runs. */
export interface RunFormatReader {
  readonly title: string;
  /** By what the document is, never by its name. */
  detect(document: Json): boolean;
  parse(document: Json, file: string): Result<RecordedRun, FormatProblem>;
}
