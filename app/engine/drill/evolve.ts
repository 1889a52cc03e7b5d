import type { DrillMark } from "../../protocol/drill/drill-mark.ts";
import { drillScoreSchema } from "../../protocol/drill/drill-score.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State, WorkflowState } from "../state.ts";

/** A drill has begun: its operator's start says so. */
export function evolveDrillStart(state: State, logged: LoggedFact, workflow: WorkflowState, mark: DrillMark): void {
  state.drills.set(workflow.wid, {
    wid: workflow.wid,
    script: mark.script,
    size: mark.size,
    againDays: mark.again_days,
    by: workflow.startedBy,
    at: logged.receivedAt,
    seq: logged.seq,
    score: null,
  });
}

/** How it went: once, and then it is over. */
export function evolveDrillScored(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const drill = state.drills.get(claims.wid ?? "");
  const score = drillScoreSchema.safeParse(claims.data);
  if (drill === undefined || drill.score !== null || !score.success) return;
  drill.score = { ...score.data, at: logged.receivedAt, seq: logged.seq };
}
