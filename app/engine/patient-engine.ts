import type { Clock } from "../base/ports.ts";
import type { Result } from "../base/result.ts";
import { type Engine, StateUncertain, type SubmitError } from "./engine.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;

export interface Patience {
  readonly clock: Clock;
  /** Ends the waiting: the last answer then stands. */
  over(): boolean;
}

/**
 * The engine as the host's own parts use it: what storage cannot take now is asked again until it does, and a read waits
 * until the state is certain. A storage that is full for a second must not turn into a refusal, a missed deadline or a
 * verdict that nobody hears of.
 */
export function patientEngine(engine: Engine, patience: Patience): Engine {
  return {
    ...engine,
    submit: (command) => untilStored(patience, () => engine.submit(command)),
    read: (reader) => whenCertain(patience, () => engine.read(reader)),
  };
}

/** Asks again while storage refuses and trying again can help. Any other answer comes back as it is. */
export async function untilStored<T>(
  patience: Patience,
  ask: () => Promise<Result<T, SubmitError>>,
): Promise<Result<T, SubmitError>> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = longer(waitMs)) {
    const answer = await ask();
    if (answer.ok || !isTransient(answer.error) || patience.over()) return answer;
    await pause(patience, waitMs);
    if (patience.over()) return answer;
  }
}

/** Reads as soon as the log can be read again. */
export async function whenCertain<T>(patience: Patience, read: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = longer(waitMs)) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StateUncertain) || patience.over()) throw error;
      await pause(patience, waitMs);
    }
  }
}

/** Storage refused, not a decision: the same may be accepted later. */
export function isTransient(error: SubmitError): boolean {
  return "retry" in error && error.retry;
}

/** Storage refused, for now or for good: nothing was decided. */
export function isUnavailable(error: SubmitError): boolean {
  return "retry" in error;
}

const longer = (waitMs: number): number => Math.min(waitMs * 2, LONGEST_WAIT_MS);

const pause = (patience: Patience, waitMs: number): Promise<void> =>
  new Promise((resolve) => {
    patience.clock.after(waitMs, resolve);
  });
