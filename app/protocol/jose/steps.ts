import { ok, type Result } from "../../base/result.ts";
import type { Refusal } from "./refusal.ts";

/** One row of a verification procedure, told for the screen (INV-4): what was not reached is never shown as passed. */
export interface VerificationStep {
  readonly step: number;
  readonly check: string;
  readonly result: "passed" | "failed" | "not_reached";
  readonly code?: string;
  readonly detail?: string;
  /** The procedure the number belongs to, where a verification runs through several: "D2", "D4", "V2". */
  readonly procedure?: string;
}

/** What one row says: go on, or the one code it fails with. */
export type Outcome = Result<void, Refusal>;
export const passed: Outcome = ok(undefined);

/** A row of a procedure's table, ready to run. Rows hand on to one another through what they close over. */
export interface Step {
  readonly step: number;
  readonly check: string;
  readonly procedure?: string;
  run(): Outcome | Promise<Outcome>;
}

/** Runs rows in order up to the first that fails (COM-1): its code is the answer. */
export async function runSteps(steps: readonly Step[]): Promise<Outcome> {
  for (const step of steps) {
    const running = step.run();
    // A turn of the event loop for each row of each token of a long log is what the log would cost most.
    const outcome = running instanceof Promise ? await running : running;
    if (!outcome.ok) return outcome;
  }
  return passed;
}

/** The same run, told row by row. */
export async function tellSteps(steps: readonly Step[]): Promise<VerificationStep[]> {
  const told: VerificationStep[] = [];
  let failed = false;
  for (const { run, ...row } of steps) {
    if (failed) {
      told.push({ ...row, result: "not_reached" });
      continue;
    }
    const outcome = await run();
    failed = !outcome.ok;
    told.push(
      outcome.ok
        ? { ...row, result: "passed" }
        : { ...row, result: "failed", code: outcome.error.code, detail: outcome.error.detail },
    );
  }
  return told;
}

/** Passes when there is a result, keeping its value for later rows. */
export function keep<T>(result: Result<T, Refusal>, take: (value: T) => void): Outcome {
  if (!result.ok) return result;
  take(result.value);
  return passed;
}
