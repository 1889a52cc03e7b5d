import { type Subject, scopeCovers } from "../engine/override/scope.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";

/** One latched stop: nothing in its scope may act until it is released. */
export interface Latch {
  readonly jti: string;
  readonly scope: OverrideScope;
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
  all(): readonly Latch[];
}

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
      for (const latch of latches.values()) if (scopeCovers(latch.scope, subject)) return latch;
      return null;
    },
    all: () => [...latches.values()],
  };
}
