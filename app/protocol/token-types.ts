import { ACP_TYPE, HITL_DECISION_TYPE, HITL_REQUEST_TYPE } from "./acp/acp-token.ts";
import { ACP_REVOCATION_TYPE } from "./acp/revocation.ts";
import { RECEIPT_TYPE, STH_TYPE } from "./audit/tree-head.ts";
import { ECT_TYPE, INTENT_TYPE, LEGACY_ECT_TYPE, RECORD_TYPE } from "./ect/ect-token.ts";
import { ROLE_STATEMENT_TYPE } from "./identity/role-statement.ts";
import { ENROLMENT_TYPE, WIT_TYPE } from "./identity/wit.ts";
import type { TokenType } from "./jose/token-type.ts";
import { OVERRIDE_ACK_TYPE, OVERRIDE_COMPLIANCE_TYPE, OVERRIDE_TYPE } from "./override/override-token.ts";

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
    OVERRIDE_TYPE,
    OVERRIDE_ACK_TYPE,
    OVERRIDE_COMPLIANCE_TYPE,
    WIT_TYPE,
    ENROLMENT_TYPE,
    ROLE_STATEMENT_TYPE,
    STH_TYPE,
    RECEIPT_TYPE,
  ].flatMap((type) => type.typ.map((typ): [string, TokenType<unknown>] => [typ, type as TokenType<unknown>])),
);

/** Every `typ` that is known here, in normal form. */
export const KNOWN_TYPS: readonly string[] = [...TYPES.keys()];

export function tokenTypeOf(typ: string): TokenType<unknown> | undefined {
  return TYPES.get(typ);
}
