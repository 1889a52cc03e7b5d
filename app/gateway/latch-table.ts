import { type Subject, scopeCovers } from "../engine/override/scope.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";

/** One latched stop: nothing in its scope may act until it is released. */
export interface Latch {
  readonly jti: string;
  readonly scope: OverrideScope;
  /** Whom it was given to: of an agent's stop also those it had delegated to (OVR-17). */
  readonly targets: ReadonlySet<string>;
  /** Host monotonic ms when it took hold. */
  readonly sinceMs: number;
}

/**
 * The stop latches of the enforcement point. Synchronous and in memory: it is asked before every permission and every
 * effect and needs no log, queue or lock (OVR-11, S5). It is filled from the log at start.
 */
export interface LatchTable {
  add(latch: Latch): void;
  remove(jti: string): void;
  covering(subject: Subject): Latch | null;
  /** Every one that does, the first latched first. */
  coveringAll(subject: Subject): readonly Latch[];
  all(): readonly Latch[];
}

const reaches = ({ scope, targets }: Latch, subject: Subject): boolean =>
  scopeCovers(scope, subject) || (scope.kind === "agent" && targets.has(subject.agent));

export function createLatchTable(): LatchTable {
  const latches = new Map<string, Latch>();
  return {
    add: (latch) => {
      if (!latches.has(latch.jti)) latches.set(latch.jti, latch);
    },
    remove: (jti) => {
      latches.delete(jti);
    },
    covering: (subject) => {
      for (const latch of latches.values()) if (reaches(latch, subject)) return latch;
      return null;
    },
    coveringAll: (subject) => [...latches.values()].filter((latch) => reaches(latch, subject)),
    all: () => [...latches.values()],
  };
}
