import type { Breaker, Moment, Moved } from "../../protocol/cascade/breaker-state.ts";
import type { LoggedFact } from "../fact.ts";
import type { BreakerState, State } from "../state.ts";
import { current, momentOf } from "./breakers.ts";

/** Moves a breaker by what is done to it as of this entry, timers that had run out first. */
export function step(
  state: State,
  found: BreakerState,
  { seq, receivedAt }: LoggedFact,
  act: (breaker: Breaker, now: Moment) => Moved,
  by: string | null = null,
): void {
  const now = momentOf(receivedAt, seq, found.id);
  const before = current(found, now);
  const moved = act(before.breaker, now);
  found.breaker = moved.breaker;
  for (const change of before.changes) note(state, found, change, null);
  for (const change of moved.changes) note(state, found, change, by);
  if (!found.breaker.isolated) Object.assign(found, { isolatedUntilMs: null, cutUntilMs: null });
}

function note(state: State, found: BreakerState, change: Moved["changes"][number], by: string | null): void {
  state.unstated.push({ breaker: found.id, change });
  found.reason = change.reason;
  found.stats = change.stats;
  found.by = by;
}
