import type { FactOf, LoggedFact } from "../fact.ts";
import type { State } from "../state.ts";
import { noteAsserted } from "./asserted.ts";

export function evolveBenchOrder(state: State, logged: LoggedFact, { claims }: FactOf<"bench-order+jwt">): void {
  state.benchmarks.set(claims.jti, { jti: claims.jti, claims, seq: logged.seq, at: logged.receivedAt, end: null });
}

export function evolveBenchResult(state: State, logged: LoggedFact, fact: FactOf<"bench-result+jwt">): void {
  // Whatever order it names is one of another log.
  if (noteAsserted(state, logged, fact)) return;
  const { claims } = fact;
  const bench = state.benchmarks.get(claims.order);
  if (bench === undefined || bench.end !== null) return;
  bench.end = { how: "done", jti: claims.jti, seq: logged.seq, at: logged.receivedAt, result: claims };
}

/** B5: what was aborted has no result. */
export function evolveBenchAborted(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const bench = state.benchmarks.get("jti" in claims.cause ? claims.cause.jti : "");
  if (bench === undefined || bench.end !== null) return;
  const { reason, detail } = claims.data;
  bench.end = {
    how: "aborted",
    seq: logged.seq,
    at: logged.receivedAt,
    reason: String(reason),
    detail: String(detail),
  };
}
