import type { Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Engine, Received, SubmitError } from "../../engine/engine.ts";
import { isHuman } from "../../engine/identity/human.ts";
import { holdsRole } from "../../engine/identity/roles.ts";
import { type AskedEntry, answerQuery, cutPage, selectPage, toldOf } from "../../protocol/audit/answer-query.ts";
import {
  AUDIT_QUERY_TYPE,
  type AuditQueryClaims,
  approvalNeeded,
  authoriseQuery,
  HOUR_S,
  harvestProblem,
} from "../../protocol/audit/audit-query.ts";
import { contentHash, type SentTrail } from "../../protocol/audit/audit-trail.ts";
import { leaveFor } from "../../protocol/audit/held-question.ts";
import type { Audience } from "../../protocol/audit/reveal.ts";
import { AUDIT_TRAIL_TYP, type AuditTrailClaims, type TrailContent } from "../../protocol/audit/trail-claims.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import { type Verified, verifyToken } from "../../protocol/jose/verify-token.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import { receivedFromPerson } from "./introduced.ts";
import { queryPolicyOf } from "./query-policies.ts";
import { type PastRead, pastQuestions, type ReadCame, readClaims } from "./query-reads.ts";
import type { AnsweringSeat, Found } from "./trail-seat.ts";

export interface AnsweringPorts {
  /** The console's own domain: it knows the people who ask, as the other domains were introduced to its keys [ours]. */
  readonly console: Pick<Engine, "keyOf" | "read">;
  readonly ids: Ids;
}

const TRAIL_LIFETIME_S = 300;

/**
 * X4: one domain answers a question from its own log. That it was asked is in its log before anything is told, and also when
 * it says no (XDA-12). Refusals: those of common token verification, `query_denied`, `query_approval_needed` (an operator
 * of the domain is waited for), `query_refused` (one has said no), `query_not_held`, `query_lapsed`, `query_fetched`.
 */
export async function answerFrom(
  ports: AnsweringPorts,
  of: AnsweringSeat,
  compact: string,
): Promise<Result<SentTrail, SubmitError>> {
  const nowS = Math.floor(of.host.ports.clock.nowMs() / 1000);
  await of.ledger.catchUp();
  const erased = await of.erase(nowS, ports.ids);
  if (!erased.ok) return erased;
  const { reads, held: waiting } = await pastQuestions(of, nowS);
  const asked = await verifyQuery(ports, of, compact, nowS, reads);
  if (!asked.ok) return asked;
  const { claims: query, digest: queryHash } = asked.value;

  const denied = async (problem: Refusal, held: readonly Received[] = []): Promise<Result<SentTrail, SubmitError>> => {
    const told = await record(ports, of, query, queryHash, { entries: 0, denied: problem.code }, held);
    return told.ok ? err(problem) : told;
  };
  const held = await ports.console.read((state) => holdsRole(state, query.iss, query.role, nowS));
  const may = authoriseQuery(query, { holdsRole: held }, queryPolicyOf(of.profile));
  if (!may.ok) return denied(may.error);

  const audience = audienceOf(query);
  const whole = selectPage(query, await of.found(query));
  const given = reads
    .filter(({ querier, at }) => querier === query.iss && at >= nowS - HOUR_S)
    .reduce((sum, { entries }) => sum + entries, 0);
  const harvests = harvestProblem({ given, approved: false }, toldOf(whole.page, audience, of.domain));
  const leave = harvests === null && query.held === undefined ? null : leaveFor(query, waiting, nowS);
  if (leave?.kind === "waits") return denied(harvests ?? approvalNeeded());
  if (leave?.kind === "no") return denied(leave.problem);
  if (harvests !== null && leave?.kind === "hold") {
    // In the same frame as the record of it: what waits is in the log as it was signed.
    const question = await receivedFromPerson(ports.console, of.host, compact);
    return question.ok ? denied(harvests, [question.value]) : question;
  }
  const about = { query, audience, domain: of.domain };
  const { page, next } = leave?.kind === "given" ? cutPage(whole, leave.most, about) : whole;
  const full = await withKept(of, page);
  if (!full.ok) return full;
  const answer = answerQuery(query, audience, { page: full.value, next }, of.trail);
  const came = { entries: answer.entries.length, denied: null };
  const approval = leave?.kind === "given" ? { approval: leave.decision.jti } : {};
  const told = await record(ports, of, query, queryHash, { ...came, ...approval });
  if (!told.ok) return told;

  const content: TrailContent = {
    entries: [...answer.entries],
    gaps: answer.gaps.map((gap) => ({ ...gap })),
    external: answer.external.map((end) => ({ ...end })),
  };
  const head = await newestHead(of);
  if (!head.ok) return head;
  const claims: AuditTrailClaims = {
    iss: of.host.engine.ids.pepId,
    aud: [query.iss],
    iat: nowS,
    exp: nowS + TRAIL_LIFETIME_S,
    jti: ports.ids.uuid(),
    domain: of.domain,
    query_hash: queryHash,
    content_hash: contentHash(content, of.host.ports.sha256),
    entries_count: content.entries.length,
    redacted: { ...answer.redacted },
    rounded: answer.rounded,
    ...(head.value === null ? {} : { head: head.value }),
    complete: answer.complete,
    ...(answer.next === null ? {} : { next: answer.next }),
  };
  return ok({ token: await of.host.engine.signAsPep(AUDIT_TRAIL_TYP, claims), content });
}

/** Common token verification with the keys of the console's people; a question is answered once. */
async function verifyQuery(
  { console }: AnsweringPorts,
  { host }: AnsweringSeat,
  compact: string,
  nowS: number,
  reads: readonly PastRead[],
): Promise<Result<Verified<AuditQueryClaims>, Refusal>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const kid = parsed.value.header.kid ?? "";
  const isAsker = await console.read((state) => {
    const key = state.keys.get(kid);
    return key !== undefined && key.use === "all" && isHuman(key.subject);
  });
  const key = isAsker ? await console.keyOf(kid) : undefined;
  const seen = new Set(reads.map(({ querier, queryJti }) => `${querier} ${queryJti}`));
  return verifyToken(AUDIT_QUERY_TYPE, compact, {
    nowS,
    ownIds: [host.engine.ids.pepId],
    resolveKey: () => key,
    seen: (scope) => seen.has(scope),
    algorithms: ["ES256", "EdDSA"],
    sha256: host.ports.sha256,
  });
}

/** Entries with what is kept beside the log of what they have only digests of. */
export async function withKept(
  of: AnsweringSeat,
  entries: readonly Found[],
): Promise<Result<AskedEntry[], SubmitError>> {
  const full: AskedEntry[] = [];
  for (const entry of entries) {
    const kept = await of.kept.of(entry);
    if (!kept.ok) return kept;
    full.push({ ...entry, kept: kept.value });
  }
  return ok(full);
}

export const audienceOf = ({ iss, role }: Pick<AuditQueryClaims, "iss" | "role">): Audience => ({
  domain: trustDomainOf(iss),
  role,
});

async function record(
  { ids }: AnsweringPorts,
  of: AnsweringSeat,
  query: AuditQueryClaims,
  queryHash: string,
  came: ReadCame,
  held: readonly Received[] = [],
): Promise<Result<void, SubmitError>> {
  const { clock } = of.host.ports;
  const { wid: _, ...about } = auditClaims(of, clock, {
    jti: ids.uuid(),
    wid: undefined,
    ...readClaims(query, queryHash, came),
  });
  const audit = await ownAudit(of, about);
  return audit.ok ? put(of, [...held, audit.value]) : audit;
}

async function newestHead({ domain, host }: AnsweringSeat): Promise<Result<string | null, SubmitError>> {
  await host.engine.issueHead();
  const heads = await host.ports.storage.log.heads(domain);
  return heads.ok ? ok(heads.value.at(-1) ?? null) : heads;
}
