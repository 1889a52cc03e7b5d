import { actionGroup } from "../../protocol/cascade/action-group.ts";
import {
  advance,
  askCall,
  type CallAnswer,
  circuitRefusal,
  forceOpen,
  isolate,
  nextDueMs,
  releaseIsolated,
} from "../../protocol/cascade/breaker.ts";
import { breakerId, breakerRules } from "../../protocol/cascade/breaker-rules.ts";
import { type Breaker, createBreaker, type Moment, type Moved } from "../../protocol/cascade/breaker-state.ts";
import { breakerConfigSchema, type CircuitStateName } from "../../protocol/cascade/claims.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import { isQuarantined } from "../behavior/conduct.ts";
import { isHuman } from "../identity/human.ts";
import type { BreakerState, State, WorkflowState } from "../state.ts";
import { withoutJoins } from "../workflow/held-ects.ts";
import { isolationEndMs } from "./domain-border.ts";

/**
 * CAS-22 for re-enactments [ours]: how long a task takes is the recording's doing, and a playback may stand still. So no
 * call counts as slow (its duration is stated as nothing) and a probe may take a day. Recorded failures count.
 */
export const REENACTED = breakerRules(breakerConfigSchema.parse({ probe_timeout_s: 86_400 }));

/** What an agent asks about: a task of `agent` that takes up what its predecessors hand on. */
export interface Handover {
  readonly agent: string;
  readonly execAct: string;
  readonly pred: readonly string[];
}

export const edgeKey = (caller: string, callee: string): string => `${caller} ${callee}`;

/** The other agents whose results a task is handed: its callers. Joins count as what they join. */
export function callersOf(workflow: Pick<WorkflowState, "ects">, { agent, pred }: Handover): readonly string[] {
  const callers = new Set<string>();
  for (const jti of withoutJoins(workflow.ects, pred)) {
    const iss = workflow.ects.get(jti)?.iss;
    if (iss !== undefined && iss !== agent && !isHuman(iss)) callers.add(iss);
  }
  return [...callers];
}

/** The moment of an entry: whole seconds, as logged, and a jitter that whoever folds the log finds again (CAS-S6). */
export const momentOf = (atS: number, seq: number, id: string): Moment => ({
  atMs: atS * 1000,
  jitter: spread(`${seq} ${id}`),
});

/** FNV-1a of a text as a share of one: even enough that breakers which tripped in one entry reopen apart. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

/** The breakers a task goes through, as they are; one that no call has gone through yet as it will begin. */
export function breakersOf(
  state: State,
  workflow: WorkflowState,
  handover: Handover,
  now: (id: string) => Moment,
): BreakerState[] {
  const group = actionGroup(handover.execAct);
  return callersOf(workflow, handover).map((caller) => {
    const id = breakerId(caller, handover.agent, group);
    return (
      state.breakers.get(id) ??
      newBreaker(state, { id, wid: workflow.wid, caller, callee: handover.agent, group }, now(id))
    );
  });
}

/**
 * What an operator has tripped, what an isolated domain has cut and what a quarantine shuts holds for kinds of action that no
 * call has named yet.
 */
function newBreaker(
  state: State,
  edge: Pick<BreakerState, "id" | "wid" | "caller" | "callee" | "group">,
  now: Moment,
): BreakerState {
  const by = state.edgeHolds.get(edgeKey(edge.caller, edge.callee)) ?? null;
  const isolatedUntilMs = isolationEndMs(state, edge);
  let breaker = createBreaker(REENACTED, "known", now.atMs);
  if (isolatedUntilMs !== null) breaker = isolate(REENACTED, breaker, "cascade", now).breaker;
  const forced = by !== null ? "operator" : isQuarantined(state, edge.callee) ? "behavior" : null;
  if (forced !== null) breaker = forceOpen(REENACTED, breaker, forced, now).breaker;
  const reason = forced ?? (isolatedUntilMs === null ? null : "cascade");
  return { ...edge, breaker, isolatedUntilMs, cutUntilMs: null, reason, by, stats: null, entry: null };
}

/** The breaker as of now: timers that have run out, that of its isolation included. */
export function current({ breaker, isolatedUntilMs }: BreakerState, now: Moment): Moved {
  const moved = advance(REENACTED, breaker, now);
  if (isolatedUntilMs === null || isolatedUntilMs > now.atMs || !moved.breaker.isolated) return moved;
  const at = { atMs: isolatedUntilMs, jitter: now.jitter };
  const released = releaseIsolated(REENACTED, moved.breaker, "timer", at);
  return { breaker: released.breaker, changes: [...moved.changes, ...released.changes] };
}

/** When a breaker moves by itself, epoch ms; null where it does not. */
export function dueMs({ breaker, isolatedUntilMs }: BreakerState): number | null {
  const own = nextDueMs(breaker);
  if (!breaker.isolated || isolatedUntilMs === null) return own;
  return own === null ? isolatedUntilMs : Math.min(own, isolatedUntilMs);
}

/** CAS-1: why this may not go on now, though nothing of it is refused: it is asked for again when the breaker moves. */
export function circuitProblem(
  state: State,
  workflow: WorkflowState,
  handover: Handover,
  nowS: number,
): Refusal | null {
  const now = (id: string): Moment => momentOf(nowS, state.size, id);
  const shut = breakersOf(state, workflow, handover, now)
    .map((found) => ({ found, answer: askedOf(found, now(found.id)) }))
    .flatMap(({ found, answer }) => (answer.allowed ? [] : [{ found, answer }]))
    .sort((one, other) => (other.answer.retryAfterMs ?? Infinity) - (one.answer.retryAfterMs ?? Infinity))[0];
  if (shut === undefined) return null;
  const refused = circuitRefusal(shut.answer.state);
  const again = againIn(shut.answer, dueMs(shut.found), nowS);
  return {
    ...refused,
    detail: `${refused.detail} from ${shut.found.caller} to ${shut.found.callee} for "${shut.found.group}": ${again.words}`,
    ...(again.ms === null ? {} : { retryAfterMs: again.ms }),
  };
}

function askedOf(found: BreakerState, now: Moment): CallAnswer {
  return askCall(REENACTED, current(found, now).breaker, now).answer;
}

function againIn(
  answer: Extract<CallAnswer, { allowed: false }>,
  due: number | null,
  nowS: number,
): { readonly ms: number | null; readonly words: string } {
  if (answer.state === "half_open")
    return { ms: null, words: "its probes are under way, ask again when they have ended" };
  const ms = answer.retryAfterMs ?? (due === null ? null : Math.max(0, due - nowS * 1000));
  if (ms === null) return { ms, words: "until an operator releases it" };
  return { ms, words: `ask again in ${Math.ceil(ms / 1000)} s` };
}

/** The states of the breakers on an action's path, as its policy's triggers read them (acp-dag-hitl.md, trigger `cascade`). */
export function statesOnPath(
  state: State,
  workflow: WorkflowState,
  handover: Handover,
  nowS: number,
): CircuitStateName[] {
  const now = (id: string): Moment => momentOf(nowS, state.size, id);
  return breakersOf(state, workflow, handover, now).map((found) => current(found, now(found.id)).breaker.state);
}

/** Whether nothing but an order or the end of an isolation ends it. */
export const isHeld = ({ forced, isolated }: Breaker): boolean => forced || isolated;
