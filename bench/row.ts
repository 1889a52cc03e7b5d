import type { Page } from "@playwright/test";
import type { Measurement } from "./measurement.ts";

/** What a row is given. */
export interface RowContext {
  /** Fewer repetitions: to see that it works, not to quote. */
  readonly quick: boolean;
  /** A new page of the bench, in a browser with a profile on the disk. Close it when done. */
  openBenchPage(): Promise<Page>;
  /** The built console in the same browser, as somebody's first visit: an origin of its own each time. */
  openConsole(): Promise<Page>;
  /** Something the reader of the table should know. */
  note(text: string): void;
}

/** One row of the bench: a word for `--only`, and its figures, each beside its floor. */
export interface Row {
  readonly name: string;
  /** Whether ratios far apart mean that it was disturbed, so that it is measured again. */
  readonly repeatable: boolean;
  measure(context: RowContext): Promise<readonly Measurement[]>;
}
