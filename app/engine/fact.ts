import type { Result } from "../base/result.ts";
import { err, ok } from "../base/result.ts";
import type { AcpClaims, HitlDecisionClaims, HitlRequestClaims } from "../protocol/acp/claims.ts";
import type { GrantRevocationClaims, StandingGrantClaims } from "../protocol/acp/grant.ts";
import type { HitlHandlingClaims, HitlReviewClaims, HitlWithdrawalClaims } from "../protocol/acp/handling.ts";
import type { AcpRevocationClaims } from "../protocol/acp/revocation.ts";
import type { LedgerImportClaims, UsageCorrectionClaims } from "../protocol/audit/accounting/orders.ts";
import type { SettlementClaims } from "../protocol/audit/accounting/settlement.ts";
import type { TariffClaims } from "../protocol/audit/accounting/tariff.ts";
import type { UsageRecordClaims } from "../protocol/audit/accounting/usage-record.ts";
import type { AuditQueryClaims } from "../protocol/audit/audit-query.ts";
import type { AuditTokenClaims } from "../protocol/audit/audit-token.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import type { CrossingHandlingClaims } from "../protocol/audit/crossing-handling.ts";
import type { DomainOrderClaims } from "../protocol/audit/domain-order.ts";
import type { CountersignClaims, HandoffClaims } from "../protocol/audit/handoff-claims.ts";
import type { QueryDecisionClaims } from "../protocol/audit/query-decision.ts";
import type { BenchOrderClaims } from "../protocol/behavior/bench-order.ts";
import type { BenchResultClaims } from "../protocol/behavior/bench-result.ts";
import type { BetClaims } from "../protocol/behavior/evidence.ts";
import type { BehaviorOrderClaims } from "../protocol/behavior/order.ts";
import type { BehaviorProfileClaims } from "../protocol/behavior/profile.ts";
import type { EarClaims } from "../protocol/behavior/result.ts";
import type { BreakerOrderClaims } from "../protocol/cascade/breaker-order.ts";
import type { CircuitStateClaims, FailureSignalClaims } from "../protocol/cascade/claims.ts";
import type { ResidueHandlingClaims } from "../protocol/cascade/residue-handling.ts";
import type { RollbackRequestClaims, RollbackResultClaims } from "../protocol/cascade/rollback-claims.ts";
import type { EctClaims, IntentClaims, RecordClaims } from "../protocol/ect/claims.ts";
import type { WitClaims } from "../protocol/identity/claims.ts";
import type { RoleStatementClaims } from "../protocol/identity/role-statement.ts";
import type { TrustStatementClaims } from "../protocol/identity/trust-statement.ts";
import { parseCompact, peekTyp } from "../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import type { LeaseClaims } from "../protocol/liveness/lease.ts";
import type { OverrideAckClaims, OverrideClaims, OverrideComplianceClaims } from "../protocol/override/claims.ts";
import type { EvidenceRequestClaims } from "../protocol/pack/request.ts";
import { tokenTypeOf } from "../protocol/token-types.ts";

/** What an entry's token says, by type: the input of every fold. */
export type Fact =
  | { readonly typ: "wit+jwt"; readonly claims: WitClaims }
  | { readonly typ: "role-statement+jwt"; readonly claims: RoleStatementClaims }
  | { readonly typ: "trust-statement+jwt"; readonly claims: TrustStatementClaims }
  | { readonly typ: "acp+jwt"; readonly claims: AcpClaims }
  | { readonly typ: "acp-revocation+jwt"; readonly claims: AcpRevocationClaims }
  | { readonly typ: "exec+jwt"; readonly claims: EctClaims }
  | { readonly typ: "intent+jwt"; readonly claims: IntentClaims }
  | { readonly typ: "record+jwt"; readonly claims: RecordClaims }
  | { readonly typ: "hitl-request+jwt"; readonly claims: HitlRequestClaims }
  | { readonly typ: "hitl-decision+jwt"; readonly claims: HitlDecisionClaims }
  | { readonly typ: "hitl-handling+jwt"; readonly claims: HitlHandlingClaims }
  | { readonly typ: "hitl-withdrawal+jwt"; readonly claims: HitlWithdrawalClaims }
  | { readonly typ: "hitl-review+jwt"; readonly claims: HitlReviewClaims }
  | { readonly typ: "standing-grant+jwt"; readonly claims: StandingGrantClaims }
  | { readonly typ: "grant-revocation+jwt"; readonly claims: GrantRevocationClaims }
  | { readonly typ: "override+jwt"; readonly claims: OverrideClaims }
  | { readonly typ: "override-ack+jwt"; readonly claims: OverrideAckClaims }
  | { readonly typ: "override-compliance+jwt"; readonly claims: OverrideComplianceClaims }
  | { readonly typ: "circuit-state+jwt"; readonly claims: CircuitStateClaims }
  | { readonly typ: "breaker-order+jwt"; readonly claims: BreakerOrderClaims }
  | { readonly typ: "failure-signal+jwt"; readonly claims: FailureSignalClaims }
  | { readonly typ: "lease+jwt"; readonly claims: LeaseClaims }
  | { readonly typ: "evidence-request+jwt"; readonly claims: EvidenceRequestClaims }
  | { readonly typ: "audit-handoff+jwt"; readonly claims: HandoffClaims }
  | { readonly typ: "audit-countersign+jwt"; readonly claims: CountersignClaims }
  | { readonly typ: "crossing-handling+jwt"; readonly claims: CrossingHandlingClaims }
  | { readonly typ: "audit-query+jwt"; readonly claims: AuditQueryClaims }
  | { readonly typ: "audit-query-decision+jwt"; readonly claims: QueryDecisionClaims }
  | { readonly typ: "domain-order+jwt"; readonly claims: DomainOrderClaims }
  | { readonly typ: "rollback-request+jwt"; readonly claims: RollbackRequestClaims }
  | { readonly typ: "residue-handling+jwt"; readonly claims: ResidueHandlingClaims }
  | { readonly typ: "rollback-result+jwt"; readonly claims: RollbackResultClaims }
  | { readonly typ: "exec-audit+jwt"; readonly claims: AuditTokenClaims }
  | { readonly typ: "usage-record+jwt"; readonly claims: UsageRecordClaims }
  | { readonly typ: "tariff+jwt"; readonly claims: TariffClaims }
  | { readonly typ: "settlement+jwt"; readonly claims: SettlementClaims }
  | { readonly typ: "usage-correction+jwt"; readonly claims: UsageCorrectionClaims }
  | { readonly typ: "ledger-import+jwt"; readonly claims: LedgerImportClaims }
  | { readonly typ: "behavior-profile+jwt"; readonly claims: BehaviorProfileClaims }
  | { readonly typ: "behavior-order+jwt"; readonly claims: BehaviorOrderClaims }
  | { readonly typ: "bet+jwt"; readonly claims: BetClaims }
  | { readonly typ: "ear+jwt"; readonly claims: EarClaims }
  | { readonly typ: "bench-order+jwt"; readonly claims: BenchOrderClaims }
  | { readonly typ: "bench-result+jwt"; readonly claims: BenchResultClaims };

export type FactOf<Typ extends Fact["typ"]> = Extract<Fact, { typ: Typ }>;

/** A fact at its place in the log. `digest` is the token digest; empty for facts the host signed itself, where no fold needs it. */
export type LoggedFact = {
  readonly seq: number;
  readonly receivedAt: number;
  readonly digest: string;
  readonly fact: Fact;
};

const TYPS: readonly string[] = [
  "wit+jwt",
  "role-statement+jwt",
  "trust-statement+jwt",
  "acp+jwt",
  "acp-revocation+jwt",
  "exec+jwt",
  "intent+jwt",
  "record+jwt",
  "hitl-request+jwt",
  "hitl-decision+jwt",
  "hitl-handling+jwt",
  "hitl-withdrawal+jwt",
  "hitl-review+jwt",
  "standing-grant+jwt",
  "grant-revocation+jwt",
  "override+jwt",
  "override-ack+jwt",
  "override-compliance+jwt",
  "circuit-state+jwt",
  "breaker-order+jwt",
  "failure-signal+jwt",
  "lease+jwt",
  "evidence-request+jwt",
  "audit-handoff+jwt",
  "audit-countersign+jwt",
  "crossing-handling+jwt",
  "audit-query+jwt",
  "audit-query-decision+jwt",
  "domain-order+jwt",
  "rollback-request+jwt",
  "rollback-result+jwt",
  "exec-audit+jwt",
  "residue-handling+jwt",
  "usage-record+jwt",
  "tariff+jwt",
  "settlement+jwt",
  "usage-correction+jwt",
  "ledger-import+jwt",
  "behavior-profile+jwt",
  "behavior-order+jwt",
  "bet+jwt",
  "ear+jwt",
  "bench-order+jwt",
  "bench-result+jwt",
] satisfies Fact["typ"][];

/** True for the token types this engine folds. */
export function isFactTyp(typ: string): typ is Fact["typ"] {
  return TYPS.includes(typ);
}

/** The fact of a stored entry, read again without checking its signature: it was checked on arrival, and the head covers it. */
export function factOfEntry(entry: LedgerEntry): Result<Fact, Refusal> {
  const typ = peekTyp(entry.token);
  const type = typ === null ? undefined : tokenTypeOf(typ);
  const known = typ === "wimse-exec+jwt" ? "exec+jwt" : typ;
  if (known === null || type === undefined || !isFactTyp(known)) {
    return err(refusal("token_wrong_type", `entry ${entry.seq} carries a token of type ${typ ?? "none"}`));
  }
  const parsed = parseCompact(entry.token);
  if (!parsed.ok) return parsed;
  const claims = type.schema.safeParse(parsed.value.payload);
  if (!claims.success)
    return err(refusal("token_claim_invalid", `entry ${entry.seq}: ${claims.error.issues[0]?.message ?? "claims"}`));
  return ok({ typ: known, claims: claims.data } as Fact);
}
