import { assert } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";

/** L1 unsigned, L2 signed, L3 signed and in a ledger. Computed by the verifier, never read from a claim. */
export type Level = 1 | 2 | 3;

/** What DAG validation needs to know of a verified ECT. */
export interface KnownEct {
  readonly jti: string;
  readonly wid: string | undefined;
  /** Null: unattributed (ECT-8). */
  readonly iss: string | null;
  readonly iat: number;
  readonly pred: readonly string[];
  readonly execAct: string;
  readonly ext: JsonObject;
  /** Its own level. */
  readonly level: Level;
}

/** The verified ECTs a verifier holds (ECT-16): a ledger, or what it has itself seen. */
export interface KnownEcts {
  /** The verified ECT of this task in this workflow, or of this task where both name none. */
  get(jti: string, wid: string | undefined): KnownEct | undefined;
  /** Every verified ECT with this id, in whatever workflow: an id alone is no key where workflows name theirs (README trap 4). */
  byJti(jti: string): readonly KnownEct[];
  /** The verified ECTs that name this task of this workflow as predecessor. */
  successors(jti: string, wid: string | undefined): readonly KnownEct[];
  /** Whether this task was refused after it had been accepted, or its key turned out to be revoked (ECT-S6). */
  isRejected(jti: string, wid: string | undefined): boolean;
  /**
   * True where nothing was ever taken before its predecessors were, as in a log that refuses it: a task that is new there
   * is nobody's ancestor, so that no way leads back to it and none is looked for (D4 check 4).
   */
  readonly inOrder: boolean;
}

/** KnownEcts that can be added to. */
export interface EctMemory extends KnownEcts {
  /** Adds one that was verified, and is not held yet. */
  add(ect: KnownEct): void;
  /** A later receipt raises, a lost ledger lowers: the record itself does not change (ECT-26, ECT-27). */
  setLevel(jti: string, wid: string | undefined, level: Level): void;
  reject(jti: string, wid: string | undefined): void;
  all(): readonly KnownEct[];
}

/** A task's place among all workflows. */
export function taskKey(jti: string, wid: string | undefined): string {
  return `${wid ?? ""} ${jti}`;
}

/** The ECTs a verifier has seen, in memory. */
export function createEctMemory(): EctMemory {
  const held = new Map<string, KnownEct>();
  const byJti = new Map<string, string[]>();
  const successors = new Map<string, string[]>();
  const rejected = new Set<string>();
  const read = (keys: readonly string[] = []): KnownEct[] =>
    keys.map((key) => held.get(key)).filter((ect) => ect !== undefined);
  return {
    inOrder: false,
    get: (jti, wid) => held.get(taskKey(jti, wid)),
    byJti: (jti) => read(byJti.get(jti)),
    // A successor of another workflow is one when its own workflow has no task of this id.
    successors: (jti, wid) =>
      read(successors.get(jti)).filter((ect) => ect.wid === wid || !held.has(taskKey(jti, ect.wid))),
    isRejected: (jti, wid) => rejected.has(taskKey(jti, wid)),
    add: (ect) => {
      const key = taskKey(ect.jti, ect.wid);
      assert(!held.has(key), "an ECT is held once");
      held.set(key, ect);
      push(byJti, ect.jti, key);
      for (const pred of ect.pred) push(successors, pred, key);
    },
    setLevel: (jti, wid, level) => {
      const key = taskKey(jti, wid);
      const ect = held.get(key);
      assert(ect !== undefined, "the level of a held ECT is set");
      held.set(key, { ...ect, level });
    },
    reject: (jti, wid) => {
      rejected.add(taskKey(jti, wid));
    },
    all: () => [...held.values()],
  };
}

function push(index: Map<string, string[]>, key: string, value: string): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, [value]);
  else values.push(value);
}

/** A predecessor named by a task, looked for in the task's workflow, and elsewhere only when it is not there. */
export interface FoundPred {
  readonly jti: string;
  readonly same: KnownEct | undefined;
  readonly elsewhere: readonly KnownEct[];
}

export function findPred(known: KnownEcts, jti: string, wid: string | undefined): FoundPred {
  const same = known.get(jti, wid);
  return { jti, same, elsewhere: same === undefined ? known.byJti(jti) : [] };
}
