import { standingOf } from "../../protocol/behavior/standing.ts";
import type { DrillMark } from "../../protocol/drill/drill-mark.ts";
import { drillScoreSchema } from "../../protocol/drill/drill-score.ts";
import { SELF_TEST, selfTestOutcomeSchema } from "../../protocol/drill/self-test.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import type { State, WorkflowState } from "../state.ts";

/** A drill has begun: its operator's start says so. */
export function evolveDrillStart(state: State, logged: LoggedFact, workflow: WorkflowState, mark: DrillMark): void {
  if (mark.script === SELF_TEST) {
    state.selfTests.set(workflow.wid, {
      wid: workflow.wid,
      agents: [...new Set(workflow.agents.map(standingOf))],
      againDays: mark.again_days,
      by: workflow.startedBy,
      at: logged.receivedAt,
      seq: logged.seq,
      outcome: null,
    });
    return;
  }
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

/** What was found: once. */
export function evolveSelfTested(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const test = state.selfTests.get(claims.wid ?? "");
  const outcome = selfTestOutcomeSchema.safeParse(claims.data);
  if (test === undefined || test.outcome !== null || !outcome.success) return;
  test.outcome = { ...outcome.data, at: logged.receivedAt, seq: logged.seq };
}

/** How it went: once, and then it is over. */
export function evolveDrillScored(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const drill = state.drills.get(claims.wid ?? "");
  const score = drillScoreSchema.safeParse(claims.data);
  if (drill === undefined || drill.score !== null || !score.success) return;
  drill.score = { ...score.data, at: logged.receivedAt, seq: logged.seq };
}
