import { utf8 } from "../../base/bytes.ts";
import { MAX_INLINE_STEPS, type PlanStep, type RollbackRequestClaims } from "../../protocol/cascade/rollback-claims.ts";
import { isFinished, type RollbackOutput, type RollbackState } from "../../protocol/cascade/rollback-state.ts";
import type { Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { State } from "../state.ts";
import type { MovedWord } from "./moved.ts";
import { endingStop } from "./newer-stop.ts";
import type { RollbackRecord } from "./rollback-record.ts";

/** Seconds a request travels at most (cascade.md section b). */
const LIFETIME_S = 300;
/** So many a token names: agents' ids are long, and a token is short. */
const MAX_TOLD = 40;
const MAX_ASKED = 500;
/** Bytes of claims that fit a token beside its header and signature (CTV 1). */
const MAX_CLAIMS = 11_900;
/** Bytes of a reason that leave room in a request for all else: 2000 characters of any script [ours]. */
export const MAX_REASON_BYTES = 8000;

export const bytesOf = (value: unknown): number => utf8(JSON.stringify(value)).length;

/**
 * What a rollback leads to, stated in the same frame: the coordinator's words and its requests are in the log before
 * anything goes out (CAS-25). A rollback that is over goes on holding its workflow as a pause (override.md section c).
 */
export function rollbackConsequences(state: State, ids: HostIds, moment: Moment): Draft[] {
  return [...state.rollbacks.values()].flatMap((rollback) => {
    const { run, owed } = rollback;
    if (run === null) return [];
    const stop = endingStop(state, rollback, run);
    if (stop !== null) return [movedDraft(rollback, "stopped", { signal: stop }, ids, moment)];
    const signal = state.overrides.get(rollback.rbId);
    const over =
      signal?.inForce === true && !signal.lapsed && isFinished(run.phase)
        ? [
            recordDraft(
              ids,
              moment,
              "override_ended",
              rollback.wid,
              { jti: rollback.rbId },
              { signal: rollback.rbId, action: "rollback", to: isOver(state, rollback.wid) ? "ended" : "paused" },
            ),
          ]
        : [];
    return owed.length === 0 ? over : [...owedDrafts(rollback, run, ids, moment), ...over];
  });
}

/** Of what has finished nothing is left to hold. */
const isOver = (state: State, wid: string): boolean => state.workflows.get(wid)?.status === "finished";

/** The coordinator's word about a rollback, as a record. */
export function movedDraft(
  rollback: Pick<RollbackRecord, "rbId" | "wid">,
  word: MovedWord,
  more: Readonly<Record<string, string | number>>,
  ids: HostIds,
  moment: Moment,
): Draft {
  const cause =
    word === "tick" ? { timer: "rollback", of: rollback.rbId } : ({ jti: rollback.rbId } satisfies { jti: string });
  return recordDraft(ids, moment, "rollback_moved", rollback.wid, cause, {
    rb_id: rollback.rbId,
    event: word,
    ...more,
  });
}

function owedDrafts(rollback: RollbackRecord, run: RollbackState, ids: HostIds, moment: Moment): Draft[] {
  const drafts: Draft[] = [];
  const told = { prepare: new Set<string>(), abort: new Set<string>(), confirm: new Set<string>() };
  const request = (aud: readonly string[], more: Pick<RollbackRequestClaims, "phase" | "plan" | "steps">): void => {
    drafts.push({
      kind: "sign",
      as: "pep",
      fact: { typ: "rollback-request+jwt", claims: requestClaims(rollback, run, aud, more, ids, moment) },
    });
  };
  // What every request has beside those it is for, its steps and the plan.
  const least = requestClaims(rollback, run, [], { phase: "prepare" }, ids, { ...moment, uuid: () => rollback.rbId });
  const room = MAX_CLAIMS - bytesOf(least);
  for (const output of rollback.owed) {
    if (output.kind === "proceed") drafts.push(movedDraft(rollback, output.word, {}, ids, moment));
    else if (output.kind === "signal") drafts.push(movedDraft(rollback, "signal", { code: output.code }, ids, moment));
    else if (output.kind === "send" && output.phase !== "execute") told[output.phase].add(output.to);
    else if (output.kind === "send")
      for (const steps of chunks(stepsOf(output), MAX_ASKED, room - bytesOf([output.to])))
        request([output.to], { phase: "execute", steps });
  }
  for (const phase of ["prepare", "abort", "confirm"] as const) {
    const plan = phase === "prepare" ? inlinePlan(run.request.steps, room - bytesOf([...told.prepare])) : {};
    for (const aud of chunks([...told[phase]], MAX_TOLD, room - bytesOf(plan))) request(aud, { phase, ...plan });
  }
  return drafts;
}

const stepsOf = (output: RollbackOutput): readonly number[] => ("steps" in output ? output.steps : []);

/** The plan itself where there is room for it; else it goes beside the token, which names it by its digest (COM-11). */
function inlinePlan(steps: readonly PlanStep[], room: number): { plan?: PlanStep[] } {
  if (steps.length > MAX_INLINE_STEPS) return {};
  const inline = { plan: [...steps] };
  return bytesOf(inline) <= room ? inline : {};
}

function requestClaims(
  rollback: RollbackRecord,
  run: RollbackState,
  aud: readonly string[],
  more: Pick<RollbackRequestClaims, "phase" | "plan" | "steps">,
  ids: HostIds,
  moment: Moment,
): RollbackRequestClaims {
  return {
    iss: ids.pepId,
    // The log holds no token that is not addressed to its host as well.
    aud: [...aud, ids.pepId],
    iat: moment.nowS,
    exp: moment.nowS + LIFETIME_S,
    jti: moment.uuid(),
    rb_id: rollback.rbId,
    wid: rollback.wid,
    target: rollback.target,
    keep_target: rollback.keepTarget,
    plan_hash: run.request.planHash,
    reason: rollback.reason,
    authority: rollback.authority,
    deadline: Math.max(run.request.deadlineS, moment.nowS + 1),
    best_effort: rollback.bestEffort,
    ...more,
  };
}

/** Parts of at most so many items and bytes. */
function chunks<T>(items: readonly T[], size: number, room: number): T[][] {
  const parts: T[][] = [];
  let left = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    const part = parts.at(-1);
    if (part === undefined || part.length === size || bytes > left) {
      parts.push([item]);
      left = room - bytes;
    } else {
      part.push(item);
      left -= bytes;
    }
  }
  return parts;
}
