import type { Json } from "../../base/json.ts";
import type { RollbackEvent } from "../../protocol/cascade/rollback-state.ts";

/** Words of a `rollback_moved` record: the coordinator's own, the passing of time, and that it raised a signal. */
export type MovedWord = "execute" | "confirm" | "tick" | "signal";

/** The event a word stands for; a signal is none. */
export function movedEvent(word: Json | undefined, atS: number): RollbackEvent | null {
  if (word === "execute" || word === "tick") return { kind: word, atS };
  return word === "confirm" ? { kind: "confirm", manual: null, atS } : null;
}
