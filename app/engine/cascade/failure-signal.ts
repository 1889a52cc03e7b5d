import { err, ok, type Result } from "../../base/result.ts";
import { trip } from "../../protocol/cascade/breaker.ts";
import { noteFailure } from "../../protocol/cascade/cascade-graph.ts";
import type { FailureSignalClaims } from "../../protocol/cascade/claims.ts";
import {
  acceptSignal,
  type PropagatedSignal,
  type SignalDesk,
  type SignalOutcome,
  type SignalRelation,
  type SignalWorld,
} from "../../protocol/cascade/failure-signals.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { roleProblem } from "../identity/roles.ts";
import { type HostIds, tokenDraft } from "../records.ts";
import type { BreakerState, State } from "../state.ts";
import { workflowOfAgent } from "../workflow/evolve.ts";
import { REENACTED } from "./breakers.ts";
import { step } from "./step.ts";

/** How long the enforcement point's word about a dependant may be relied on, seconds: as long as a signal counts. */
const PROPAGATED_S = 300;
const MAY_SIGNAL = ["operator", "duty_manager", "safety_officer"] as const;

/**
 * C2: who may say that an agent fails, and what is stated to those that depend on it, in the same frame. A signal that is
 * older than what its issuer has said of the same causes leaves nothing in the log (`failure_outdated`).
 */
export function decideFailureSignal(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"failure-signal+jwt">,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  const problem = subjectProblem(state, claims, moment.nowS);
  if (problem !== null) return err(problem);
  const accepted = outcomeOf(state, claims, moment.nowS * 1000);
  if (!accepted.ok) return accepted;
  const { outcome } = accepted.value;
  if (outcome.kind === "dropped")
    return err(refusal("failure_outdated", "the same issuer has said something newer of the same cause"));
  const propagated = outcome.kind === "accepted" ? outcome.propagate : [];
  return ok([tokenDraft(token, fact), ...propagated.map((signal): Draft => propagatedDraft(signal, ids, moment))]);
}

function subjectProblem(state: State, claims: FailureSignalClaims, nowS: number): Refusal | null {
  const workflow = state.workflows.get(claims.wid);
  if (workflow === undefined) return refusal("workflow_unknown", "no such workflow in this log", { claim: "wid" });
  if (!workflow.agents.includes(claims.subject))
    return refusal("failure_issuer_denied", "the failing agent is none of this workflow", { claim: "subject" });
  const task = claims.task === undefined ? undefined : workflow.tasks.get(claims.task);
  if (task !== undefined && task.agent !== claims.subject)
    return refusal("failure_issuer_denied", "the task is another agent's", { claim: "task" });
  if (!isHuman(claims.iss)) return null;
  return roleProblem(state, claims.iss, MAY_SIGNAL, nowS, {
    code: "failure_issuer_denied",
    what: "to say that an agent fails",
  });
}

/** What a signal came to, as the log has it: the issuer of one that counts alone for nobody else is told so. */
export function signalOutcome(state: State, claims: FailureSignalClaims): "accepted" | "unconfirmed" {
  const seen = state.signals.get(claims.subject)?.find(({ jti }) => jti === claims.jti);
  return seen !== undefined && state.unconfirmed.has(seen.jti) ? "unconfirmed" : "accepted";
}

function propagatedDraft(signal: PropagatedSignal, ids: HostIds, moment: Moment): Draft {
  const claims = {
    iss: ids.pepId,
    aud: [signal.subject, ids.logId],
    iat: moment.nowS,
    exp: moment.nowS + PROPAGATED_S,
    jti: moment.uuid(),
    ...signal,
  };
  return { kind: "sign", as: "pep", fact: { typ: "failure-signal+jwt", claims } };
}

const outcomeOf = (
  state: State,
  claims: FailureSignalClaims,
  atMs: number,
): Result<{ readonly desk: SignalDesk; readonly outcome: SignalOutcome }, Refusal> =>
  acceptSignal(state.signals, claims, signalWorld(state, claims.wid), atMs);

/**
 * Who stands how to whom, by the calls there were. Whoever hands on to an agent and whoever takes up its results both see it
 * fail: each is a caller, whose word alone moves nothing but the edge between the two (CAS-S1) [ours].
 */
function signalWorld(state: State, wid: string): SignalWorld {
  const calls = [...state.breakers.values()].filter((breaker) => breaker.wid === wid);
  return {
    relationOf: (issuer, subject): Exclude<SignalRelation, "self"> | null => {
      if (isHuman(issuer)) return "operator";
      return calls.some((call) => joins(call, issuer, subject)) ? "caller" : null;
    },
    dependantsOf: (subject) => calls.filter(({ caller }) => caller === subject).map(({ callee }) => callee),
  };
}

const joins = ({ caller, callee }: BreakerState, one: string, other: string): boolean =>
  (caller === one && callee === other) || (caller === other && callee === one);

/**
 * A signal in the log. Only what an agent says of itself, a person says, or two callers say counts as a failure of its
 * subject; what the enforcement point passes on to dependants opens and counts nothing.
 */
export function evolveFailureSignal(state: State, logged: LoggedFact, { claims }: FactOf<"failure-signal+jwt">): void {
  const atMs = logged.receivedAt * 1000;
  if (isVerdict(claims)) {
    tripAll(state, logged, claims, ({ callee }) => callee === claims.subject, "behavior");
    if (state.workflows.get(claims.wid)?.status !== "finished") noteSignalled(state, claims, [], atMs);
    return;
  }
  if (!isHuman(claims.iss) && workflowOfAgent(claims.iss) === null) return;
  const accepted = outcomeOf(state, claims, atMs);
  if (!accepted.ok || accepted.value.outcome.kind === "dropped") return;
  const { desk, outcome } = accepted.value;
  const causes = causesOf(state, claims);
  state.signals = new Map(desk);
  const kept = new Set([...desk.values()].flatMap((signals) => signals.map(({ jti }) => jti)));
  for (const jti of state.unconfirmed) if (!kept.has(jti)) state.unconfirmed.delete(jti);
  if (outcome.kind === "unconfirmed") {
    state.unconfirmed.add(claims.jti);
    tripAll(state, logged, claims, (call) => joins(call, claims.iss, claims.subject));
    return;
  }
  if (outcome.confirms !== null) state.unconfirmed.delete(outcome.confirms);
  if (outcome.opens === "all_callers") tripAll(state, logged, claims, ({ callee }) => callee === claims.subject);
  if (outcome.relation !== "caller" || outcome.confirms !== null) noteSignalled(state, claims, causes, atMs);
}

/** CAS-20, BEH-11: the verifier's word that an agent does what it may not. */
const isVerdict = ({ iss, class: failure }: FailureSignalClaims): boolean =>
  failure === "behavior" && /^spiffe:\/\/[^/]+\/verifier$/.test(iss);

function tripAll(
  state: State,
  logged: LoggedFact,
  { wid, class: failure }: FailureSignalClaims,
  isMeant: (call: BreakerState) => boolean,
  reason: "failure_signal" | "behavior" = "failure_signal",
): void {
  if (!REENACTED.countClasses.includes(failure)) return;
  for (const found of state.breakers.values())
    if (found.wid === wid && isMeant(found))
      step(state, found, logged, (breaker, now) => trip(REENACTED, breaker, reason, now));
}

/** The subjects of the signals it names: explicit edges of the cascade graph (C3). */
function causesOf(state: State, { cause = [] }: FailureSignalClaims): string[] {
  const named = new Set(cause);
  return [...state.signals].flatMap(([subject, signals]) =>
    signals.some(({ jti }) => named.has(jti)) ? [subject] : [],
  );
}

/** One failure is counted once: a signal about a task whose ECT says that it failed adds what it knows of the cause. */
function noteSignalled(state: State, claims: FailureSignalClaims, causes: readonly string[], atMs: number): void {
  const { subject: agent, severity, task } = claims;
  const known = state.failing.get(agent);
  const counted = task !== undefined && state.workflows.get(claims.wid)?.tasks.get(task)?.status === "failed";
  if (counted && known !== undefined) {
    const all = [...new Set([...known.causes, ...causes])];
    state.failing.set(agent, { ...known, severity: Math.max(known.severity, severity), causes: all });
    return;
  }
  const failure = { agent, atMs, severity, jti: task ?? null, causes };
  state.failing = new Map(noteFailure(state.failing, failure, atMs));
}
