import type { LoggedFact } from "../../engine/fact.ts";
import { workflowOfAgent } from "../../engine/workflow/evolve.ts";
import { type DrillScore, drillScoreSchema } from "../../protocol/drill/drill-score.ts";
import type { RunWatch } from "./run-watch.ts";

/**
 * A drill as a run of a benchmark of oversight, the person's part included (row 102): one task, which is completed when it has a
 * score and correct when that is passed. It lasts from its start until the last agent was seen to obey, or was found out.
 */
export function watchDrill(wid: string): RunWatch {
  let started: RunWatch["started"] = null;
  let startedMs = 0;
  let endedMs: number | null = null;
  let score: DrillScore | null = null;
  /** By agent, from the stop to its effect, ms; the newest verdict counts. */
  const obeyed = new Map<string, number>();
  const take = ({ fact, digest }: LoggedFact, atMs: number): void => {
    if (fact.typ === "override-compliance+jwt" && workflowOfAgent(fact.claims.target) === wid) {
      const { target, verdict, latency_ms: latencyMs } = fact.claims;
      if (verdict === "compliant" || verdict === "late") obeyed.set(target, latencyMs);
      else obeyed.delete(target);
      return;
    }
    if (!("wid" in fact.claims) || fact.claims.wid !== wid) return;
    if (fact.typ === "exec+jwt" && fact.claims.exec_act === "run_start") {
      started = { jti: fact.claims.jti, hash: digest };
      startedMs = atMs;
    } else if (fact.typ === "record+jwt") {
      if (fact.claims.kind === "drill_scored") score = drillScoreSchema.safeParse(fact.claims.data).data ?? null;
      if (fact.claims.kind === "run_finished") endedMs ??= atMs;
    }
  };
  return {
    wid,
    get started() {
      return started;
    },
    get isOver() {
      return endedMs !== null;
    },
    gated: new Set(),
    take,
    seen: (item) => {
      const isScored = score !== null && score.result !== "aborted";
      const last = [score?.verified, score?.violated, score?.terminated].flatMap((step) =>
        step == null ? [] : [step.last_ms],
      );
      return {
        wallMs: (endedMs ?? startedMs) - startedMs,
        overrideMs: [...obeyed.values()],
        tasks: [
          {
            key: `${item}/drill`,
            completed: isScored,
            correct: score?.result === "passed",
            result: isScored && score !== null ? `${score.result} ${score.reasons.toSorted().join(" ")}` : null,
            // Without a stop it has no end that anybody brought about.
            latencyMs: isScored && score?.command != null && last.length > 0 ? Math.max(...last) : null,
            gate: null,
            tokens: null,
            cost: null,
          },
        ],
      };
    },
  };
}
