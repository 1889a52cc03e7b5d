import { ACP_TYPE, HITL_DECISION_TYPE, HITL_REQUEST_TYPE } from "./acp/acp-token.ts";
import { GRANT_REVOCATION_TYPE, STANDING_GRANT_TYPE } from "./acp/grant.ts";
import { HITL_HANDLING_TYPE, HITL_REVIEW_TYPE, HITL_WITHDRAWAL_TYPE } from "./acp/handling.ts";
import { ACP_REVOCATION_TYPE } from "./acp/revocation.ts";
import { ACCOUNTING_TYPES } from "./audit/accounting/tokens.ts";
import { AUDIT_QUERY_TYPE } from "./audit/audit-query.ts";
import { AUDIT_TOKEN_TYPE } from "./audit/audit-token.ts";
import { CROSSING_HANDLING_TYPE } from "./audit/crossing-handling.ts";
import { DOMAIN_ORDER_TYPE } from "./audit/domain-order.ts";
import { COUNTERSIGN_TYPE, HANDOFF_TYPE } from "./audit/handoff-claims.ts";
import { QUERY_DECISION_TYPE } from "./audit/query-decision.ts";
import { AUDIT_TRAIL_TYPE } from "./audit/trail-claims.ts";
import { RECEIPT_TYPE, STH_TYPE } from "./audit/tree-head.ts";
import { BENCH_ORDER_TYPE } from "./behavior/bench-order.ts";
import { BENCH_RESULT_TYPE } from "./behavior/bench-result.ts";
import { BET_TYPE } from "./behavior/evidence.ts";
import { BEHAVIOR_ORDER_TYPE } from "./behavior/order.ts";
import { BEHAVIOR_PROFILE_TYPE } from "./behavior/profile.ts";
import { EAR_TYPE } from "./behavior/result.ts";
import { BREAKER_ORDER_TYPE } from "./cascade/breaker-order.ts";
import { CIRCUIT_STATE_TYPE, FAILURE_SIGNAL_TYPE } from "./cascade/cascade-token.ts";
import { RESIDUE_HANDLING_TYPE } from "./cascade/residue-handling.ts";
import { ROLLBACK_REQUEST_TYPE, ROLLBACK_RESULT_TYPE } from "./cascade/rollback-claims.ts";
import { ECT_TYPE, INTENT_TYPE, LEGACY_ECT_TYPE, RECORD_TYPE } from "./ect/ect-token.ts";
import { ROLE_STATEMENT_TYPE } from "./identity/role-statement.ts";
import { TRUST_STATEMENT_TYPE } from "./identity/trust-statement.ts";
import { ENROLMENT_TYPE, WIT_TYPE } from "./identity/wit.ts";
import type { TokenType } from "./jose/token-type.ts";
import { LEASE_TYPE } from "./liveness/lease.ts";
import { OVERRIDE_COSIGN_TYPE } from "./override/cosign.ts";
import { OVERRIDE_ACK_TYPE, OVERRIDE_COMPLIANCE_TYPE, OVERRIDE_TYPE } from "./override/override-token.ts";
import { EVIDENCE_REQUEST_TYPE } from "./pack/request.ts";

/** Every type of token this console knows, by each `typ` it may carry. */
const TYPES = new Map<string, TokenType<unknown>>(
  [
    ECT_TYPE,
    LEGACY_ECT_TYPE,
    INTENT_TYPE,
    RECORD_TYPE,
    ACP_TYPE,
    ACP_REVOCATION_TYPE,
    HITL_REQUEST_TYPE,
    HITL_DECISION_TYPE,
    HITL_HANDLING_TYPE,
    HITL_WITHDRAWAL_TYPE,
    HITL_REVIEW_TYPE,
    STANDING_GRANT_TYPE,
    GRANT_REVOCATION_TYPE,
    OVERRIDE_TYPE,
    OVERRIDE_COSIGN_TYPE,
    OVERRIDE_ACK_TYPE,
    OVERRIDE_COMPLIANCE_TYPE,
    ROLLBACK_REQUEST_TYPE,
    ROLLBACK_RESULT_TYPE,
    RESIDUE_HANDLING_TYPE,
    FAILURE_SIGNAL_TYPE,
    CIRCUIT_STATE_TYPE,
    BREAKER_ORDER_TYPE,
    LEASE_TYPE,
    BEHAVIOR_PROFILE_TYPE,
    BEHAVIOR_ORDER_TYPE,
    BET_TYPE,
    EAR_TYPE,
    EVIDENCE_REQUEST_TYPE,
    HANDOFF_TYPE,
    COUNTERSIGN_TYPE,
    CROSSING_HANDLING_TYPE,
    AUDIT_QUERY_TYPE,
    QUERY_DECISION_TYPE,
    DOMAIN_ORDER_TYPE,
    AUDIT_TRAIL_TYPE,
    WIT_TYPE,
    ENROLMENT_TYPE,
    ROLE_STATEMENT_TYPE,
    TRUST_STATEMENT_TYPE,
    AUDIT_TOKEN_TYPE,
    STH_TYPE,
    RECEIPT_TYPE,
    BENCH_ORDER_TYPE,
    BENCH_RESULT_TYPE,
    ...ACCOUNTING_TYPES,
  ].flatMap((type) => type.typ.map((typ): [string, TokenType<unknown>] => [typ, type as TokenType<unknown>])),
);

/** Every `typ` that is known here, in normal form. */
export const KNOWN_TYPS: readonly string[] = [...TYPES.keys()];

export function tokenTypeOf(typ: string): TokenType<unknown> | undefined {
  return TYPES.get(typ);
}
