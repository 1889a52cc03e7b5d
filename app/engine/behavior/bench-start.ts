import { BENCH_EXT } from "../../protocol/behavior/bench-mark.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { FactOf } from "../fact.ts";
import type { State } from "../state.ts";

/**
 * What is wrong with a start as a run of a benchmark (BEH-16), or null. Its mark keeps conduct out of the windows, so it is
 * taken only where a running order of the same person has named this workflow; and what an order has named starts marked.
 */
export function benchStartProblem(state: State, start: FactOf<"exec+jwt">["claims"]): Refusal | null {
  const mark = start.ect_ext?.[BENCH_EXT];
  const order = [...state.benchmarks.values()].find(({ claims }) => claims.wids.some((wid) => wid === start.wid));
  if (mark === undefined && order === undefined) return null;
  const about = { claim: `ect_ext.${BENCH_EXT}` };
  if (order === undefined)
    return refusal("bench_mark_mismatch", "no order of a benchmark names this workflow: it is no run of one", about);
  const { profile, iss, task_set: told } = order.claims;
  if (mark !== profile.bench_id)
    return refusal("bench_mark_mismatch", `this workflow is a run of ${profile.bench_id}, and is to say so`, about);
  if (order.end !== null) return refusal("bench_over", "that benchmark is over", about);
  // A secret one is held against what was committed to with the result.
  if (told?.items.some(({ run }) => run === start.ect_ext?.obj_hash) === false)
    return refusal("bench_mark_mismatch", "the benchmark was ordered over other runs than this one", about);
  return iss === start.iss
    ? null
    : refusal("bench_mark_mismatch", "the runs of a benchmark are started by who ordered it", { claim: "iss" });
}
