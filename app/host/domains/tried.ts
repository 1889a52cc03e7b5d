import { err, type Result } from "../../base/result.ts";
import { StateUncertain, type SubmitError } from "../../engine/engine.ts";

/**
 * What could not be read or signed now is to be asked for again, like what could not be written: a border that breaks off
 * holds up what rests on it and never ends the host, which has stops to take.
 */
export async function tried<T>(ask: () => Promise<Result<T, SubmitError>>): Promise<Result<T, SubmitError>> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StateUncertain) return err({ ...error.problem, retry: true });
    const detail = error instanceof Error ? error.message : "it broke off";
    return err({ code: "storage_failed", retry: true, detail });
  }
}
