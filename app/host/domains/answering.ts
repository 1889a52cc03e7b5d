import type { Ids } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { isHuman } from "../../engine/identity/human.ts";
import { holdsRole } from "../../engine/identity/roles.ts";
import { type AskedEntry, answerQuery, type OwnTrail, selectPage } from "../../protocol/audit/answer-query.ts";
import {
  AUDIT_QUERY_TYPE,
  type AuditQueryClaims,
  authoriseQuery,
  HOUR_S,
  harvestProblem,
} from "../../protocol/audit/audit-query.ts";
import { AUDIT_TOKEN_TYPE } from "../../protocol/audit/audit-token.ts";
import {
  AUDIT_TRAIL_TYP,
  type AuditTrailClaims,
  contentHash,
  type SentTrail,
  type TrailContent,
} from "../../protocol/audit/audit-trail.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import { type Verified, verifyToken } from "../../protocol/jose/verify-token.ts";
import { auditClaims, ownAudit, put } from "./crossing.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { queryPolicyOf } from "./query-policies.ts";
import { type PastRead, readClaims, readsSince } from "./query-reads.ts";

export interface AnsweringPorts {
  /** The console's own domain: it knows the people who ask, as the other domains were introduced to its keys [ours]. */
  readonly console: Pick<Engine, "keyOf" | "read">;
  readonly ids: Ids;
}

const TRAIL_LIFETIME_S = 300;

/**
 * X4: one domain answers a question from its own log. That it was asked is in its log before anything is told, and also when
 * it says no (XDA-12). Refusals: those of common token verification, `query_denied`, `query_approval_needed`.
 */
export async function answerFrom(
  ports: AnsweringPorts,
  of: DomainHost,
  compact: string,
): Promise<Result<SentTrail, SubmitError>> {
  const nowS = Math.floor(of.host.ports.clock.nowMs() / 1000);
  await of.ledger.catchUp();
  const erased = await eraseOverdue(of, nowS, ports.ids);
  if (!erased.ok) return erased;
  const reads = await readsSince(of, nowS - HOUR_S);
  const asked = await verifyQuery(ports, of, compact, nowS, reads);
  if (!asked.ok) return asked;
  const { claims: query, digest: queryHash } = asked.value;

  const denied = async (problem: Refusal): Promise<Result<SentTrail, SubmitError>> => {
    const told = await record(ports, of, query, queryHash, { entries: 0, denied: problem.code });
    return told.ok ? err(problem) : told;
  };
  const held = await ports.console.read((state) => holdsRole(state, query.iss, query.role, nowS));
  const may = authoriseQuery(query, { holdsRole: held }, queryPolicyOf(of.profile));
  if (!may.ok) return denied(may.error);

  const { page, next } = selectPage(query, entriesOf(of, query));
  const given = reads.filter(({ querier }) => querier === query.iss).reduce((sum, { entries }) => sum + entries, 0);
  const harvests = harvestProblem({ given, approved: false }, page.length);
  if (harvests !== null) return denied(harvests);
  const full: AskedEntry[] = [];
  for (const entry of page) {
    const kept = await of.kept.of(entry);
    if (!kept.ok) return kept;
    full.push({ ...entry, kept: kept.value });
  }
  const audience = { domain: trustDomainOf(query.iss), role: query.role };
  const answer = answerQuery(query, audience, { page: full, next }, ownTrail(of));
  const told = await record(ports, of, query, queryHash, { entries: answer.entries.length, denied: null });
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
  { host }: DomainHost,
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

type Found = Omit<AskedEntry, "kept"> & { readonly digest: string };

/** The audit tokens of this domain's log that may be meant, read again as they were signed. */
function entriesOf({ ledger }: DomainHost, { wid }: AuditQueryClaims): Found[] {
  return ledger.segment(wid ?? null).entries.flatMap(({ wid: of, jti, seq, digest, level }) => {
    const compact = ledger.audit(of, jti)?.compact ?? "";
    const parsed = parseCompact(compact);
    const claims = parsed.ok ? AUDIT_TOKEN_TYPE.schema.safeParse(parsed.value.payload) : null;
    return claims?.success === true ? [{ seq, compact, digest, level, claims: claims.data }] : [];
  });
}

function ownTrail({ domain, ledger }: DomainHost): OwnTrail {
  return {
    domain,
    has: (wid, jti) => ledger.audit(wid, jti) !== undefined,
    isAnswered: (stitchId) => ledger.crossing(stitchId)?.countersign !== undefined,
  };
}

async function record(
  { ids }: AnsweringPorts,
  of: DomainHost,
  query: AuditQueryClaims,
  queryHash: string,
  came: Parameters<typeof readClaims>[2],
): Promise<Result<void, SubmitError>> {
  const { clock } = of.host.ports;
  const { wid: _, ...about } = auditClaims(of, clock, {
    jti: ids.uuid(),
    wid: undefined,
    ...readClaims(query, queryHash, came),
  });
  const audit = await ownAudit(of, about);
  return audit.ok ? put(of, [audit.value]) : audit;
}

async function newestHead({ domain, host }: DomainHost): Promise<Result<string | null, SubmitError>> {
  await host.engine.issueHead();
  const heads = await host.ports.storage.log.heads(domain);
  return heads.ok ? ok(heads.value.at(-1) ?? null) : heads;
}

/** What a domain does with what it may keep no longer, as an act of its own in its log [ours]. */
const ERASE_ACT = "audit_erase";

/** XDA-13: erased first and recorded then, so that nothing is said to be gone that is not. */
export async function eraseOverdue(of: DomainHost, nowS: number, ids: Ids): Promise<Result<void, SubmitError>> {
  const erased = await of.kept.eraseOverdue(nowS);
  if (!erased.ok) return erased;
  if (erased.value === 0) return ok(undefined);
  const { wid: _, ...about } = auditClaims(of, of.host.ports.clock, {
    jti: ids.uuid(),
    wid: undefined,
    exec_act: ERASE_ACT,
    pred: [],
    outcome: "success",
    ect_ext: { "org.signalbox.erased": erased.value },
  });
  const audit = await ownAudit(of, about);
  return audit.ok ? put(of, [audit.value]) : audit;
}
