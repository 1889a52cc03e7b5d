import { assert, must } from "../../base/assert.ts";
import { toBase64url } from "../../base/bytes.ts";
import type { Sha256 } from "../../base/ports.ts";
import { appendLeaves, frontierRoot } from "../../protocol/merkle/tree.ts";
import { evolve } from "../evolve.ts";
import type { LoggedFact } from "../fact.ts";
import { initialState, type State } from "../state.ts";
import { settle, stateHistory } from "./state-history.ts";

/** An entry as a fold takes it; its leaf goes into the root. */
export interface PastEntry {
  readonly logged: LoggedFact;
  readonly leaf: Uint8Array;
}

/** A state as of an entry: how many entries it is of, when the last of them came (epoch s), and the root over them. */
export interface PastState {
  readonly state: State;
  readonly size: number;
  readonly lastAt: number;
  readonly root: string;
}

/** A state on its way to the entry it is asked for. */
export interface PastFold {
  fold(entry: PastEntry): void;
  size(): number;
  /** Nothing is folded any more; the state is for reading. */
  end(): PastState;
}

/**
 * The states of one log at every so many entries ("rungs"), held as what changed between them, so that the state after any
 * entry is the rung below it and a fold of fewer than `spacing` entries. Folded from the first entry on, never patched by
 * hand; whoever has the log can make it again, so nothing of it is stored.
 *
 * ```text
 * fold fold … rung ─ fold fold … rung ─ fold …      one state that goes on; at a rung what has changed is taken down
 * open(n): Maps as of the rung below n, each value copied when it is first touched; then fold on to n
 * ```
 *
 * Invariants: a value in a history is never changed (who folds gets copies); `open(n)` folded to n equals the fold of the
 * first n entries, but for `State.seen`, which only decisions need: replay scopes are empty in the past.
 */
export interface Ladder {
  readonly spacing: number;
  /** The rung at or below a size, which is not before the ladder begins. */
  rung(size: number): number;
  /** Entries folded so far. */
  size(): number;
  fold(entry: PastEntry): void;
  /** From the rung at or below `size`, piece by piece. */
  open(size: number): Generator<void, PastFold>;
}

/** A place in the log: what is before it, for the root. */
export interface Place {
  readonly size: number;
  readonly lastAt: number;
  readonly frontier: readonly Uint8Array[];
}

const START: Place = { size: 0, lastAt: 0, frontier: [] };

export function createLadder(spacing: number, sha256: Sha256): Ladder {
  return finished(ladderFrom(initialState(), START, spacing, sha256));
}

/** A ladder that begins at a state that is known to be the fold of the log up to there; the state is the ladder's from then on. */
export function* ladderFrom(from: State, start: Place, spacing: number, sha256: Sha256): Generator<void, Ladder> {
  const history = stateHistory();
  const places: Place[] = [start];
  let walk = foldFrom(yield* history.take(0, from), start, sha256);
  const takeDown = (): void => {
    const place = walk.place();
    walk = foldFrom(finished(history.take(places.length, walk.state())), place, sha256);
    places.push(place);
  };
  const steps = (size: number): number => Math.floor((size - start.size) / spacing);
  return {
    spacing,
    rung: (size) => start.size + steps(size) * spacing,
    size: () => walk.size(),
    fold: (entry) => {
      walk.fold(entry);
      if ((walk.size() - start.size) % spacing === 0) takeDown();
    },
    open: function* (size) {
      const rung = steps(size);
      const place = must(places[rung], "a ladder is climbed before it is looked at");
      return foldFrom(yield* history.open(rung), place, sha256);
    },
  };
}

function finished<T>(steps: Generator<void, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

function foldFrom(from: State, start: Place, sha256: Sha256) {
  let state = from;
  let { lastAt } = start;
  const leaves: Uint8Array[] = [];
  const size = (): number => start.size + leaves.length;
  const place = (): Place => ({
    size: size(),
    lastAt,
    frontier: appendLeaves(start.frontier, start.size, leaves, sha256),
  });
  return {
    size,
    place,
    state: () => state,
    fold: ({ logged, leaf }: PastEntry): void => {
      assert(logged.seq === size(), "entries are folded in order");
      state = evolve(state, logged);
      state.seen.clear();
      lastAt = logged.receivedAt;
      leaves.push(leaf);
    },
    end: (): PastState => {
      const { frontier } = place();
      return { state: settle(state), size: size(), lastAt, root: toBase64url(frontierRoot(frontier, size(), sha256)) };
    },
  };
}
