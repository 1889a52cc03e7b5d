import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { rollbackResultEct } from "../../protocol/cascade/rollback-compensation.ts";
import { decideRollback } from "../../protocol/cascade/rollback-coordinator.ts";
import type { RollbackEvent, RollbackState, StepResult, StepState } from "../../protocol/cascade/rollback-state.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Command, Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { MAY_RELEASE, roleProblem } from "../identity/roles.ts";
import { type HostIds, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { movedDraft } from "./consequences.ts";
import { pepEct, UNDO_ECT_LIFETIME_S } from "./pep-ect.ts";
import { orderEvent, resultEvent, stepResult } from "./rollback-events.ts";
import type { RollbackRecord } from "./rollback-record.ts";

/** Oldest authentication an abort or a confirmation may rest on, seconds: as that of the order (OVR-S5). */
const AUTH_AGE_S = 300;

function rollbackOf(
  state: State,
  rbId: string,
): Result<{ readonly rollback: RollbackRecord; readonly run: RollbackState }, Refusal> {
  const rollback = state.rollbacks.get(rbId);
  return rollback === undefined || rollback.run === null
    ? err(refusal("rollback_unknown", "no such rollback in this log", { claim: "rb_id" }))
    : ok({ rollback, run: rollback.run });
}

/** Whether an event of this rollback would be taken, and changes anything: what changes nothing is not logged. */
function tried(run: RollbackState, event: RollbackEvent): Refusal | null {
  const decided = decideRollback(run, event);
  if (!decided.ok) return decided.error;
  return decided.value.state === run
    ? refusal("rollback_known", "this was said before, or comes too late to change anything")
    : null;
}

/** What a participant answers, or a person did by hand (C5); the ECT that says how the step ended comes with it. */
export function decideRollbackResult(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"rollback-result+jwt">,
  ids: HostIds,
  moment: Moment,
  foundHash: string | null,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const found = rollbackOf(state, claims.rb_id);
  if (!found.ok) return found;
  const { rollback, run } = found.value;
  if (claims.plan_hash !== run.request.planHash)
    return err(refusal("rollback_plan_changed", "this is not the plan that was approved", { claim: "plan_hash" }));
  const denied = isHuman(claims.iss) ? handProblem(state, claims.iss, claims.phase, moment.nowS) : null;
  const event = resultEvent(claims, moment.nowS);
  const problem = denied ?? stepProblem(state, run, claims) ?? tried(run, event);
  if (problem !== null) return err(problem);
  const { n, task } = claims;
  if (n === undefined || task === undefined) return ok([tokenDraft(token, fact)]);
  const seen = foundHash === null ? [] : [movedDraft(rollback, "found", { n, found_hash: foundHash }, ids, moment)];
  const over = foundHash === null ? run : stateAfter(run, { kind: "found", n, foundHash, atS: moment.nowS });
  const step = must(stateAfter(over, event).steps[n - 1], "a step of the plan");
  // Undone, and its domain's gateway is asked now: how it ended is not known yet (CAS-37).
  if (step.status === "open") return ok([...seen, tokenDraft(token, fact)]);
  const envelope = {
    iss: ids.pepId,
    aud: [ids.logId],
    wid: rollback.wid,
    jti: moment.uuid(),
    iat: moment.nowS,
    lifetimeS: UNDO_ECT_LIFETIME_S,
    rbId: rollback.rbId,
  };
  const ended = step.said === null ? stepResult(claims) : endOf(step);
  const ect = rollbackResultEct(envelope, task, nodeJti(rollback.rbId), ended);
  return ok([...seen, tokenDraft(token, fact), pepEct({ ...ect, ect_ext: { ...ect.ect_ext, n } })]);
}

const stateAfter = (run: RollbackState, event: RollbackEvent): RollbackState => {
  const decided = decideRollback(run, event);
  return decided.ok ? decided.value.state : run;
};

/** How a step ended that its domain's gateway had to take in: by what was made of both their words, and no more of its own. */
const endOf = ({ status, residue, compensation }: StepState): StepResult => ({
  status: status === "done" ? "done" : "partial",
  residue,
  ...(compensation === null ? {} : { compensation }),
});

function handProblem(state: State, person: string, phase: string, nowS: number): Refusal | null {
  if (phase !== "execute")
    return refusal("rollback_participant_denied", "a person answers for a step they did by hand, and for nothing else");
  return roleProblem(state, person, MAY_RELEASE, nowS, { code: "rollback_denied", what: "undoing by hand" });
}

/** A result is of the step it numbers; what is compensated has its compensation in the log (ECT-44, CAS-18). */
function stepProblem(
  state: State,
  run: RollbackState,
  claims: FactOf<"rollback-result+jwt">["claims"],
): Refusal | null {
  const { n, task, status, compensation } = claims;
  if (n === undefined) return null;
  const step = run.request.steps[n - 1];
  if (step === undefined || step.task !== task)
    return refusal("rollback_step_unasked", "the plan has no such step of this task", { claim: "n" });
  const undone = status === "done" || status === "partial";
  // Its domain's gateway has it in its log, and undoes nothing itself.
  if (claims.iss === step.gateway) return null;
  if (compensation === undefined)
    return step.method === "compensate" && undone
      ? refusal("compensation_missing", "what is compensated names its compensation (ECT-44)", {
          claim: "compensation",
        })
      : null;
  const ect = state.workflows.get(run.request.wid)?.ects.get(compensation);
  return ect?.execAct === "compensate" && ect.iss === claims.iss && ect.pred.includes(step.task)
    ? null
    : refusal("compensation_missing", "no compensation of this task by this agent is in the log", {
        claim: "compensation",
      });
}

/** A person has nothing more begun, or confirms what is left (CAS-16, CAS-26). All other requests are the coordinator's. */
export function decideRollbackRequest(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"rollback-request+jwt">,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const event = isHuman(claims.iss) ? orderEvent(claims, moment.nowS) : null;
  if (event === null)
    return err(refusal("rollback_denied", "a person aborts or confirms; the rest is asked by the coordinator"));
  const found = rollbackOf(state, claims.rb_id);
  if (!found.ok) return found;
  const { rollback, run } = found.value;
  const denied =
    roleProblem(state, claims.iss, MAY_RELEASE, moment.nowS, {
      code: "rollback_denied",
      what: `this ${claims.phase}`,
    }) ??
    freshProblem(claims.auth_time, moment.nowS) ??
    sameProblem(rollback, run, claims) ??
    tried(run, event);
  return denied === null ? ok([tokenDraft(token, fact)]) : err(denied);
}

function freshProblem(authTime: number | undefined, nowS: number): Refusal | null {
  const fresh = authTime !== undefined && authTime <= nowS + 30 && nowS - authTime <= AUTH_AGE_S;
  return fresh
    ? null
    : refusal("rollback_denied", "the operator's authentication is too old for this: authenticate again", {
        claim: "auth_time",
      });
}

function sameProblem(
  rollback: RollbackRecord,
  run: RollbackState,
  claims: FactOf<"rollback-request+jwt">["claims"],
): Refusal | null {
  if (claims.plan_hash !== run.request.planHash)
    return refusal("rollback_plan_changed", "this is not the plan that was approved", { claim: "plan_hash" });
  const { authority, wid } = rollback;
  return claims.wid === wid && claims.authority.id === authority.id && claims.authority.hash === authority.hash
    ? null
    : refusal("object_hash_mismatch", "it names another order than the one that began this rollback", {
        claim: "authority",
      });
}

/** Time has passed: what it decides is logged; `again` sends what is owed once more, after a crash or without an answer. */
export function decideRollbackTick(
  state: State,
  command: Extract<Command, { kind: "rollback_tick" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const found = rollbackOf(state, command.rbId);
  if (!found.ok) return found;
  const { rollback, run } = found.value;
  const decided = decideRollback(run, { kind: "tick", atS: moment.nowS });
  if (!decided.ok) return decided;
  const sends = decided.value.outputs.some(({ kind }) => kind === "send");
  if (decided.value.state === run && !(command.again && sends)) return err(refusal("rollback_known", "nothing is due"));
  return ok([movedDraft(rollback, "tick", {}, ids, moment)]);
}
