import { type Subject, scopeCovers } from "../engine/override/scope.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import type { PressedStops } from "../protocol/override/stop-line-reader.ts";

export interface PressHoldPorts {
  readonly line: PressedStops;
  /** Agents that a stop of this scope is forwarded to (OVR-17). */
  reach(scope: OverrideScope): readonly string[];
  /** Whether the signal of a press has been latched, released since or not. */
  isKnown(jti: string): boolean;
}

/**
 * What a press alone does (OVR-42): effects in its scope wait, unrecorded and not refused, until its signal is latched and
 * refuses them, or its page takes it back because the signal was answered with a no.
 */
export interface PressHold {
  /** Read from shared memory, so that nothing that waits for this thread is before it (S5). */
  holds(subject: Subject): boolean;
  /** Settles when it is worth asking again. */
  changed(): Promise<void>;
  look(): void;
  /** What waits is never let on: whoever takes the host's place asks anew. */
  close(): void;
}

export function createPressHold({ line, reach, isKnown }: PressHoldPorts): PressHold {
  let waiting: (() => void)[] = [];
  const look = (): void => {
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  };
  const forget = line.onLowered(look);
  return {
    holds: (subject) =>
      line
        .pressed()
        .some(
          ({ jti, scope }) =>
            !isKnown(jti) &&
            (scopeCovers(scope, subject) || (scope.kind === "agent" && reach(scope).includes(subject.agent))),
        ),
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    look,
    close: () => {
      forget();
      waiting = [];
    },
  };
}
