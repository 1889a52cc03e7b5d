import { assertNever, must } from "../../base/assert.ts";
import type { Sha256 } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { type PlanStep, planHash, type RollbackAuthority } from "./rollback-claims.ts";
import type { RollbackPlan } from "./rollback-plan.ts";
import {
  CONFIRM_WITHIN_S,
  GATEWAY_SILENT,
  isFinished,
  type RollbackEvent,
  type RollbackOutput,
  type RollbackRequested,
  type RollbackState,
  residuesOf,
  type StepState,
} from "./rollback-state.ts";
import { closeAtGateway, closeStep, endSteps, expireSteps, startSteps, stopSteps } from "./rollback-steps.ts";

/** What an event leads to. The same state: nothing happened, nothing is logged. */
export interface RollbackDecision {
  readonly state: RollbackState;
  readonly outputs: readonly RollbackOutput[];
}

/** What an operator asks to begin: the plan as it is made now, and the digest of the one that was approved. */
export interface RollbackCommand {
  readonly rbId: string;
  readonly wid: string;
  readonly plan: RollbackPlan;
  readonly approvedHash: string;
  readonly bestEffort: boolean;
  readonly authority: RollbackAuthority | null;
  readonly reason: string;
  readonly deadlineS: number;
  readonly atS: number;
}

/**
 * The first event of a rollback, from a plan made at this moment. Refusals: `rollback_denied` without authority (CAS-S4),
 * `rollback_plan_changed` when what would be done is not what was approved, `rollback_irreversible` (CAS-15).
 */
export function requestRollback(command: RollbackCommand, sha256: Sha256): Result<RollbackRequested, Refusal> {
  const { plan, authority, approvedHash, bestEffort, ...rest } = command;
  if (authority === null) return err(refusal("rollback_denied", "nothing that was shown allows this rollback"));
  const hash = planHash(plan.steps, sha256);
  if (!hash.ok) return hash;
  if (hash.value !== approvedHash) return err(planChanged());
  const { impossible } = plan.report;
  if (impossible.length > 0 && !bestEffort)
    return err(
      refusal("rollback_irreversible", "all or nothing was asked for", { tasks: impossible.map(({ task }) => task) }),
    );
  return ok({
    kind: "requested",
    ...rest,
    authority,
    bestEffort,
    planHash: hash.value,
    steps: plan.steps,
    writes: plan.writes,
    tell: plan.tell,
    checkpoints: plan.checkpoints,
    impossible,
  });
}

/**
 * The coordinator (C5): what it knows is what its log holds, so that after a crash the same events lead to the same state
 * and `outstandingOf` says what to send again. An event that was taken already, or comes too late to matter, changes
 * nothing. Refusals: `rollback_finished`, `rollback_plan_changed`, `rollback_participant_denied`, `rollback_step_unasked`,
 * `rollback_wrong_phase`, `rollback_residue_changed`.
 */
export function decideRollback(state: RollbackState | null, event: RollbackEvent): Result<RollbackDecision, Refusal> {
  if (event.kind === "requested") return state === null ? ok(begin(event)) : askedAgain(state, event);
  if (state === null) return err(wrongPhase("nothing was asked for"));
  switch (event.kind) {
    case "answered":
      return answered(state, event);
    case "execute":
      if (state.phase === "executing") return unchanged(state);
      if (state.phase !== "ready") return err(wrongPhase("it is not ready"));
      return ok(started(state, event.atS));
    case "result":
    case "manual":
      return result(state, event);
    case "found":
      return found(state, event);
    case "abort":
      return aborted(state, event);
    case "confirm":
      return confirmed(state, event);
    case "acknowledged":
      return acknowledged(state, event);
    case "tick":
      return ok(ticked(state, event.atS));
    default:
      return assertNever(event, "event of a rollback");
  }
}

/** Folds logged events; every one of them was decided before, so none can be refused. */
export function foldRollback(events: readonly RollbackEvent[]): RollbackState | null {
  return events.reduce<RollbackState | null>((state, event) => {
    const decided = decideRollback(state, event);
    return must(decided.ok ? decided.value.state : null, "a logged event is taken again");
  }, null);
}

/** Everything that is owed now, to be sent again after a crash or when an answer does not come. */
export function outstandingOf(state: RollbackState): RollbackOutput[] {
  const agents = Object.keys(state.answers);
  const last = (phase: "abort" | "confirm"): RollbackOutput[] =>
    agents.filter((to) => !state.acknowledged.includes(to)).map((to) => ({ kind: "send", to, phase }));
  switch (state.phase) {
    case "preparing":
      return agents
        .filter((to) => state.answers[to] === null)
        .map((to): RollbackOutput => ({ kind: "send", to, phase: "prepare" }));
    case "ready":
      return [{ kind: "proceed", word: "execute" }];
    case "executing":
      return asking(
        state,
        state.request.steps.filter((_, index) => state.steps[index]?.status === "open"),
      );
    case "completed":
      return [{ kind: "proceed", word: "confirm" }];
    case "partial":
    case "failed":
    case "refused":
    case "aborted":
      return last("abort");
    case "confirmed":
      return last("confirm");
    default:
      return assertNever(state.phase, "phase of a rollback");
  }
}

type EventOf<K extends RollbackEvent["kind"]> = Extract<RollbackEvent, { kind: K }>;

const planChanged = (): Refusal => refusal("rollback_plan_changed", "this is not the plan that was approved");
const wrongPhase = (detail: string): Refusal => refusal("rollback_wrong_phase", detail);
const finished = (): Refusal => refusal("rollback_finished", "this rollback is over");
const unchanged = (state: RollbackState): Result<RollbackDecision, Refusal> => ok({ state, outputs: [] });

function begin(request: RollbackRequested): RollbackDecision {
  const agents = new Set(
    request.steps.flatMap(({ method, agent, gateway }) =>
      method === "skip" ? [] : gateway === undefined ? [agent] : [agent, gateway],
    ),
  );
  const state: RollbackState = {
    request,
    phase: agents.size === 0 ? "ready" : "preparing",
    answers: Object.fromEntries([...agents].map((agent) => [agent, null])),
    steps: request.steps.map(({ depends_on }): StepState => {
      const none = {
        sinceS: null,
        code: null,
        residue: [],
        restoredHash: null,
        foundHash: null,
        compensation: null,
        said: null,
      };
      return { status: "waiting", left: depends_on.length, ...none };
    }),
    open: 0,
    stopped: null,
    revision: 0,
    endedS: null,
    lapsed: false,
    confirmedBy: null,
    acknowledged: [],
  };
  return { state, outputs: outstandingOf(state) };
}

/** CAS-S4: the same request again changes nothing; a finished one is refused, and so is another plan under its id. */
function askedAgain(state: RollbackState, event: RollbackRequested): Result<RollbackDecision, Refusal> {
  if (isFinished(state.phase) || event.rbId !== state.request.rbId) return err(finished());
  return event.planHash === state.request.planHash ? unchanged(state) : err(planChanged());
}

function answered(state: RollbackState, event: EventOf<"answered">): Result<RollbackDecision, Refusal> {
  const { agent, status, code = null } = event;
  if (!Object.hasOwn(state.answers, agent))
    return err(refusal("rollback_participant_denied", "not a participant of this rollback"));
  if (state.phase !== "preparing" || state.answers[agent] !== null) return unchanged(state);
  if (event.planHash !== state.request.planHash) return err(planChanged());
  const next = { ...state, answers: { ...state.answers, [agent]: { status, code } } };
  return ok(Object.values(next.answers).includes(null) ? { state: next, outputs: [] } : prepared(next));
}

/** All have answered, or the deadline is over: all ready, or as many as there are when the best effort is enough. */
function prepared(state: RollbackState): RollbackDecision {
  const answers = Object.values(state.answers);
  const ready = answers.filter((answer) => answer?.status === "ready").length;
  const go = state.request.bestEffort ? ready > 0 || answers.length === 0 : ready === answers.length;
  if (go) return withOutstanding({ ...state, phase: "ready" });
  const code = answers.find((answer) => answer?.status === "refused")?.code ?? "rollback_no_answer";
  return withOutstanding({ ...state, phase: "refused", stopped: { code, n: null } });
}

function withOutstanding(state: RollbackState): RollbackDecision {
  return { state, outputs: outstandingOf(state) };
}

function started(state: RollbackState, atS: number): RollbackDecision {
  return goOn(startSteps({ ...state, phase: "executing" }, atS), atS);
}

function result(state: RollbackState, event: EventOf<"result"> | EventOf<"manual">): Result<RollbackDecision, Refusal> {
  const step = state.request.steps[event.n - 1];
  const held = state.steps[event.n - 1];
  if (step === undefined || held === undefined)
    return err(refusal("rollback_step_unasked", "the plan has no such step"));
  if (event.kind === "result" && event.agent === step.gateway) return atGateway(state, step, held, event);
  const byHand = step.method === "manual";
  if (byHand !== (event.kind === "manual") || (event.kind === "result" && event.agent !== step.agent))
    return err(refusal("rollback_participant_denied", "this step is somebody else's"));
  if (isFinished(state.phase)) return err(finished());
  if (held.status === "waiting" || held.status === "blocked" || held.status === "not_run")
    return err(refusal("rollback_step_unasked", "this step was not asked for", { tasks: [step.task] }));
  // What was taken for unknown may become known; everything else was answered once (CAS-17).
  if ((held.status !== "open" && held.status !== "timeout") || held.said !== null) return unchanged(state);
  return ok(goOn(closeStep(state, step, event), event.atS));
}

/** CAS-37: only what was undone is taken in. What was taken for unanswered may be answered late; all else counts once. */
function atGateway(
  state: RollbackState,
  step: PlanStep,
  { status, said, code }: StepState,
  event: EventOf<"result">,
): Result<RollbackDecision, Refusal> {
  if (isFinished(state.phase)) return err(finished());
  if (said === null)
    return err(refusal("rollback_step_unasked", "this step is not undone yet", { tasks: [step.task] }));
  if (status !== "open" && code !== GATEWAY_SILENT) return unchanged(state);
  return ok(goOn(closeAtGateway(state, step, event), event.atS));
}

/** After something changed about the steps: what is asked for next, or how it ends. */
function goOn(
  { state, opened }: { readonly state: RollbackState; readonly opened: readonly PlanStep[] },
  atS: number,
): RollbackDecision {
  if (state.phase !== "executing") return { state, outputs: [] };
  if (state.open > 0) return { state, outputs: asking(state, opened) };
  const ended = { ...endSteps(state), endedS: atS };
  const phase = outcomeOf(ended);
  const over: RollbackState = { ...ended, phase };
  if (phase === "completed") return withOutstanding(over);
  const code = phase === "partial" ? "rollback_partial" : "rollback_failed";
  return { state: over, outputs: [{ kind: "signal", code }, ...outstandingOf(over)] };
}

/** All undone and nothing left; some of it, as the best effort; or stopped, or nothing at all. */
function outcomeOf(state: RollbackState): "completed" | "partial" | "failed" {
  const residues = residuesOf({ ...state, phase: "partial" });
  if (residues.length === 0 && state.stopped === null) return "completed";
  if (state.stopped !== null || !state.request.bestEffort) return "failed";
  return state.steps.some(({ status }) => status === "done" || status === "partial") ? "partial" : "failed";
}

/** Stands beside the result that follows, which counts only if both say the same. */
function found(state: RollbackState, { n, foundHash }: EventOf<"found">): Result<RollbackDecision, Refusal> {
  const held = state.steps[n - 1];
  if (held === undefined) return err(refusal("rollback_step_unasked", "the plan has no such step"));
  const isTaken = (held.status !== "open" && held.status !== "timeout") || held.said !== null;
  if (isTaken || held.foundHash === foundHash) return unchanged(state);
  const steps = state.steps.map((step, index) => (index === n - 1 ? { ...step, foundHash } : step));
  return ok({ state: { ...state, steps }, outputs: [] });
}

/** Before anything was done it ends without effect; afterwards nothing more is begun, and what is left is told. */
function aborted(
  state: RollbackState,
  { atS, code = "rollback_aborted" }: EventOf<"abort">,
): Result<RollbackDecision, Refusal> {
  if (state.phase === "preparing" || state.phase === "ready")
    return ok(withOutstanding({ ...state, phase: "aborted", stopped: { code, n: null } }));
  if (state.phase !== "executing") return unchanged(state);
  if (state.stopped !== null) return unchanged(state);
  return ok(goOn({ state: stopSteps(state, { code, n: null }), opened: [] }, atS));
}

function confirmed(state: RollbackState, { manual }: EventOf<"confirm">): Result<RollbackDecision, Refusal> {
  if (state.phase === "confirmed") return unchanged(state);
  if (state.phase === "completed") return ok(withOutstanding({ ...state, phase: "confirmed", acknowledged: [] }));
  if (state.phase !== "partial" && state.phase !== "failed") return err(wrongPhase("there is nothing to confirm yet"));
  if (manual === null) return err(wrongPhase("something is left: a person confirms that (CAS-16)"));
  if (manual.revision !== state.revision)
    return err(refusal("rollback_residue_changed", "what is left is not what was shown any more"));
  const confirmedBy = { operator: manual.operator, reason: manual.reason };
  return ok(withOutstanding({ ...state, phase: "confirmed", confirmedBy, acknowledged: [] }));
}

function acknowledged(state: RollbackState, event: EventOf<"acknowledged">): Result<RollbackDecision, Refusal> {
  if (!Object.hasOwn(state.answers, event.agent))
    return err(refusal("rollback_participant_denied", "not a participant of this rollback"));
  const awaited = state.phase === "confirmed" ? "confirm" : "abort";
  const over = isFinished(state.phase) || state.phase === "partial" || state.phase === "failed";
  if (!over || event.phase !== awaited || state.acknowledged.includes(event.agent)) return unchanged(state);
  return ok({ state: { ...state, acknowledged: [...state.acknowledged, event.agent] }, outputs: [] });
}

/** What time alone decides; then what is still owed goes out again. */
function ticked(state: RollbackState, atS: number): RollbackDecision {
  if (state.phase === "preparing" && atS >= state.request.deadlineS) return prepared(state);
  if (state.phase === "executing") {
    const expired = expireSteps(state, atS);
    if (expired.state !== state) return goOn(expired, atS);
  }
  const unconfirmed = (state.phase === "partial" || state.phase === "failed") && !state.lapsed;
  if (unconfirmed && state.endedS !== null && atS - state.endedS >= CONFIRM_WITHIN_S)
    return {
      state: { ...state, lapsed: true },
      outputs: [{ kind: "signal", code: "rollback_unconfirmed" }, ...outstandingOf(state)],
    };
  return withOutstanding(state);
}

/**
 * One request to each participant for all that it may do now, and one question for each step that a person takes. What is
 * undone goes to its domain's gateway.
 */
function asking(state: RollbackState, steps: readonly PlanStep[]): RollbackOutput[] {
  const byAgent = new Map<string, number[]>();
  const questions: RollbackOutput[] = [];
  for (const { n, agent, method, gateway = "" } of steps) {
    const step = state.steps[n - 1];
    if (step?.status !== "open") continue;
    const to = step.said === null ? agent : gateway;
    if (method === "manual" && step.said === null) questions.push({ kind: "ask", n });
    else byAgent.set(to, [...(byAgent.get(to) ?? []), n]);
  }
  const sends = [...byAgent].map(([to, numbers]): RollbackOutput => {
    return { kind: "send", to, phase: "execute", steps: numbers };
  });
  return [...sends, ...questions];
}
