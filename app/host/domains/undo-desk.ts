import type { Clock, Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { isTransient } from "../../engine/patient-engine.ts";
import {
  type PlanStep,
  planHash,
  type RollbackRequestClaims,
  type RollbackResultClaims,
} from "../../protocol/cascade/rollback-claims.ts";
import { CONFIRM_WITHIN_S } from "../../protocol/cascade/rollback-state.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { BorderDirector } from "./border-director.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { introduce } from "./introductions.ts";
import { tried } from "./tried.ts";
import { hasUndone, stateEnd, statePrepared, stateUndone, takenBack, type UndoRequest, undoJti } from "./undo-trail.ts";

/** A request of the coordinator to a domain's gateway, with the plan it is about (COM-11). */
export interface UndoAsked {
  readonly to: string;
  readonly token: string;
  readonly plan: readonly PlanStep[];
}

export interface UndoDeskPorts {
  /** The console's own: the coordinator is its enforcement point. */
  readonly engine: Engine;
  readonly hosts: Pick<DomainHosts, "all" | "get">;
  readonly borders: Pick<BorderDirector, "look" | "settled">;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * The gateways of the console's other domains as participants of its rollbacks (C5, CAS-36 to 39). None undoes anything
 * itself: what was done is undone where it was carried out, and its domain's log then says so.
 */
export interface UndoDesk {
  /** Its answers, signed with its own key; none where it cannot be reached or cannot write: it is asked again. */
  answer(asked: UndoAsked): Promise<readonly string[]>;
  close(): void;
}

/** Long before a confirmation is due no answer is worth keeping any more. */
const ANSWER_LIFETIME_S = 300;

type Answer = Pick<RollbackResultClaims, "status"> &
  Partial<Pick<RollbackResultClaims, "n" | "task" | "code" | "residue">>;

export function createUndoDesk(ports: UndoDeskPorts): UndoDesk {
  const { engine, hosts, clock } = ports;
  /** By gateway and rollback: until nobody has confirmed for too long, as with an unconfirmed commit. */
  const unconfirmed = new Map<string, () => void>();
  let closed = false;

  const answer: UndoDesk["answer"] = async ({ to, token, plan }) => {
    const of = hosts.all().find(({ host }) => host.engine.ids.pepId === to);
    if (of === undefined || closed) return [];
    const answered = await tried(async () => {
      const met = await introduce([{ domain: engine.ids.domain, host: { engine, ports: { clock } } }, of]);
      if (!met.ok) return met;
      const request = await requestOf(of, token);
      if (!request.ok) return request;
      const answers = await answersOf(of, request.value, plan);
      if (!answers.ok) return answers;
      await of.host.engine.issueHead();
      return ok(await Promise.all(answers.value.map((one) => signed(of, request.value.claims, one))));
    });
    // What it does not take for a request is nothing to it; what it cannot write now, it does not say.
    return answered.ok ? answered.value : [];
  };

  /** The request as the domain's own log verifies it: of the console's enforcement point, and to this gateway. */
  const requestOf = async (of: DomainHost, token: string): Promise<Result<UndoRequest, SubmitError>> => {
    const received = await of.host.engine.receive(token);
    if (!received.ok) return received;
    const { fact, verified } = received.value;
    if (fact.typ !== "rollback-request+jwt" || fact.claims.iss !== engine.ids.pepId)
      return err(refusal("rollback_denied", "only the coordinator asks for this", { claim: "iss" }));
    return ok({ claims: fact.claims, digest: verified.digest });
  };

  const answersOf = async (
    of: DomainHost,
    request: UndoRequest,
    plan: readonly PlanStep[],
  ): Promise<Result<readonly Answer[], SubmitError>> => {
    const { claims } = request;
    const own = plan.filter(({ gateway }) => gateway === of.host.engine.ids.pepId);
    const digest = planHash(plan, of.host.ports.sha256);
    const isPlan = digest.ok && digest.value === claims.plan_hash;
    if (claims.phase === "prepare") return prepare(of, request, own, plan, isPlan);
    if (claims.phase === "execute") {
      const isAsked = isPlan && hasUndone(of, claims, "prepare") && !isEnded(of, claims);
      return isAsked ? execute(of, request, own, plan) : ok([]);
    }
    return end(of, request, own, plan, claims.phase);
  };

  const prepare = async (
    of: DomainHost,
    request: UndoRequest,
    own: readonly PlanStep[],
    plan: readonly PlanStep[],
    isPlan: boolean,
  ): Promise<Result<readonly Answer[], SubmitError>> => {
    const { wid } = request.claims;
    const tasks = own.flatMap((step) => takenBack(step, plan));
    const isWhole = (): boolean => tasks.every((jti) => of.ledger.audit(wid, jti) !== undefined);
    await of.ledger.catchUp();
    if (!isWhole()) {
      // The trail may be behind the console's log: first what is over is in it.
      ports.borders.look([wid]);
      await ports.borders.settled();
      await of.ledger.catchUp();
    }
    const code = !isPlan
      ? "rollback_plan_changed"
      : isEnded(of, request.claims)
        ? "rollback_finished"
        : own.length === 0
          ? "rollback_participant_denied"
          : isWhole()
            ? null
            : "trail_incomplete";
    const stated = await statePrepared(of, request, tasks, code);
    if (!stated.ok) return isTransient(stated.error) ? stated : ok([{ status: "refused", code: stated.error.code }]);
    if (code !== null) return ok([{ status: "refused", code }]);
    awaitEnd(of, request, own, plan);
    return ok([{ status: "ready" }]);
  };

  const execute = async (
    of: DomainHost,
    request: UndoRequest,
    own: readonly PlanStep[],
    plan: readonly PlanStep[],
  ): Promise<Result<readonly Answer[], SubmitError>> => {
    const answers: Answer[] = [];
    awaitEnd(of, request, own, plan);
    for (const n of request.claims.steps ?? []) {
      const step = own.find((one) => one.n === n);
      if (step === undefined) continue;
      const left = await stateUndone(of, request, takenBack(step, plan), (domain) => hosts.get(domain));
      if (!left.ok) return left;
      const residue = left.value.map((domain) => `${domain} has not taken back what had been handed to it`);
      const { task } = step;
      answers.push(
        residue.length === 0
          ? { n, task, status: "done" }
          : { n, task, status: "partial", code: "trail_not_taken_back", residue },
      );
    }
    return ok(answers);
  };

  const end = async (
    of: DomainHost,
    request: UndoRequest,
    own: readonly PlanStep[],
    plan: readonly PlanStep[],
    how: "confirm" | "abort",
  ): Promise<Result<readonly Answer[], SubmitError>> => {
    const undone = undoneOf(of, request.claims, own, plan);
    const stated = await stateEnd(of, request, how, undone);
    if (!stated.ok) return stated;
    unconfirmed.get(keyOf(of, request.claims))?.();
    unconfirmed.delete(keyOf(of, request.claims));
    return ok([{ status: "done" }]);
  };

  /** Confirmed-commit: without a word for so long, its log says that what was undone here was never confirmed. */
  const awaitEnd = (
    of: DomainHost,
    request: UndoRequest,
    own: readonly PlanStep[],
    plan: readonly PlanStep[],
  ): void => {
    const key = keyOf(of, request.claims);
    unconfirmed.get(key)?.();
    const lapse = async (): Promise<void> => {
      unconfirmed.delete(key);
      if (closed || isEnded(of, request.claims)) return;
      const undone = undoneOf(of, request.claims, own, plan);
      const stated = await tried(() => stateEnd(of, request, "lapse", undone));
      if (!stated.ok && isTransient(stated.error)) awaitEnd(of, request, own, plan);
    };
    unconfirmed.set(
      key,
      clock.after(CONFIRM_WITHIN_S * 1000, () => void lapse()),
    );
  };

  const signed = (
    of: DomainHost,
    request: RollbackRequestClaims,
    { residue = [], ...answer }: Answer,
  ): Promise<string> => {
    const iat = Math.floor(of.host.ports.clock.nowMs() / 1000);
    return of.host.engine.signAsPep("rollback-result+jwt", {
      ...{ iss: of.host.engine.ids.pepId, aud: [engine.ids.pepId], iat, exp: iat + ANSWER_LIFETIME_S },
      ...{ jti: ports.ids.uuid(), rb_id: request.rb_id, phase: request.phase, plan_hash: request.plan_hash },
      ...answer,
      residue,
    });
  };

  return {
    answer,
    close: () => {
      closed = true;
      for (const cancel of unconfirmed.values()) cancel();
      unconfirmed.clear();
    },
  };
}

const keyOf = ({ domain }: DomainHost, { rb_id }: RollbackRequestClaims): string => `${domain} ${rb_id}`;

/** Confirmed, or told that nothing more of it is done. */
const isEnded = (of: DomainHost, claims: RollbackRequestClaims): boolean =>
  hasUndone(of, claims, "confirm") || hasUndone(of, claims, "abort");

/** Its acts that say of tasks that they were undone. */
const undoneOf = (
  of: DomainHost,
  claims: RollbackRequestClaims,
  own: readonly PlanStep[],
  plan: readonly PlanStep[],
): string[] =>
  own
    .flatMap((step) => takenBack(step, plan))
    .filter((task) => hasUndone(of, claims, `undo ${task}`))
    .map((task) => undoJti(claims.rb_id, of.domain, `undo ${task}`));
