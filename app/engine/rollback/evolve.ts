import { CHECKPOINT_ACT, placeOf, placesOf, readCheckpoint } from "../../protocol/cascade/checkpoint.ts";
import { decideRollback } from "../../protocol/cascade/rollback-coordinator.ts";
import type { RollbackEvent, RollbackOutput, RollbackRequested } from "../../protocol/cascade/rollback-state.ts";
import { isFinished } from "../../protocol/cascade/rollback-state.ts";
import { rollbackParamsSchema } from "../../protocol/override/params.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import type { State } from "../state.ts";
import { withoutJoins } from "../workflow/held-ects.ts";
import { movedEvent } from "./moved.ts";
import { plannedSchema, readPlanText } from "./plan-text.ts";
import { evolveResidueHandling } from "./residue-handling.ts";
import { orderEvent, resultEvent } from "./rollback-events.ts";
import type { RollbackRecord } from "./rollback-record.ts";

/** Everything of the log that bears on rollbacks: orders, plans, the coordinator's words, answers, checkpoints. */
export function evolveRollback(state: State, logged: LoggedFact): void {
  const { fact } = logged;
  if (fact.typ === "override+jwt") {
    if (fact.claims.action === "rollback") ordered(state, logged, fact);
  } else if (fact.typ === "record+jwt") {
    if (fact.claims.kind === "rollback_planned") planned(state, logged, fact);
    else if (fact.claims.kind === "rollback_moved") movedOn(state, logged, fact);
  } else if (fact.typ === "rollback-request+jwt") asked(state, logged, fact);
  else if (fact.typ === "rollback-result+jwt") answered(state, logged, fact);
  else if (fact.typ === "residue-handling+jwt") evolveResidueHandling(state, logged, fact);
  else if (fact.typ === "exec+jwt") ect(state, logged, fact);
}

function ordered(state: State, logged: LoggedFact, { claims }: FactOf<"override+jwt">): void {
  const params = rollbackParamsSchema.safeParse(claims.params);
  if (!params.success) return;
  state.rollbacks.set(claims.jti, {
    rbId: claims.jti,
    wid: claims.scope.id,
    seq: logged.seq,
    at: logged.receivedAt,
    by: claims.iss,
    target: params.data.target,
    keepTarget: params.data.keep_target ?? false,
    bestEffort: params.data.best_effort,
    reason: claims.reason,
    authority: { typ: "override+jwt", id: claims.jti, hash: logged.digest },
    text: "",
    run: null,
    owed: [],
    steps: new Map(),
    residues: new Map(),
    endedAt: null,
  });
}

/** The last piece of a plan begins the rollback. */
function planned(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const piece = plannedSchema.safeParse(claims.data);
  const rollback = piece.success ? state.rollbacks.get(piece.data.rb_id) : undefined;
  if (!piece.success || rollback === undefined || rollback.run !== null) return;
  rollback.text += piece.data.text;
  if (piece.data.part < piece.data.parts - 1) return;
  const plan = readPlanText(rollback.text);
  rollback.text = "";
  if (plan === null) return;
  const requested: RollbackRequested = {
    kind: "requested",
    rbId: rollback.rbId,
    wid: rollback.wid,
    planHash: piece.data.plan_hash,
    ...plan,
    bestEffort: rollback.bestEffort,
    authority: rollback.authority,
    reason: rollback.reason,
    atS: logged.receivedAt,
  };
  leaveDependants(state, rollback, requested);
  take(rollback, logged, requested);
}

/** Of the tasks under way those that follow what is undone, or would write where it is restored, are held with the rest. */
function leaveDependants(state: State, rollback: RollbackRecord, { steps, writes }: RollbackRequested): void {
  const workflow = state.workflows.get(rollback.wid);
  const finishing = state.overrides.get(rollback.rbId)?.finishing;
  if (workflow === undefined || finishing === undefined) return;
  const undone = new Set(steps.map(({ task }) => task));
  const written = placesTaken(writes.flat());
  for (const jti of finishing) {
    const task = workflow.tasks.get(jti);
    const pred = withoutJoins(workflow.ects, task?.intent?.pred ?? []);
    const meets = task?.status !== "effect" && (task?.intent?.needs?.resources ?? []).some(written);
    if (meets || [...pred].some((before) => undone.has(before))) finishing.delete(jti);
  }
}

/** Whether a resource is one of these, or lies above or below one. */
function placesTaken(resources: readonly string[]): (resource: string) => boolean {
  const at = new Set(resources.map(placeOf));
  const under = new Set(resources.flatMap(placesOf));
  return (resource) => under.has(placeOf(resource)) || placesOf(resource).some((place) => at.has(place));
}

function movedOn(state: State, logged: LoggedFact, { claims }: FactOf<"record+jwt">): void {
  const rollback = state.rollbacks.get(String(claims.data.rb_id));
  if (rollback === undefined) return;
  const { event } = claims.data;
  if (event === "signal") rollback.owed = rollback.owed.filter(({ kind }) => kind !== "signal");
  else {
    if (event !== "tick" && event !== "found") rollback.owed = rollback.owed.filter(({ kind }) => kind !== "proceed");
    const taken = movedEvent(claims.data, logged.receivedAt);
    if (taken !== null) take(rollback, logged, taken);
  }
}

/** A person's abort or confirmation; or the coordinator's own request, by which what it owed is stated. */
function asked(state: State, logged: LoggedFact, { claims }: FactOf<"rollback-request+jwt">): void {
  const rollback = state.rollbacks.get(claims.rb_id);
  if (rollback === undefined) return;
  if (isHuman(claims.iss)) {
    const event = orderEvent(claims, logged.receivedAt);
    if (event !== null) take(rollback, logged, event);
    return;
  }
  const told = new Set(claims.aud);
  rollback.owed = rollback.owed.filter(
    (output) => output.kind !== "send" || output.phase !== claims.phase || !told.has(output.to),
  );
}

function answered(state: State, logged: LoggedFact, { claims }: FactOf<"rollback-result+jwt">): void {
  const rollback = state.rollbacks.get(claims.rb_id);
  if (rollback === undefined) return;
  const event = resultEvent(claims, logged.receivedAt);
  const atGateway = rollback.run?.request.steps[(claims.n ?? 0) - 1]?.gateway === claims.iss;
  if (claims.n !== undefined)
    rollback.steps.set(claims.n, {
      entry: logged.seq,
      at: logged.receivedAt,
      operator: isHuman(claims.iss) ? claims.iss : atGateway ? (rollback.steps.get(claims.n)?.operator ?? null) : null,
      ect: rollback.steps.get(claims.n)?.ect ?? null,
    });
  take(rollback, logged, event);
}

/** What is in the log was decided before: it is taken, or was a repetition that changes nothing. */
function take(rollback: RollbackRecord, logged: LoggedFact, event: RollbackEvent): void {
  const decided = decideRollback(rollback.run, event);
  if (!decided.ok) return;
  rollback.run = decided.value.state;
  rollback.owed = [...rollback.owed, ...decided.value.outputs.filter(isStated)];
  const { phase } = rollback.run;
  const over = isFinished(phase) || phase === "completed" || phase === "partial" || phase === "failed";
  if (over) rollback.endedAt ??= logged.receivedAt;
}

/** What a person is asked follows from the state; everything else is put into the log. */
const isStated = ({ kind }: RollbackOutput): boolean => kind !== "ask";

function ect(state: State, logged: LoggedFact, { claims }: FactOf<"exec+jwt">): void {
  if (claims.exec_act === CHECKPOINT_ACT && claims.wid !== undefined) {
    const read = readCheckpoint(claims);
    if (!read.ok || state.checkpoints.has(read.value.ckptId)) return;
    const placed = { ...read.value, position: logged.seq, wid: claims.wid, at: logged.receivedAt };
    state.checkpoints.set(read.value.ckptId, placed);
    return;
  }
  if (claims.exec_act !== "rollback_result") return;
  const { rb_id: rbId, n } = claims.ect_ext ?? {};
  const step = typeof n === "number" ? state.rollbacks.get(String(rbId))?.steps.get(n) : undefined;
  if (step !== undefined) step.ect = claims.jti;
}
