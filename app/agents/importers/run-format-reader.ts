import type { Json } from "../../base/json.ts";
import { err, type Result } from "../../base/result.ts";
import type { RunChoice } from "../../protocol/run/import-messages.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";

/** Why documents of a known format give no run: the place in them and what was expected there. */
export interface FormatProblem {
  readonly code: "import_malformed" | "import_cycle" | "import_too_many_tasks";
  readonly place: string;
  readonly expected: string;
  readonly detail: string;
}

export interface FormatContext {
  /** Name of the first file, for a run that has none of its own. */
  readonly file: string;
  /** A reader that collects stops as soon as there are more. */
  readonly maxTasks: number;
}

/** One format of recorded runs. A run is one document, or many: the lines of a log, the parts of a rolled one. */
export interface RunFormatReader {
  readonly title: string;
  /** By what the document is, never by its name. */
  detect(document: Json): boolean;
  open(context: FormatContext): RunReading;
}

/** One run being read. */
export interface RunReading {
  /**
   * Takes the next document; `place` names it for people ("line 12"), or is empty when it is the only one of its file,
   * whose name is `file`.
   */
  add(document: Json, place: string, file: string): Result<void, FormatProblem>;
  /** The runs that were given, for formats that may hold several; asked once all documents were given. */
  choices?(): readonly RunChoice[];
  /** The run, once all documents were given: the only one, or the one of `choices` that was chosen. */
  finish(chosen: string | null): Result<RecordedRun, FormatProblem>;
}

export function malformed(place: string, expected: string, detail: string): Result<never, FormatProblem> {
  return err({ code: "import_malformed", place, expected, detail });
}

export function tooManyTasks(place: string, maxTasks: number): Result<never, FormatProblem> {
  return err({
    code: "import_too_many_tasks",
    place,
    expected: `at most ${maxTasks} tasks`,
    detail: "the run has more",
  });
}

/** A format whose run is exactly one document. */
export function readOneDocument(
  parse: (document: Json, context: FormatContext) => Result<RecordedRun, FormatProblem>,
): (context: FormatContext) => RunReading {
  return (context) => {
    let run: Result<RecordedRun, FormatProblem> | null = null;
    return {
      add(document, place) {
        if (run !== null) return malformed(place || "the second document", "one document", "there is a second one");
        run = parse(document, context);
        return run.ok ? { ok: true, value: undefined } : run;
      },
      finish: () => run ?? malformed("$", "one document", "there is none"),
    };
  };
}
