import type { EntryRow } from "../../api/contract/common.ts";
import type { MarkShape, MarkTone } from "../../ui/mark.tsx";

interface Look {
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  readonly label: string;
}

const SEVERITIES: Record<EntryRow["severity"], Look | null> = {
  info: null,
  notice: { shape: "diamond", tone: "notice", label: "notice" },
  warning: { shape: "triangle", tone: "warning", label: "warning" },
  critical: { shape: "cross", tone: "critical", label: "critical" },
};

/** Null for what is normal: only the abnormal is marked (A9). */
export function severityMark(severity: EntryRow["severity"]): Look | null {
  return SEVERITIES[severity];
}

const TYPS: ReadonlyMap<string, string> = new Map([
  ["role-statement+jwt", "role statement"],
  ["trust-statement+jwt", "trust statement"],
  ["acp-revocation+jwt", "policy revocation"],
  ["exec-audit+jwt", "audit token"],
  ["behavior-profile+jwt", "behaviour profile"],
  ["behavior-order+jwt", "order about an agent"],
  ["bet+jwt", "evidence"],
  ["ear+jwt", "appraisal"],
  ["missing", "missing entry"],
  ["unreadable", "unreadable entry"],
]);

/** A token type in words, or without what all of them share. */
export function shortTyp(typ: string): string {
  return TYPS.get(typ) ?? typ.replace(/\+jwt$/, "");
}

/** By type and action: an agent may call its action whatever it likes. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ["role-statement+jwt grant_roles", "says which roles somebody has"],
  ["trust-statement+jwt state_trust", "says who is trusted about identities"],
  ["trust-statement+jwt end_trust", "ends the trust in something"],
  ["acp-revocation+jwt revoke_policy", "revokes a policy"],
  ["record+jwt gate_escalated", "request escalated"],
  ["record+jwt override_escalated", "rung of the escalation ladder"],
  ["record+jwt stop_due", "orderly stop is immediate now"],
  ["exec-audit+jwt run_start", "record of a start"],
  ["exec-audit+jwt hitl_decision", "record of a human decision"],
  ["exec-audit+jwt override_signal", "record of an operator's order"],
  ["exec-audit+jwt audit_read", "an operator has read protected data"],
  ["audit-query+jwt hold_query", "a question to this domain waits for an approval"],
  ["audit-query-decision+jwt decide_query", "an operator has decided about a held question"],
  ["domain-order+jwt border_policy", "says what crosses the border of this domain"],
  ["domain-order+jwt confirm", "a second person confirms a border policy"],
  ["domain-order+jwt legal_hold", "puts records under a legal hold"],
  ["domain-order+jwt end_hold", "ends a legal hold"],
  ["domain-order+jwt erase", "has what records keep apart erased"],
  ["usage-record+jwt meter_usage", "states what a task used"],
  ["usage-record+jwt correct_usage", "corrects what a task used"],
  ["tariff+jwt set_tariff", "sets a tariff"],
  ["settlement+jwt settlement_statement", "states what is owed"],
  ["settlement+jwt settlement_accept", "accepts a statement"],
  ["settlement+jwt settlement_dispute", "disputes a statement"],
  ["settlement+jwt settlement_confirm", "confirms a settlement"],
  ["usage-correction+jwt order_correction", "orders a correction"],
  ["ledger-import+jwt import_ledger", "takes another domain's ledger in"],
  ["behavior-profile+jwt put_profile", "says what an agent may be expected to do"],
  ["behavior-order+jwt quarantine_agent", "puts an agent into quarantine"],
  ["behavior-order+jwt release_agent", "lets an agent out of quarantine"],
  ["bet+jwt behavior_evidence", "evidence of what an agent did"],
  ["ear+jwt behavior_result", "result of an appraisal"],
  ["ear+jwt asserted_result", "another domain asserts an appraisal"],
  ["exec+jwt behavior_appraise", "conduct was appraised"],
  ["record+jwt behavior_appraised", "conduct judged"],
  ["record+jwt behavior_state", "an agent stands otherwise"],
  ["record+jwt behavior_refused", "evidence refused"],
  ["bench-order+jwt order_benchmark", "orders a benchmark"],
  ["bench-result+jwt benchmark_result", "result of a benchmark"],
  ["bench-result+jwt asserted_benchmark", "another domain asserts a benchmark"],
  ["record+jwt self_tested", "agents tested on themselves"],
  ["record+jwt bench_aborted", "benchmark ended without a result"],
  ["missing missing", "no entry is stored here"],
  ["unreadable unreadable", "the stored entry cannot be read"],
]);

/** What the console itself names, in words; null for what stands in the token as it is. */
export function actionWords({ typ, action }: Pick<EntryRow, "typ" | "action">): string | null {
  return ACTIONS.get(`${typ} ${action}`) ?? null;
}

/** The last part of an agent's or operator's id; the whole id is always near. */
export function shortName(id: string): string {
  return (
    id
      .split(/[/:]/)
      .filter((part) => part !== "")
      .at(-1) ?? id
  );
}

const ANSWERS: Record<"passed" | "failed" | "not_applicable" | "not_checked" | "not_reached", Look> = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_applicable: { shape: "bar", tone: "neutral", label: "does not apply" },
  not_checked: { shape: "ring", tone: "warning", label: "not checked" },
  not_reached: { shape: "ring", tone: "neutral", label: "not reached" },
};

/** How the answer of a check looks; one that was not made never looks passed (XA-20). */
export function answerMark(result: keyof typeof ANSWERS): Look {
  return ANSWERS[result];
}
