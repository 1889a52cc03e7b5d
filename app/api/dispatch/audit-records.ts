import { orderAuditJti } from "../../engine/audit/evolve.ts";
import type { ProtectedRead } from "../../engine/audit/statement.ts";
import { type Fact, isFactTyp } from "../../engine/fact.ts";
import type { Host } from "../../host/open-host.ts";
import { AUDIT_TYP } from "../../protocol/audit/audit-token.ts";
import { nodeJti } from "../../protocol/ect/object-node.ts";
import { actorBy, explainAuditAt, notedAudit } from "./open-audit.ts";
import { storedEntry } from "./open-token.ts";

/** Audit tokens that are shown for one entry at most: of a task that was tried again and again, the newest. */
const MAX_RECORDS = 8;
/**
 * Tokens in which people's or agents' own words and arguments stand in clear (XA-61): reasons, purposes, explanations. All
 * others hold ids, names, times, digests and the host's own words. Each type has to be decided about.
 */
const IN_CLEAR: Readonly<Record<Fact["typ"], boolean>> = {
  "hitl-request+jwt": true,
  "hitl-decision+jwt": true,
  "hitl-handling+jwt": true,
  "hitl-review+jwt": true,
  "hitl-withdrawal+jwt": true,
  "override+jwt": true,
  "rollback-request+jwt": true,
  "residue-handling+jwt": true,
  "breaker-order+jwt": true,
  "evidence-request+jwt": true,
  "audit-query+jwt": true,
  "audit-query-decision+jwt": true,
  "domain-order+jwt": true,
  "crossing-handling+jwt": true,
  "standing-grant+jwt": true,
  "grant-revocation+jwt": true,
  "acp-revocation+jwt": true,
  "role-statement+jwt": true,
  "trust-statement+jwt": true,
  "tariff+jwt": true,
  "settlement+jwt": true,
  "usage-correction+jwt": true,
  "ledger-import+jwt": true,
  "bench-order+jwt": true,
  "behavior-profile+jwt": true,
  "behavior-order+jwt": true,
  "bet+jwt": true,
  "ear+jwt": false,
  "bench-result+jwt": false,
  "wit+jwt": false,
  "acp+jwt": false,
  "exec+jwt": false,
  "intent+jwt": false,
  "record+jwt": false,
  "override-ack+jwt": false,
  "override-compliance+jwt": false,
  "circuit-state+jwt": false,
  "failure-signal+jwt": false,
  "lease+jwt": false,
  "audit-handoff+jwt": false,
  "audit-countersign+jwt": false,
  "rollback-result+jwt": false,
  "exec-audit+jwt": false,
  "usage-record+jwt": false,
};

const holdsWords = (typ: string): boolean => isFactTyp(typ) && IN_CLEAR[typ];

/** The audit tokens about an entry: by the task it is about, the node that stands for it, or the order it gives. */
export function recordsOf({ index }: Host, seq: number): readonly number[] {
  const row = index.row(seq);
  if (row === undefined) return [];
  if (row.typ === AUDIT_TYP) return [seq];
  const about = [row.task, row.jti === null ? null : nodeJti(row.jti)]
    .filter((task) => task !== null)
    .flatMap((task) => index.about(task))
    .filter((at) => index.row(at)?.typ === AUDIT_TYP);
  const order = row.typ === "override+jwt" && row.jti !== null ? index.seqOf(orderAuditJti(row.jti)) : null;
  return [...new Set([...about, ...(order === null ? [] : [order])])].slice(-MAX_RECORDS);
}

export async function recordOf(host: Host, seq: number) {
  const entry = await storedEntry(host, seq);
  if (entry === null) return null;
  const explained = await explainAuditAt(host, entry.token, { nowS: entry.received_at, entry });
  const { claims, audit, isCovered, untold } = explained;
  if (claims === null) return null;
  const steps = explained.steps.map(({ procedure = "V1", ...step }) => notedAudit({ procedure, ...step }, explained));
  return {
    seq,
    jti: claims.jti,
    claimedLevel: claims.level,
    level: audit?.level ?? 0,
    isCovered,
    code: steps.find((step) => step.result === "failed")?.code ?? null,
    action: claims.exec_act.slice(0, 256),
    outcome: claims.outcome,
    actor: claims.actor?.sub ?? null,
    actorBy: actorBy(explained),
    evidence: { found: audit?.evidenceFound ?? 0, named: claims.evidence?.length ?? 0 },
    external: [...(audit?.external ?? [])],
    retentionUntil: claims.retention_until ?? null,
    untold,
    steps: steps.map(({ procedure: _procedure, ...step }) => step),
  };
}

interface NotedRead {
  readonly operator: string;
  readonly kind: ProtectedRead["kind"];
  readonly object?: string | number | undefined;
}

/** Null where nothing protected was read: entries without anything in clear, and objects this log does not have. */
export function readOf({ index, engine }: Host, { operator, kind, object }: NotedRead): ProtectedRead | null {
  if (kind === "export") return { operator, kind, object: engine.ids.logId, wid: null };
  const seq = typeof object === "number" ? object : object === undefined ? null : index.seqOf(object);
  const row = seq === null ? undefined : index.row(seq);
  if (row === undefined || row.jti === null || !holdsWords(row.typ)) return null;
  return { operator, kind, object: row.jti, wid: row.wid };
}
