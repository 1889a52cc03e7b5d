import type { Json } from "../../base/json.ts";
import type { RollbackEvent } from "../../protocol/cascade/rollback-state.ts";

/**
 * Words of a `rollback_moved` record: the coordinator's own, the passing of time, that it raised a signal, and what the host
 * found of a restored state.
 */
export type MovedWord = "execute" | "confirm" | "tick" | "signal" | "found";

/** The event a record's word stands for; a signal is none. */
export function movedEvent(data: Readonly<Record<string, Json>>, atS: number): RollbackEvent | null {
  const { event: word, n, found_hash: foundHash } = data;
  if (word === "execute" || word === "tick") return { kind: word, atS };
  if (word === "found")
    return typeof n === "number" && typeof foundHash === "string" ? { kind: "found", n, foundHash, atS } : null;
  return word === "confirm" ? { kind: "confirm", manual: null, atS } : null;
}
