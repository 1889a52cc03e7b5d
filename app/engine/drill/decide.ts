import { err, ok, type Result } from "../../base/result.ts";
import { type DrillMark, drillMarkOf } from "../../protocol/drill/drill-mark.ts";
import type { RecordClaims } from "../../protocol/ect/claims.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { calledOff, callOffProblem } from "../identity/called-off.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { State, WorkflowState } from "../state.ts";

/**
 * What is wrong with a start as the start of a drill (OVR-25), or null. A drill is one from its first start to its end: nothing
 * else becomes one, and a drill never goes on as something else.
 */
export function drillStartProblem(
  ext: Readonly<Record<string, unknown>> | undefined,
  earlier: WorkflowState | undefined,
): Refusal | null {
  const mark = drillMarkOf(ext);
  if (mark === undefined)
    return refusal("drill_invalid", "the start says that it is a drill, and not of which script and size", {
      claim: "ect_ext",
    });
  if (earlier === undefined) return null;
  const before = earlier.drill;
  return isSame(before, mark)
    ? null
    : refusal("start_mismatch", "a drill stays a drill, and nothing else becomes one", { claim: "ect_ext" });
}

function isSame(one: DrillMark | null, other: DrillMark | null): boolean {
  return one?.script === other?.script && one?.size === other?.size;
}

/** The score of a drill, once; with it its workflow is over. */
export function decideDrillScored(
  state: State,
  command: Extract<Command, { kind: "drill_scored" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const drill = state.drills.get(command.wid);
  if (drill === undefined) return err(refusal("drill_unknown", "no drill of this log has that id"));
  if (drill.score !== null) return err(refusal("drill_over", "this drill has its score already"));
  const { by } = command;
  const denied = by === undefined ? null : callOffProblem(state, by, moment.nowS, "drill_unauthorized");
  if (denied !== null) return err(denied);
  const { script, size } = drill;
  const jti = command.score.command?.jti;
  const cause = jti === undefined ? { timer: command.timer, of: command.wid } : { jti };
  const scored = recordDraft(ids, moment, "drill_scored", command.wid, cause, {
    ...{ script, size, ...command.score },
    ...(by === undefined ? {} : calledOff(by)),
  });
  return ok([scored, ...finished(state, command.wid, cause, ids, moment)]);
}

/** What a self-test found, once; with it its workflow is over. */
export function decideSelfTested(
  state: State,
  command: Extract<Command, { kind: "self_tested" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { wid, outcome } = command;
  const test = state.selfTests.get(wid);
  if (test === undefined) return err(refusal("self_test_unknown", "no self-test of this log has that id"));
  if (test.outcome !== null) return err(refusal("self_test_over", "this self-test has its outcome already"));
  const cause = outcome.stop === null ? { timer: "self_test", of: wid } : { jti: outcome.stop };
  const tested = recordDraft(ids, moment, "self_tested", wid, cause, outcome);
  return ok([tested, ...finished(state, wid, cause, ids, moment)]);
}

function finished(state: State, wid: string, cause: RecordClaims["cause"], ids: HostIds, moment: Moment): Draft[] {
  const workflow = state.workflows.get(wid);
  if (workflow === undefined || workflow.status === "finished") return [];
  return [recordDraft(ids, moment, "run_finished", wid, cause, {})];
}
