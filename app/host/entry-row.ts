import { AUDIT_EXT } from "../engine/audit/statement.ts";
import { type AppraisedRecord, recordData } from "../engine/behavior/behavior-record.ts";
import type { Fact, FactOf } from "../engine/fact.ts";
import { workflowOfAgent } from "../engine/workflow/evolve.ts";
import { trustDomainOf } from "../protocol/audit/trust-domain.ts";
import { statusRank } from "../protocol/behavior/result-contradiction.ts";
import { ECT_EXT } from "../protocol/ect/claims.ts";
import { isReservedAct } from "../protocol/ect/reserved-acts.ts";

/** A log entry reduced to what a list shows and filters by; the words are the tokens' own, bounded where they are shown. */
export interface EntryRowCore {
  /** The trust domain whose log it stands in. */
  readonly domain: string;
  readonly seq: number;
  readonly receivedAt: number;
  readonly typ: string;
  readonly jti: string | null;
  readonly iss: string | null;
  readonly wid: string | null;
  readonly action: string;
  readonly outcome: string | null;
  readonly task: string | null;
  readonly severity: "info" | "notice" | "warning" | "critical";
  readonly submitter: string;
}

type About = Pick<EntryRowCore, "action" | "outcome" | "task" | "wid" | "severity">;

export function entryRow(domain: string, seq: number, receivedAt: number, submitter: string, fact: Fact): EntryRowCore {
  const { claims } = fact;
  return {
    domain,
    seq,
    receivedAt,
    typ: fact.typ,
    jti: claims.jti,
    iss: claims.iss,
    submitter,
    ...aboutOf(fact, domain),
  };
}

function aboutOf(fact: Fact, domain: string): About {
  const none = { outcome: null, task: null, wid: null, severity: "info" } as const;
  switch (fact.typ) {
    case "wit+jwt":
      return { ...none, action: "enrol_key" };
    case "role-statement+jwt":
      return {
        ...none,
        action: "grant_roles",
        outcome: fact.claims.roles.join(" ") || "none",
        severity: "notice",
      };
    case "trust-statement+jwt":
      return {
        ...none,
        action: fact.claims.trust === undefined ? "end_trust" : "state_trust",
        outcome: fact.claims.trust?.kind ?? "ended",
        severity: "notice",
      };
    case "acp+jwt":
      return {
        ...none,
        action: fact.claims.parent === undefined ? "issue_policy" : "delegate_policy",
        wid: fact.claims.wid,
      };
    case "acp-revocation+jwt":
      return { ...none, action: "revoke_policy", outcome: "revoked", severity: "warning" };
    case "exec+jwt": {
      const { claims } = fact;
      const start = claims.exec_act === "run_start";
      const outcome = claims.ect_ext?.[ECT_EXT.outcome];
      return {
        action: claims.exec_act,
        outcome: typeof outcome === "string" ? outcome : null,
        task: start ? null : claims.jti,
        wid: claims.wid ?? null,
        severity: outcome === "failure" ? "warning" : start ? "notice" : "info",
      };
    }
    case "intent+jwt":
      return { ...none, action: fact.claims.exec_act, outcome: "asked", task: fact.claims.task, wid: fact.claims.wid };
    case "record+jwt":
      return recordAbout(fact);
    case "hitl-request+jwt":
      return {
        action: fact.claims.task.exec_act,
        outcome: "waiting",
        task: fact.claims.task.jti,
        wid: fact.claims.wid,
        severity: "notice",
      };
    case "hitl-decision+jwt":
      return {
        ...none,
        action: fact.claims.bind.exec_act,
        outcome: DECISION[fact.claims.outcome] ?? fact.claims.outcome,
        wid: fact.claims.wid,
        severity: fact.claims.break_glass === true ? "critical" : "notice",
      };
    case "hitl-handling+jwt":
      return { ...none, action: fact.claims.verb, wid: fact.claims.wid };
    case "hitl-withdrawal+jwt":
      return { ...none, action: "withdraw", outcome: fact.claims.settled, wid: fact.claims.wid, severity: "notice" };
    case "hitl-review+jwt":
      return {
        ...none,
        action: "review",
        outcome: fact.claims.verdict,
        wid: fact.claims.wid,
        severity: fact.claims.verdict === "justified" ? "notice" : "warning",
      };
    case "standing-grant+jwt":
      return { ...none, action: "grant", outcome: fact.claims.exec_act, wid: fact.claims.wid, severity: "notice" };
    case "grant-revocation+jwt":
      return { ...none, action: "revoke_grant", outcome: "revoked", severity: "notice" };
    case "override+jwt":
      return {
        ...none,
        action: fact.claims.action,
        outcome: "commanded",
        wid: fact.claims.scope.kind === "workflow" ? fact.claims.scope.id : null,
        severity: fact.claims.action === "stop" ? "critical" : "notice",
      };
    case "override-ack+jwt":
      return { ...none, action: "acknowledge", outcome: "acknowledged" };
    case "circuit-state+jwt":
      return {
        ...none,
        action: "circuit",
        wid: workflowOfAgent(fact.claims.callee),
        outcome: fact.claims.state,
        severity: fact.claims.state === "closed" || fact.claims.state === "half_open" ? "notice" : "warning",
      };
    case "failure-signal+jwt":
      return {
        ...none,
        action: "failure_signal",
        outcome: fact.claims.code,
        task: fact.claims.task ?? null,
        wid: fact.claims.wid,
        severity: fact.claims.origin && fact.claims.severity >= 4 ? "critical" : "warning",
      };
    case "breaker-order+jwt":
      return {
        ...none,
        action: `${fact.claims.order}_${fact.claims.domain === undefined ? "breaker" : "domain"}`,
        outcome: "commanded",
        wid: fact.claims.domain?.wid ?? workflowOfAgent(fact.claims.breaker?.callee ?? ""),
        severity: "notice",
      };
    case "evidence-request+jwt":
      return {
        ...none,
        action: "evidence_pack",
        outcome: fact.claims.selection.kind,
        wid: fact.claims.selection.kind === "workflow" ? fact.claims.selection.wid : null,
        severity: "notice",
      };
    case "audit-handoff+jwt":
      return { ...none, action: "hand_off", outcome: fact.claims.to, wid: fact.claims.wid };
    case "audit-countersign+jwt":
      return {
        ...none,
        action: "countersign",
        outcome: fact.claims.verdict,
        wid: fact.claims.wid,
        severity: fact.claims.verdict === "accepted" ? "info" : "warning",
      };
    case "crossing-handling+jwt":
      return { ...none, action: `${fact.claims.verb}_finding`, outcome: fact.claims.code, severity: "notice" };
    case "audit-query+jwt":
      return {
        ...none,
        action: "hold_query",
        outcome: fact.claims.purpose,
        wid: fact.claims.wid ?? null,
        severity: "notice",
      };
    case "audit-query-decision+jwt":
      return {
        ...none,
        action: "decide_query",
        outcome: fact.claims.outcome === "approve" ? "approved" : "rejected",
        severity: "notice",
      };
    case "domain-order+jwt":
      return { ...none, action: fact.claims.order.kind, outcome: "commanded", severity: "notice" };
    case "lease+jwt":
      return { ...none, action: "lease", outcome: "given", wid: fact.claims.wid, severity: "notice" };
    case "usage-record+jwt":
      return {
        ...none,
        action: fact.claims.correction_of === undefined ? "meter_usage" : "correct_usage",
        outcome: fact.claims.payer,
        task: fact.claims.task,
        wid: fact.claims.wid,
      };
    case "tariff+jwt":
      return { ...none, action: "set_tariff", outcome: fact.claims.account.payer, severity: "notice" };
    case "settlement+jwt":
      return {
        ...none,
        action: `settlement_${fact.claims.phase}`,
        outcome: `${fact.claims.amount_total} ${fact.claims.currency}`,
        severity: fact.claims.phase === "dispute" ? "warning" : "notice",
      };
    case "usage-correction+jwt":
      return { ...none, action: "order_correction", outcome: "commanded", severity: "notice" };
    case "ledger-import+jwt":
      return { ...none, action: "import_ledger", outcome: fact.claims.domain, severity: "notice" };
    case "behavior-profile+jwt":
      return {
        ...none,
        action: "put_profile",
        outcome: `${fact.claims.profile.profile_id} ${fact.claims.profile.version}`,
        severity: "notice",
      };
    case "behavior-order+jwt":
      return { ...none, action: `${fact.claims.order}_agent`, outcome: "commanded", severity: "notice" };
    case "bet+jwt":
      return { ...none, action: "behavior_evidence", outcome: fact.claims.observer, wid: fact.claims.wid };
    case "ear+jwt":
      return earAbout(fact, domain);
    case "bench-order+jwt":
      return { ...none, action: "order_benchmark", outcome: fact.claims.profile.bench_id, severity: "notice" };
    case "bench-result+jwt":
      return {
        ...none,
        action: isOthers(fact, domain) ? "asserted_benchmark" : "benchmark_result",
        outcome: fact.claims.bench.bench_id,
        severity: "notice",
      };
    case "rollback-request+jwt":
      return {
        ...none,
        action: `rollback_${fact.claims.phase}`,
        outcome: "commanded",
        wid: fact.claims.wid,
        severity: "notice",
      };
    case "exec-audit+jwt":
      return auditAbout(fact);
    case "residue-handling+jwt":
      return { ...none, action: `residue_${fact.claims.verb}`, outcome: RESIDUE[fact.claims.verb], severity: "notice" };
    case "rollback-result+jwt":
      return {
        ...none,
        action: `rollback_${fact.claims.phase}`,
        outcome: fact.claims.status,
        task: fact.claims.task ?? null,
        wid: workflowOfAgent(fact.claims.iss),
        severity: UNDONE.has(fact.claims.status) ? "info" : "warning",
      };
    case "override-compliance+jwt":
      return {
        ...none,
        action: "verify_override",
        outcome: fact.claims.verdict,
        severity:
          fact.claims.verdict === "compliant" ? "info" : fact.claims.verdict === "violated" ? "critical" : "warning",
      };
  }
}

/** A result of another domain's verifier, which is in the log as what that one asserts (BEH-27). */
const isOthers = ({ claims }: FactOf<"ear+jwt"> | FactOf<"bench-result+jwt">, domain: string): boolean =>
  trustDomainOf(claims.iss) !== domain.toLowerCase();

/** A result of an appraisal: never told as softer than its worst is (BEH-9). What another domain asserts is of no workflow here. */
function earAbout(fact: FactOf<"ear+jwt">, domain: string): About {
  const [worst] = Object.values(fact.claims.submods).toSorted(
    (a, b) => statusRank(b["ear.status"]) - statusRank(a["ear.status"]),
  );
  const said = worst?.["agent.behavior"];
  const severity = { none: "info", affirming: "info", warning: "warning", contraindicated: "critical" } as const;
  const others = isOthers(fact, domain);
  return {
    ...{ action: others ? "asserted_result" : "behavior_result", task: null },
    wid: said === undefined || others ? null : workflowOfAgent(said.subject),
    outcome: said?.verdict ?? worst?.["ear.status"] ?? null,
    severity: others ? "notice" : severity[worst?.["ear.status"] ?? "none"],
  };
}

/** The record of a task; of an attempt, the task it was for (XA-16). */
function auditAbout({ claims }: FactOf<"exec-audit+jwt">): About {
  const { jti, exec_act, outcome, wid = null, ect, ect_ext, severity = "info" } = claims;
  const attempted = ect_ext?.[AUDIT_EXT.task];
  // What is no task of an agent has none; a domain may keep the record of a task without what it wraps.
  const own = isReservedAct(exec_act) || exec_act.startsWith("audit_") ? null : jti;
  const task = exec_act === "run_start" ? null : (ect?.jti ?? own);
  return { action: exec_act, outcome, task: typeof attempted === "string" ? attempted : task, wid, severity };
}

/** Answers of a participant that leave nothing behind. */
const RESIDUE = { assign: "assigned", settle: "settled", reopen: "open" } as const;

const UNDONE: ReadonlySet<string> = new Set(["ready", "done"]);

const DECISION: Readonly<Record<string, string>> = {
  approve: "approved",
  reject: "rejected",
  abort: "aborted",
  escalate: "escalated",
  modify: "approved_changed",
};

/** What an appraisal found, or where an agent stands from now on. */
function conductAbout(fact: FactOf<"record+jwt">): About {
  const { kind, wid = null } = fact.claims;
  const { window, change } = recordData<Partial<AppraisedRecord>>(fact);
  const outcome = change?.to ?? window?.verdict ?? null;
  const grave = outcome === "quarantined" || outcome === "nonconformant";
  const severity = grave ? "critical" : outcome === "drifting" || outcome === "stale" ? "warning" : "info";
  return { action: kind, outcome, task: null, wid, severity };
}

function recordAbout(fact: Extract<Fact, { typ: "record+jwt" }>): About {
  const { kind, data, wid } = fact.claims;
  if (kind === "behavior_appraised" || kind === "behavior_state") return conductAbout(fact);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const refused =
    kind === "refused" || kind === "effect_refused" || kind === "gate_timed_out" || kind === "task_stopped";
  const escalated = kind === "gate_escalated";
  return {
    action: kind,
    outcome:
      text(data.code) ??
      (kind === "bench_aborted" ? text(data.reason) : null) ??
      (kind === "permitted"
        ? "permitted"
        : escalated
          ? text(data.role)
          : kind === "cascade_alert"
            ? text(data.action)
            : text(
                kind === "drill_scored" || kind === "self_tested"
                  ? data.result
                  : kind === "domain_state"
                    ? data.to
                    : kind === "domain_alert"
                      ? data.kind
                      : kind === "override_escalated"
                        ? data.rung
                        : data.stage,
              )),
    task: text(data.task),
    wid: wid ?? null,
    severity:
      kind === "review_overdue" ||
      kind === "cascade_alert" ||
      kind === "override_escalated" ||
      (kind === "domain_state" && data.to === "isolated") ||
      (kind === "rollback_moved" && data.event === "signal")
        ? "critical"
        : (kind === "drill_scored" && data.result === "failed") ||
            (kind === "self_tested" && data.result !== "passed") ||
            kind === "agent_terminated" ||
            kind === "domain_alert" ||
            kind === "lease_ended" ||
            kind === "link_lost" ||
            kind === "finding_flagged" ||
            kind === "bench_aborted" ||
            kind === "behavior_refused" ||
            refused
          ? "warning"
          : kind === "gate_required" ||
              kind === "drill_scored" ||
              kind === "self_tested" ||
              kind === "link_returned" ||
              escalated
            ? "notice"
            : "info",
  };
}
