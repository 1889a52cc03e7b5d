import { must } from "../../base/assert.ts";
import type { PlanStep } from "./rollback-claims.ts";
import {
  CONFIRM_WITHIN_S,
  GATEWAY_RESIDUE,
  GATEWAY_SILENT,
  type RollbackState,
  STEP_TIMEOUT_S,
  type StepResult,
  type StepState,
  type StepStatus,
} from "./rollback-state.ts";

/** The steps after a change, and those that may now be asked for. */
export interface StepsChange {
  readonly state: RollbackState;
  readonly opened: readonly PlanStep[];
}

/** After these a step's task is back, or there was nothing to take back: what it depended on may follow (CAS-14). */
const UNDONE: ReadonlySet<StepStatus> = new Set(["done", "skipped", "partial"]);

/** All steps that wait for nothing. */
export function startSteps(state: RollbackState, atS: number): StepsChange {
  return openSteps(
    state,
    [...state.steps],
    state.request.steps.filter(({ depends_on }) => depends_on.length === 0),
    atS,
  );
}

/** Takes a result; a restore counts only with its checkpoint's digest, by its word and by what the host found (CAS-S5). */
export function closeStep(
  state: RollbackState,
  step: PlanStep,
  event: StepResult & { readonly atS: number },
): StepsChange {
  const wanted = step.method === "restore" ? state.request.checkpoints[step.ckpt_id ?? ""]?.hash : undefined;
  const found = must(state.steps[step.n - 1], "a step of the plan").foundHash ?? wanted;
  const same = event.restoredHash === wanted && found === wanted;
  const mismatch = step.method === "restore" && event.status === "done" && !same;
  const status = mismatch ? "failed" : event.status;
  const outcome = {
    status,
    code: mismatch ? "rollback_state_mismatch" : (event.code ?? null),
    residue: event.residue,
    restoredHash: event.restoredHash ?? null,
    compensation: event.compensation ?? null,
    said: null,
  };
  const undone = status === "done" || status === "partial";
  return undone && step.gateway !== undefined
    ? handOver(state, step, event.atS, { ...outcome, said: status })
    : close(state, step, event.atS, outcome);
}

/** What is undone is for its domain's gateway to take in (CAS-37). Nobody asks it any more after the end. */
function handOver(
  before: RollbackState,
  step: PlanStep,
  atS: number,
  outcome: Outcome & Pick<StepState, "said">,
): StepsChange {
  if (before.phase !== "executing") return close(before, step, atS, silent(outcome));
  const steps = [...before.steps];
  const held = must(steps[step.n - 1], "a step of the plan");
  steps[step.n - 1] = { ...held, ...outcome, status: "open", sinceS: atS };
  const open = before.open + (held.status === "open" ? 0 : 1);
  return { state: { ...before, steps, open, revision: before.revision + 1 }, opened: [step] };
}

/** The answer of a domain's gateway to a step that was undone: whether its log has it, and what stays beyond. */
export function closeAtGateway(
  state: RollbackState,
  step: PlanStep,
  event: StepResult & { readonly atS: number },
): StepsChange {
  const held = must(state.steps[step.n - 1], "a step of the plan");
  const own = held.residue.filter((text) => text !== GATEWAY_RESIDUE);
  const taken = event.status === "done" || event.status === "partial";
  // Silence is the coordinator's word: a gateway that says it would be heard again and again.
  const said = event.code === GATEWAY_SILENT ? undefined : event.code;
  const refused = {
    status: "partial",
    code: said ?? "gateway_refused",
    residue: [...own, GATEWAY_RESIDUE],
  } as const;
  const status = event.status === "partial" || held.said === "partial" ? "partial" : "done";
  // The code of its own outcome was told when it was undone; that nobody had answered is no news any more.
  const code = said ?? (held.code === GATEWAY_SILENT ? null : held.code);
  const outcome = taken ? ({ status, code, residue: [...own, ...event.residue] } as const) : refused;
  return close(state, step, event.atS, { ...held, ...outcome });
}

/** Undone, and nobody knows whether its domain's log says so. */
const silent = <O extends Outcome>(outcome: O): O => ({
  ...outcome,
  status: "partial",
  code: GATEWAY_SILENT,
  residue: [...outcome.residue, GATEWAY_RESIDUE],
});

/** Steps that were asked for and have not been answered in time: what became of them is not known. */
export function expireSteps(state: RollbackState, atS: number): StepsChange {
  const late = state.request.steps.filter((step) => {
    const { status, sinceS, said } = must(state.steps[step.n - 1], "a step of the plan");
    return status === "open" && sinceS !== null && atS - sinceS >= limitOf(step, said);
  });
  return late.reduce<StepsChange>(
    (change, step) => {
      const held = must(change.state.steps[step.n - 1], "a step of the plan");
      const unknown = { status: "timeout", code: "rollback_no_answer", residue: [] } as const;
      const lost = { ...unknown, restoredHash: null, compensation: null, said: null };
      const next = close(change.state, step, atS, held.said === null ? lost : silent(held));
      return { state: next.state, opened: [...change.opened, ...next.opened] };
    },
    { state, opened: [] },
  );
}

/** The second at which time alone changes something; null when it does not. */
export function nextDueS({ phase, request, steps, endedS, lapsed }: RollbackState): number | null {
  if (phase === "preparing") return request.deadlineS;
  if ((phase === "partial" || phase === "failed") && !lapsed && endedS !== null) return endedS + CONFIRM_WITHIN_S;
  if (phase !== "executing") return null;
  const dues = request.steps.flatMap((planned) => {
    const step = steps[planned.n - 1];
    return step?.status === "open" && step.sinceS !== null ? [step.sinceS + limitOf(planned, step.said)] : [];
  });
  return dues.length === 0 ? null : Math.min(...dues);
}

const limitOf = ({ method }: PlanStep, said: StepState["said"]): number =>
  method === "manual" && said === null ? CONFIRM_WITHIN_S : STEP_TIMEOUT_S;

type Outcome = Omit<StepState, "left" | "sinceS" | "foundHash" | "said">;

/** Nothing more is begun; what is under way is waited for. */
export function stopSteps(state: RollbackState, stopped: NonNullable<RollbackState["stopped"]>): RollbackState {
  return state.stopped === null ? { ...state, stopped } : state;
}

/** What was never begun, once nothing is under way any more. */
export function endSteps(state: RollbackState): RollbackState {
  const status = state.stopped === null ? "blocked" : "not_run";
  const steps = state.steps.map((step) => (step.status === "waiting" ? ({ ...step, status } as const) : step));
  return { ...state, steps, revision: state.revision + 1 };
}

function close(
  before: RollbackState,
  { n }: PlanStep,
  atS: number,
  outcome: Outcome & Pick<StepState, "said">,
): StepsChange {
  const steps = [...before.steps];
  const held = must(steps[n - 1], "a step of the plan");
  steps[n - 1] = { ...held, ...outcome };
  const all = !before.request.bestEffort;
  // All or nothing: the first that is not wholly undone stops everything (C5).
  const stop = before.phase === "executing" && all && (outcome.status !== "done" || outcome.residue.length > 0);
  const closed: RollbackState = {
    ...before,
    steps,
    open: before.open - (held.status === "open" ? 1 : 0),
    revision: before.revision + 1,
  };
  const state = stop ? stopSteps(closed, { code: outcome.code ?? `step_${outcome.status}`, n }) : closed;
  // A late word about what was undone before frees nothing twice.
  const isNews = UNDONE.has(outcome.status) && !UNDONE.has(held.status);
  if (state.phase !== "executing" || !isNews) return { state, opened: [] };
  return openSteps(state, steps, freed(state, steps, n), atS);
}

/** Opens steps; what is skipped is over at once and frees further ones, what its participant refused is over as well. */
function openSteps(state: RollbackState, steps: StepState[], first: readonly PlanStep[], atS: number): StepsChange {
  if (state.stopped !== null) return { state: { ...state, steps }, opened: [] };
  const opened: PlanStep[] = [];
  const queue = [...first];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const held = must(steps[next.n - 1], "a step of the plan");
    if (next.method === "skip") {
      steps[next.n - 1] = { ...held, status: "skipped" };
      for (const step of freed(state, steps, next.n)) queue.push(step);
      continue;
    }
    const answer = state.answers[next.agent];
    const gateway = next.gateway === undefined ? undefined : state.answers[next.gateway];
    if (answer?.status !== "ready")
      steps[next.n - 1] = { ...held, status: "refused", code: answer?.code ?? "rollback_no_answer" };
    else if (next.gateway !== undefined && gateway?.status !== "ready")
      steps[next.n - 1] = { ...held, status: "refused", code: gateway?.code ?? GATEWAY_SILENT };
    else {
      steps[next.n - 1] = { ...held, status: "open", sinceS: atS };
      opened.push(next);
    }
  }
  const byNumber = opened.toSorted((a, b) => a.n - b.n);
  return {
    state: { ...state, steps, open: state.open + opened.length, revision: state.revision + 1 },
    opened: byNumber,
  };
}

/** Counts a step that is over on all that wait for it; those that wait for nothing more. */
function freed(state: RollbackState, steps: StepState[], n: number): PlanStep[] {
  return (waitersOf(state.request.steps)[n] ?? []).filter((waiter) => {
    const held = must(steps[waiter.n - 1], "a step of the plan");
    steps[waiter.n - 1] = { ...held, left: held.left - 1 };
    return held.left === 1 && held.status === "waiting";
  });
}

/** Per step those that wait for it. Follows from the plan alone, and is kept while the plan is. */
const WAITERS = new WeakMap<readonly PlanStep[], PlanStep[][]>();

function waitersOf(plan: readonly PlanStep[]): PlanStep[][] {
  const known = WAITERS.get(plan);
  if (known !== undefined) return known;
  const waiters: PlanStep[][] = [];
  for (const step of plan)
    for (const earlier of step.depends_on) {
      const waiting = waiters[earlier];
      if (waiting === undefined) waiters[earlier] = [step];
      else waiting.push(step);
    }
  WAITERS.set(plan, waiters);
  return waiters;
}
