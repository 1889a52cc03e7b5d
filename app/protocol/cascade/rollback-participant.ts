import { assertNever } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { PlanStep } from "./rollback-claims.ts";
import { CONFIRM_WITHIN_S, type StepResult } from "./rollback-state.ts";

/**
 * `locked`: ready, and holding what its steps write. `stopping`: something was done here, nothing more is begun, the locks
 * stay until somebody confirms. The rest is over.
 */
export type ParticipantPhase = "locked" | "stopping" | "refused" | "aborted" | "confirmed" | "released";

/** A checkpoint as its holder finds it now. */
export interface HeldCheckpoint {
  readonly ckptId: string;
  /** Digest stated when it was made. */
  readonly hash: string;
  /** Digest of what the store holds now; null when it cannot be read. */
  readonly storedHash: string | null;
  readonly usableUntilS: number;
}

/** A fold of events, plain data. */
export interface ParticipantState {
  readonly rbId: string;
  readonly planHash: string | null;
  readonly phase: ParticipantPhase;
  readonly code: string | null;
  /** Its own steps, by number. */
  readonly steps: readonly PlanStep[];
  readonly usableUntilS: Readonly<Record<string, number>>;
  /** What it holds for this rollback. Told by the state and by nothing else, so that no crash leaves a lock behind. */
  readonly locks: readonly string[];
  readonly underway: readonly number[];
  /** Whether a step was ever begun here. */
  readonly begun: boolean;
  readonly results: Readonly<Record<number, StepResult>>;
  /** Since when nobody has said anything, seconds. */
  readonly quietSinceS: number;
}

/** What reaches a participant: requests of verified tokens, what it finds out itself, and the outcome of its own work. */
export type ParticipantEvent =
  | {
      readonly kind: "prepare";
      readonly rbId: string;
      readonly planHash: string;
      /** Digest of the plan as it came, computed here. */
      readonly computedHash: string;
      readonly steps: readonly PlanStep[];
      readonly writes: readonly string[];
      /** Whether the authority that the request names was verified here (CAS-S4). */
      readonly authorized: boolean;
      /** Another rollback that holds some of it. */
      readonly lockedBy: string | null;
      readonly checkpoints: readonly HeldCheckpoint[];
      readonly deadlineS: number;
      readonly atS: number;
    }
  | {
      readonly kind: "execute";
      readonly rbId: string;
      readonly planHash: string;
      readonly steps: readonly number[];
      readonly atS: number;
    }
  | ({ readonly kind: "performed"; readonly n: number; readonly atS: number } & StepResult)
  | { readonly kind: "abort"; readonly rbId: string; readonly atS: number }
  | { readonly kind: "confirm"; readonly rbId: string; readonly planHash: string; readonly atS: number }
  | { readonly kind: "tick"; readonly atS: number };

export type ParticipantOutput =
  /** To be done once for each key, however often it is asked for (CAS-17): a second time its outcome is told again. */
  | { readonly kind: "perform"; readonly key: string; readonly step: PlanStep }
  | {
      readonly kind: "reply";
      readonly phase: "prepare";
      readonly status: "ready" | "refused";
      readonly code: string | null;
    }
  | { readonly kind: "reply"; readonly phase: "execute"; readonly n: number; readonly result: StepResult }
  | {
      readonly kind: "reply";
      readonly phase: "abort" | "confirm";
      readonly status: "done" | "failed";
      readonly code: string | null;
    }
  /** A failure signal: like a commit that nobody confirmed (C5). */
  | { readonly kind: "signal"; readonly code: "rollback_unconfirmed" };

export interface ParticipantDecision {
  readonly state: ParticipantState;
  readonly outputs: readonly ParticipantOutput[];
}

/**
 * A participant in one rollback (C5). It keeps what it has done, so that the same request has the same answer, and a
 * finished `rb_id` does nothing any more (CAS-S4). Refusals of what is no request to it: `rollback_finished`,
 * `rollback_plan_changed`, `rollback_step_unasked`, `rollback_unprepared`.
 */
export function decideParticipant(
  state: ParticipantState | null,
  event: ParticipantEvent,
): Result<ParticipantDecision, Refusal> {
  if (event.kind === "prepare") return state === null ? ok(prepare(event)) : preparedAgain(state, event);
  if (state === null) return unprepared(event);
  switch (event.kind) {
    case "execute":
      return execute(state, event);
    case "performed":
      return performed(state, event);
    case "abort":
      return ok(abort(state, event.atS));
    case "confirm":
      return confirm(state, event.planHash);
    case "tick":
      return ok(tick(state, event.atS));
    default:
      return assertNever(event, "event of a participant");
  }
}

/** What goes on after a crash: work that was begun and whose outcome is not known here. */
export function outstandingWork(state: ParticipantState): ParticipantOutput[] {
  return state.steps.filter(({ n }) => state.underway.includes(n)).map((step) => perform(state.rbId, step));
}

type EventOf<K extends ParticipantEvent["kind"]> = Extract<ParticipantEvent, { kind: K }>;

const perform = (rbId: string, step: PlanStep): ParticipantOutput => ({
  kind: "perform",
  key: `${rbId}/${step.n}`,
  step,
});
const planChanged = (): Refusal => refusal("rollback_plan_changed", "this is not the plan that was prepared");
const isOver = (phase: ParticipantPhase): boolean => phase !== "locked" && phase !== "stopping";

function prepare(event: EventOf<"prepare">): ParticipantDecision {
  const code = obstacle(event);
  const locks = code === null ? event.writes : [];
  const state: ParticipantState = {
    rbId: event.rbId,
    planHash: event.planHash,
    phase: code === null ? "locked" : "refused",
    code,
    steps: event.steps,
    usableUntilS: Object.fromEntries(event.checkpoints.map(({ ckptId, usableUntilS }) => [ckptId, usableUntilS])),
    locks,
    underway: [],
    begun: false,
    results: {},
    quietSinceS: event.atS,
  };
  const reply: ParticipantOutput = {
    kind: "reply",
    phase: "prepare",
    status: code === null ? "ready" : "refused",
    code,
  };
  return { state, outputs: [reply] };
}

/** Why it is not ready; the checkpoint is compared before (CAS-S5), and an expired one is not used (CAS-21). */
function obstacle(event: EventOf<"prepare">): string | null {
  if (!event.authorized) return "rollback_denied";
  if (event.computedHash !== event.planHash) return "rollback_plan_changed";
  if (event.atS >= event.deadlineS) return "rollback_too_late";
  if (event.lockedBy !== null) return "rollback_locked";
  const held = new Map(event.checkpoints.map((ckpt) => [ckpt.ckptId, ckpt]));
  for (const { method, ckpt_id } of event.steps) {
    if (method !== "restore") continue;
    const ckpt = held.get(ckpt_id ?? "");
    if (ckpt === undefined || ckpt.storedHash === null) return "checkpoint_missing";
    if (event.atS >= ckpt.usableUntilS) return "checkpoint_expired";
    if (ckpt.storedHash !== ckpt.hash) return "rollback_state_mismatch";
  }
  return null;
}

function preparedAgain(state: ParticipantState, event: EventOf<"prepare">): Result<ParticipantDecision, Refusal> {
  if (state.rbId !== event.rbId || (isOver(state.phase) && state.phase !== "refused"))
    return err(refusal("rollback_finished", "this rollback is over"));
  if (state.planHash !== event.planHash) return err(planChanged());
  const status = state.phase === "refused" ? "refused" : "ready";
  const heard = isOver(state.phase) ? state : { ...state, quietSinceS: Math.max(state.quietSinceS, event.atS) };
  return ok({ state: heard, outputs: [{ kind: "reply", phase: "prepare", status, code: state.code }] });
}

/** Without a plan nothing is done; a last word that comes before its prepare is kept, so that the prepare locks nothing. */
function unprepared(event: Exclude<ParticipantEvent, EventOf<"prepare">>): Result<ParticipantDecision, Refusal> {
  if (event.kind !== "abort" && event.kind !== "confirm")
    return err(refusal("rollback_unprepared", "nothing was prepared under this id"));
  const none = { planHash: null, code: null, steps: [], usableUntilS: {}, locks: [], underway: [], begun: false };
  return ok({
    state: { ...none, results: {}, rbId: event.rbId, phase: "aborted", quietSinceS: event.atS },
    outputs: [{ kind: "reply", phase: event.kind, status: "done", code: null }],
  });
}

function execute(state: ParticipantState, event: EventOf<"execute">): Result<ParticipantDecision, Refusal> {
  if (event.planHash !== state.planHash) return err(planChanged());
  const own = new Map(state.steps.map((step) => [step.n, step]));
  const asked = event.steps.map((n) => own.get(n)).filter((step) => step !== undefined);
  if (asked.length < event.steps.length)
    return err(refusal("rollback_step_unasked", "some of these are not its steps"));
  let next = state;
  const outputs: ParticipantOutput[] = [];
  for (const step of asked) {
    const known = next.results[step.n];
    if (known !== undefined) outputs.push({ kind: "reply", phase: "execute", n: step.n, result: known });
    if (known !== undefined || next.underway.includes(step.n)) continue;
    const failed = hindrance(next, step, own, event.atS);
    if (failed === null) {
      next = { ...next, underway: [...next.underway, step.n], begun: true, quietSinceS: event.atS };
      outputs.push(perform(state.rbId, step));
      continue;
    }
    const result: StepResult = { status: "failed", code: failed, residue: [] };
    next = { ...next, results: { ...next.results, [step.n]: result }, quietSinceS: event.atS };
    outputs.push({ kind: "reply", phase: "execute", n: step.n, result });
  }
  return ok({ state: next, outputs });
}

/** Why a step is not begun now. */
function hindrance(
  state: ParticipantState,
  step: PlanStep,
  own: ReadonlyMap<number, PlanStep>,
  atS: number,
): string | null {
  if (state.phase !== "locked") return state.phase === "released" ? "rollback_released" : "rollback_not_ready";
  if (step.ckpt_id !== undefined && atS >= (state.usableUntilS[step.ckpt_id] ?? 0)) return "checkpoint_expired";
  const early = step.depends_on.some((n) => {
    const earlier = own.get(n);
    if (earlier === undefined || earlier.method === "skip" || earlier.method === "manual") return false;
    const status = state.results[n]?.status;
    return status !== "done" && status !== "partial";
  });
  return early ? "rollback_out_of_order" : null;
}

function performed(
  state: ParticipantState,
  { kind: _, n, atS, ...result }: EventOf<"performed">,
): Result<ParticipantDecision, Refusal> {
  const known = state.results[n];
  if (known !== undefined) return ok({ state, outputs: [{ kind: "reply", phase: "execute", n, result: known }] });
  if (!state.underway.includes(n)) return err(refusal("rollback_step_unasked", "this step was not begun"));
  const next: ParticipantState = {
    ...state,
    underway: state.underway.filter((other) => other !== n),
    results: { ...state.results, [n]: result },
    quietSinceS: atS,
  };
  const reply: ParticipantOutput = { kind: "reply", phase: "execute", n, result };
  return ok({ state: isOver(next.phase) ? letGo(next) : next, outputs: [reply] });
}

function abort(state: ParticipantState, atS: number): ParticipantDecision {
  const reply: ParticipantOutput = { kind: "reply", phase: "abort", status: "done", code: null };
  if (state.phase !== "locked") return { state, outputs: [reply] };
  if (state.begun) return { state: { ...state, phase: "stopping", quietSinceS: atS }, outputs: [reply] };
  return { state: letGo({ ...state, phase: "aborted" }), outputs: [reply] };
}

function confirm(state: ParticipantState, hash: string): Result<ParticipantDecision, Refusal> {
  const reply = (status: "done" | "failed", code: string | null): ParticipantOutput => {
    return { kind: "reply", phase: "confirm", status, code };
  };
  if (state.phase === "released") return ok({ state, outputs: [reply("failed", "rollback_released")] });
  if (isOver(state.phase)) return ok({ state, outputs: [reply("done", null)] });
  if (hash !== state.planHash) return err(planChanged());
  return ok({ state: letGo({ ...state, phase: "confirmed" }), outputs: [reply("done", null)] });
}

/** 600 s without a word: what was done stays done, the locks do not, and somebody is told. Never in mid-step. */
function tick(state: ParticipantState, atS: number): ParticipantDecision {
  const waits = isOver(state.phase) || state.underway.length > 0 || atS - state.quietSinceS < CONFIRM_WITHIN_S;
  if (waits) return { state, outputs: [] };
  return {
    state: letGo({ ...state, phase: "released" }),
    outputs: [{ kind: "signal", code: "rollback_unconfirmed" }],
  };
}

/** Locks go when it is over and nothing is under way any more. */
function letGo(state: ParticipantState): ParticipantState {
  return state.underway.length > 0 ? state : { ...state, locks: [] };
}
