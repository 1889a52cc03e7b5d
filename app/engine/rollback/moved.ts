import type { Json } from "../../base/json.ts";
import type { RollbackEvent } from "../../protocol/cascade/rollback-state.ts";

/**
 * Words of a `rollback_moved` record: the coordinator's own, the passing of time, that it raised a signal, what the host
 * found of a restored state, and that a newer stop has ended it.
 */
export type MovedWord = "execute" | "confirm" | "tick" | "signal" | "found" | "stopped";

/** The event a record's word stands for; a signal is none. */
export function movedEvent(data: Readonly<Record<string, Json>>, atS: number): RollbackEvent | null {
  const { event: word, n, found_hash: foundHash } = data;
  if (word === "execute" || word === "tick") return { kind: word, atS };
  if (word === "stopped") return { kind: "abort", operator: null, code: "rollback_stopped", atS };
  if (word === "found")
    return typeof n === "number" && typeof foundHash === "string" ? { kind: "found", n, foundHash, atS } : null;
  return word === "confirm" ? { kind: "confirm", manual: null, atS } : null;
}
