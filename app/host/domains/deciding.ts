import { err, ok, type Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { holdsRole } from "../../engine/identity/roles.ts";
import { type AnswerPreview, previewAnswer, selectRest } from "../../protocol/audit/answer-query.ts";
import { HOUR_S } from "../../protocol/audit/audit-query.ts";
import { type HeldState, heldState, heldUntil, queryDecisionProblem } from "../../protocol/audit/held-question.ts";
import { MAX_APPROVED, QUERY_DECISION_TYPE, type QueryDecisionClaims } from "../../protocol/audit/query-decision.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { audienceOf, withKept } from "./answering.ts";
import { type AskingPorts, seatAt } from "./asking.ts";
import { put } from "./crossing.ts";
import { receivedFromPerson, verifiedFromPerson } from "./introduced.ts";
import { type LoggedQuestion, pastQuestions } from "./query-reads.ts";
import type { AnsweringSeat } from "./trail-seat.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

/** A question that waits, or waited, for an operator of a domain. */
export interface HeldAt extends LoggedQuestion {
  readonly domain: string;
  readonly state: HeldState;
  /** Until when it is in this state by time alone, epoch s by the domain's clock. */
  readonly until: number;
  readonly isOver: boolean;
  /** Entries that its asker was given by the domain within the last hour. */
  readonly givenInHour: number;
}

const nowOf = ({ host }: Pick<AnsweringSeat, "host">): number => Math.floor(host.ports.clock.nowMs() / 1000);

/** What waits for an operator, and what became of what did, newest first: of every domain that can be read. */
export async function heldQuestions({ hosts, own }: AskingPorts): Promise<HeldAt[]> {
  const console = { domain: own().engine.ids.domain, host: own() };
  const all = await Promise.all([console, ...hosts.all()].map(heldAt));
  return all.flat().toSorted((a, b) => b.at - a.at);
}

async function heldAt(of: Pick<AnsweringSeat, "domain" | "host">): Promise<HeldAt[]> {
  const nowS = nowOf(of);
  const { reads, held } = await pastQuestions(of, nowS);
  return held.map((question) => ({
    ...question,
    domain: of.domain,
    state: heldState(question, nowS),
    until: heldUntil(question),
    isOver: nowS >= heldUntil(question),
    givenInHour: reads
      .filter(({ querier, at }) => querier === question.query.iss && at >= nowS - HOUR_S)
      .reduce((sum, { entries }) => sum + entries, 0),
  }));
}

/** A held question with exactly what would be told if it were asked now: for whoever decides, and for nobody else. */
export interface HeldInFull {
  readonly held: HeldAt;
  readonly preview: AnswerPreview;
}

/** Refusals: `domain_not_here`, `query_not_held`. */
export async function heldQuestion(
  ports: AskingPorts,
  domain: string,
  jti: string,
): Promise<Result<HeldInFull, SubmitError>> {
  const of = await seatAt(ports, domain);
  if (of === null) return err(refusal("domain_not_here", "no log of this domain can be read here"));
  await of.ledger.catchUp();
  const held = (await heldAt(of)).find(({ query }) => query.jti === jti);
  if (held === undefined) return err(refusal("query_not_held", "no question of this id waits in this domain"));
  const { page } = selectRest(held.query, await of.found(held.query), MAX_APPROVED);
  const full = await withKept(of, page);
  if (!full.ok) return full;
  return ok({ held, preview: previewAnswer(held.query, audienceOf(held.query), full.value, domain) });
}

/** A decision as the domain's log has it. */
export interface Decided {
  readonly domain: string;
  readonly outcome: QueryDecisionClaims["outcome"];
}

/**
 * XDA-S7: an operator decides about a question that a domain holds. It goes into that domain's log, or nothing came of it.
 * Refusals: those of common token verification, `domain_not_here`, and those of `queryDecisionProblem`.
 */
export async function decideQuestion(ports: AskingPorts, compact: string): Promise<Result<Decided, SubmitError>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const { domain } = parsed.value.payload;
  const of = typeof domain === "string" ? await seatAt(ports, domain) : null;
  if (of === null) return err(refusal("domain_not_here", "no log of this domain can be read here"));
  return inTurn(of, () => tried(() => decideAt(ports, of, compact)));
}

async function decideAt(
  { console }: AskingPorts,
  of: AnsweringSeat,
  compact: string,
): Promise<Result<Decided, SubmitError>> {
  const nowS = nowOf(of);
  const verified = await verifiedFromPerson(console, of.host, QUERY_DECISION_TYPE, compact);
  if (!verified.ok) return verified;
  const { claims } = verified.value;
  const { held } = await pastQuestions(of, nowS);
  const question = held.find(({ query }) => query.jti === claims.query.jti);
  const may = await console.read((state) => holdsRole(state, claims.iss, claims.role, nowS));
  const problem = queryDecisionProblem(claims, question, { holdsRole: may }, nowS);
  if (problem !== null) return err(problem);
  const received = await receivedFromPerson(console, of.host, compact);
  if (!received.ok) return received;
  const kept = await put(of, [received.value]);
  return kept.ok ? ok({ domain: of.domain, outcome: claims.outcome }) : kept;
}
