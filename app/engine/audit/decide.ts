import { err, ok, type Result } from "../../base/result.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { retentionUntil } from "../../protocol/audit/retention.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { Draft, Moment } from "../command.ts";
import type { FactOf } from "../fact.ts";
import { isHuman } from "../identity/human.ts";
import { type HostIds, tokenDraft } from "../records.ts";
import type { State } from "../state.ts";
import { readKey } from "./evolve.ts";
import {
  AUDIT_EXT,
  type AuditIssue,
  type AuditStatement,
  auditKey,
  type ProtectedRead,
  READ_ACT,
  READ_AGAIN_S,
} from "./statement.ts";

const LIFETIME_S = 600;

/** Audit tokens for what is due, the oldest first, at most `limit`: one task each (XA-1). Refused when nothing is due. */
export function decideAudit(
  state: State,
  command: { readonly issue: AuditIssue; readonly since: number; readonly limit: number },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const drafts: Draft[] = [];
  for (const statement of state.audit.due.values()) {
    if (drafts.length >= command.limit) break;
    if (statement.seq >= command.since) drafts.push(draftOf(statement, command.issue, ids, moment));
  }
  return drafts.length > 0 ? ok(drafts) : err(refusal("audit_nothing_due", "nothing waits for an audit token"));
}

/** An operator's read as an entry, by the console's word: reading is not signed. Once per object in ten minutes. */
export function decideAuditRead(
  state: State,
  command: { readonly issue: AuditIssue; readonly read: ProtectedRead },
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const { operator, kind, object, wid } = command.read;
  const isEnrolled = [...state.keys.values()].some(({ subject }) => subject === operator);
  if (!isHuman(operator) || !isEnrolled)
    return err(refusal("role_subject_unknown", "nobody is enrolled under this id", { claim: "operator" }));
  const last = state.audit.reads.get(readKey(operator, kind, object));
  if (last !== undefined && moment.nowS - last < READ_AGAIN_S)
    return err(refusal("audit_read_recorded", "this read is on record already"));
  const statement: AuditStatement = {
    seq: state.size,
    jti: moment.uuid(),
    ...(wid === null ? {} : { wid }),
    exec_act: READ_ACT,
    pred: [],
    actor: { sub: operator },
    outcome: "success",
    ended_at: moment.nowS,
    severity: kind === "export" ? "notice" : "info",
    ect_ext: { [AUDIT_EXT.read]: kind, [AUDIT_EXT.object]: object, [AUDIT_EXT.asserted]: ["actor"] },
  };
  return ok([draftOf(statement, command.issue, ids, moment)]);
}

function draftOf({ seq: _seq, ...said }: AuditStatement, issue: AuditIssue, ids: HostIds, moment: Moment): Draft {
  const until = retentionUntil(moment.nowS, issue.reg, issue.retentionS);
  const claims: AuditTokenClaims = {
    iss: ids.pepId,
    aud: [ids.logId],
    iat: moment.nowS,
    exp: moment.nowS + LIFETIME_S,
    ...said,
    aud_ver: 1,
    // It is appended to this log and nowhere else: whoever has its receipt computes the same (XA-7).
    level: 3,
    idp: { kind: "wimse", wit_hash: issue.witHash },
    domain: ids.domain,
    ...(issue.jurisdictions.length === 0 ? {} : { jurisdictions: [...issue.jurisdictions] }),
    ...(issue.reg.length === 0 ? {} : { reg: [...issue.reg] }),
    ...(until === null ? {} : { retention_until: until }),
  };
  return { kind: "sign", as: "pep", fact: { typ: "exec-audit+jwt", claims } };
}

/**
 * An audit token that somebody brings, after V1: of this domain, and of a task of this log that has none yet. Its own
 * enforcement point may also record what no ECT tells. Refusals: `audit_domain_mismatch`, `audit_ect_mismatch`,
 * `dag_duplicate_task`, `audit_claim_invalid`.
 */
export function decideAuditToken(
  state: State,
  token: Verified<unknown>,
  fact: FactOf<"exec-audit+jwt">,
  ids: HostIds,
): Result<Draft[], Refusal> {
  const { claims } = fact;
  if (claims.domain.toLowerCase() !== ids.domain.toLowerCase())
    return err(refusal("audit_domain_mismatch", "a log keeps the records of its own domain", { claim: "domain" }));
  const own = claims.iss === ids.pepId;
  if (claims.ect === undefined)
    return own ? ok([tokenDraft(token, fact)]) : err(ectMismatch("it wraps no execution context token of this log"));
  const held = claims.wid === undefined ? undefined : state.workflows.get(claims.wid)?.ects.get(claims.jti);
  if (held === undefined || held.digest !== claims.ect.hash)
    return err(ectMismatch("the execution context token it wraps is not in this log"));
  if (!own && held.iss !== claims.iss)
    return err(ectMismatch("a task is recorded by who did it, or by the enforcement point"));
  const due = state.audit.due.get(auditKey(claims));
  if (due === undefined)
    return err(refusal("dag_duplicate_task", "this task has its audit token already (XA-1)", { jti: claims.jti }));
  const better = own ? null : betterThan(due, claims);
  return better === null ? ok([tokenDraft(token, fact)]) : err(better);
}

const SEVERITIES = ["info", "notice", "warning", "critical"] as const;
const rankOf = ({ severity = "info" }: Pick<AuditTokenClaims, "severity">): number => SEVERITIES.indexOf(severity);

/** Whoever did a task does not record it as another's, as a success that it was not, or as less grave than it was (XA-16, XA-17). */
function betterThan(due: AuditStatement, claims: AuditTokenClaims): Refusal | null {
  const { actor, outcome } = claims;
  const isActor =
    actor === undefined ||
    (actor.sub === due.actor?.sub &&
      (actor.act === undefined || (actor.act.sub === due.actor.act?.sub && actor.act.act === undefined)));
  if (!isActor) return refusal("audit_ect_mismatch", "it names another actor than this log knows", { claim: "actor" });
  if (due.outcome !== "success" && outcome !== due.outcome)
    return refusal("audit_claim_invalid", `this log knows its outcome as ${due.outcome}`, { claim: "outcome" });
  return rankOf(claims) < rankOf(due)
    ? refusal("audit_claim_invalid", `this log knows it as ${due.severity ?? "info"}`, { claim: "severity" })
    : null;
}

const ectMismatch = (detail: string): Refusal => refusal("audit_ect_mismatch", detail, { claim: "ect" });
