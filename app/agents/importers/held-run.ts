import type { Result } from "../../base/result.ts";
import type { RunChoice } from "../../protocol/run/import-messages.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import type { FormatProblem } from "./run-format-reader.ts";
import type { Warnings } from "./text.ts";

/** A run that lies in the files, made only when it is chosen. */
export interface HeldRun extends RunChoice {
  /** What annotations call it. */
  readonly annotatedAs: string;
  read(warnings: Warnings): Result<ReadSteps, FormatProblem>;
}

export interface ReadSteps {
  readonly run: RecordedRun;
  /** The task of each step, by the step's number from 1, as annotations count them. */
  readonly taskOfStep: ReadonlyMap<number, string>;
}
