import { must } from "../../base/assert.ts";
import { isSame } from "./copy.ts";
import { ForkedMap } from "./forked-map.ts";

/** Keys that are put into a Map at once: a millisecond or two of work. */
export const PIECE = 500;

/** One value over time: at each rung where it changed, what it was from there on. Ascending. */
interface Versions<V> {
  readonly rungs: number[];
  readonly values: V[];
}

/** A key from the rung it was put in until the one it was gone at. */
interface Slot<V> extends Versions<V> {
  readonly key: string;
  until: number;
}

/** What a Map held at each rung of a ladder: only what changed is kept, once. */
export interface MapHistory<V> {
  /**
   * Takes down what has changed in the map since the last rung, and gives the map to go on with: it copies what it hands out.
   * A map that is new here is taken whole, piece by piece.
   */
  take(rung: number, map: Map<string, V>): Generator<void, ForkedMap<V>>;
  /** What it held at a rung, in its order; not to be changed. */
  at(rung: number): Generator<[string, V], undefined>;
}

/** `copy` makes what may be changed of a value, `stored` what is kept of it. */
export function mapHistory<V>(copy: (value: V) => V, stored: (value: V) => V = (value) => value): MapHistory<V> {
  const slots: Slot<V>[] = [];
  const open = new Map<string, Slot<V>>();

  const close = (key: string, rung: number): void => {
    const slot = open.get(key);
    if (slot !== undefined) slot.until = rung;
    open.delete(key);
  };
  const note = (rung: number, key: string, held: V, map: ForkedMap<V>): void => {
    const value = stored(held);
    const slot = open.get(key);
    if (slot === undefined) {
      const made = { key, rungs: [rung], values: [value], until: Number.POSITIVE_INFINITY };
      slots.push(made);
      open.set(key, made);
      return;
    }
    const last = slot.values.at(-1) as V; // a slot begins with a value
    if (!isSame(last, value)) {
      slot.rungs.push(rung);
      slot.values.push(value);
    } else if (held === value) map.share(key, last);
  };

  return {
    take: function* (rung, map) {
      if (map instanceof ForkedMap) {
        const { touched, removed } = map.changes();
        for (const key of touched) {
          if (removed.has(key)) close(key, rung);
          const held: V | undefined = map.get(key);
          if (held !== undefined) note(rung, key, held, map);
        }
        map.begin();
        return map;
      }
      // Another Map was put in its place.
      const anew = new ForkedMap(copy);
      for (const key of [...open.keys()]) close(key, rung);
      for (const [key, held] of map) {
        anew.share(key, held);
        note(rung, key, held, anew);
        if (anew.size % PIECE === 0) yield;
      }
      return anew;
    },
    at: function* (rung) {
      for (const slot of slots) {
        if (must(slot.rungs[0], "a slot begins somewhere") > rung) break;
        if (slot.until > rung) yield [slot.key, versionAt(slot, rung)];
      }
      return undefined;
    },
  };
}

/** What a value that is no Map was at each rung. */
export interface ValueHistory {
  take(rung: number, value: unknown): void;
  at(rung: number): unknown;
}

export function valueHistory(): ValueHistory {
  const kept: Versions<unknown> = { rungs: [], values: [] };
  return {
    take: (rung, value) => {
      if (kept.rungs.length > 0 && isSame(kept.values.at(-1), value)) return;
      kept.rungs.push(rung);
      kept.values.push(value);
    },
    at: (rung) => versionAt(kept, rung),
  };
}

/** The newest version that is not later than the rung, by bisection. */
function versionAt<V>({ rungs, values }: Versions<V>, rung: number): V {
  let low = 0;
  let high = rungs.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (must(rungs[middle], "inside") <= rung) low = middle;
    else high = middle;
  }
  return values[low] as V; // nothing is asked for before its first rung
}
