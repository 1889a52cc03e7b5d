import type { State } from "../state.ts";
import { ANSWERS } from "./judged.ts";
import { quantile, type Rate, rateOf } from "./rate.ts";

/** R7: how long requests waited for their answer, and how many never had one. */
export interface Answered {
  readonly settled: number;
  readonly p50S: number | null;
  readonly p95S: number | null;
  readonly expired: Rate;
}

/** Of the requests that were asked from `from` to `to` and are settled by people or by time. */
export function answeredOf(state: Pick<State, "gates" | "workflows">, from: number, to: number): Answered {
  const waits: number[] = [];
  let expired = 0;
  for (const { wid, openedAt, status, timedOut, decisions } of state.gates.values()) {
    if (state.workflows.get(wid)?.drill != null) continue;
    if (openedAt < from || openedAt >= to || status === "pending") continue;
    const answer = decisions.findLast(({ outcome }) => ANSWERS[outcome] !== undefined);
    if (timedOut) expired += 1;
    else if (answer !== undefined) waits.push(answer.at - openedAt);
  }
  const settled = waits.length + expired;
  return { settled, p50S: quantile(waits, 0.5), p95S: quantile(waits, 0.95), expired: rateOf(expired, settled) };
}
