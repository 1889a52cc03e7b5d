import type { Fact } from "./fact.ts";

/** Seconds a scope is kept beyond `exp` (COM-3 skew, both sides). */
const MARGIN_S = 60;

/**
 * COM-7: where a token's id must be new. Messages: (iss, jti), kept until they would be refused as expired anyway.
 * ECTs are covered for ever by the workflow's own tasks (ECT-12), so they need no entry here.
 */
export function replayScopeOf(fact: Fact): { readonly scope: string; readonly until: number } | null {
  switch (fact.typ) {
    case "intent+jwt":
    case "hitl-request+jwt":
    case "hitl-decision+jwt":
    case "hitl-handling+jwt":
    case "hitl-withdrawal+jwt":
    case "hitl-review+jwt":
    case "standing-grant+jwt":
    case "grant-revocation+jwt":
    case "override+jwt":
    case "override-ack+jwt":
    case "breaker-order+jwt":
    case "failure-signal+jwt":
    case "rollback-request+jwt":
    case "rollback-result+jwt":
    case "residue-handling+jwt":
    case "lease+jwt":
    case "evidence-request+jwt":
    case "audit-handoff+jwt":
    case "audit-countersign+jwt":
    case "crossing-handling+jwt":
    case "audit-query+jwt":
    case "audit-query-decision+jwt":
    case "domain-order+jwt":
    case "usage-record+jwt":
    case "tariff+jwt":
    case "settlement+jwt":
    case "usage-correction+jwt":
    case "ledger-import+jwt":
    case "acp+jwt":
    case "acp-revocation+jwt":
    case "role-statement+jwt":
    case "trust-statement+jwt":
    case "exec-audit+jwt":
    case "behavior-profile+jwt":
    case "behavior-order+jwt":
    case "bet+jwt":
    case "bench-order+jwt":
    case "ear+jwt":
      return { scope: `${fact.claims.iss} ${fact.claims.jti}`, until: fact.claims.exp + MARGIN_S };
    case "exec+jwt":
    case "wit+jwt":
    case "record+jwt":
    case "override-compliance+jwt":
    case "circuit-state+jwt":
    case "bench-result+jwt":
      return null;
  }
}
