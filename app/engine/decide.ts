import { assertNever, must } from "../base/assert.ts";
import { err, type Result } from "../base/result.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import type { decideAccounting } from "./accounting/decide.ts";
import type * as audits from "./audit/decide.ts";
import type * as benches from "./behavior/bench-decide.ts";
import type * as behaviors from "./behavior/decide.ts";
import { decideBreakerDue, decideBreakerOrder } from "./cascade/decide.ts";
import { decideDomainDue } from "./cascade/domain-due.ts";
import { decideFailureSignal } from "./cascade/failure-signal.ts";
import type { Command, Draft, Moment } from "./command.ts";
import { decideBorder, decideFinding, decideHandlingOfFinding } from "./crossings/decide.ts";
import { decideDrillScored, decideSelfTested } from "./drill/decide.ts";
import { decideEvidenceRequest } from "./evidence/decide.ts";
import { decideReview, decideReviewDue } from "./gate/break-glass.ts";
import { decideDeadline, decideEscalation } from "./gate/decide-deadline.ts";
import { decideDecision } from "./gate/decide-decision.ts";
import { decideEffect, decideWithheld } from "./gate/decide-effect.ts";
import { decideIntent } from "./gate/decide-intent.ts";
import { decideRequest } from "./gate/decide-request.ts";
import { decideGrant, decideGrantRevocation } from "./gate/grants.ts";
import { decideHandling, decideWithdrawal } from "./gate/handling.ts";
import { decideEnrolment, decideRoleStatement } from "./identity/decide.ts";
import { keyUseProblem } from "./identity/key-use.ts";
import { decideRenewal } from "./identity/renew.ts";
import type { decideTrust } from "./identity/trust.ts";
import { decideLease, decideLeaseDue, decideLink } from "./liveness/decide.ts";
import { decideAck, decideOverride, decideTermination, decideVerdict } from "./override/decide.ts";
import { decideExpiry } from "./override/decide-order.ts";
import { decideRung } from "./override/ladder.ts";
import { decideOverrideNode, isOverrideNode } from "./override/node.ts";
import { decideStopDue } from "./override/orderly.ts";
import { decideDerived, decideReplacement, decideRevocation } from "./policy/decide.ts";
import type { HostIds } from "./records.ts";
import { replayScopeOf } from "./replay.ts";
import { decideRollbackRequest, decideRollbackResult, decideRollbackTick } from "./rollback/decide.ts";
import type { decideRollbackOrder } from "./rollback/order.ts";
import { decideResidueHandling } from "./rollback/residue-handling.ts";
import type { State } from "./state.ts";
import { decideEct, decideFinish, decideStart } from "./workflow/decide.ts";

/** Decisions that are loaded when the first token for them is verified. */
export interface Later {
  rollbackOrder?: typeof decideRollbackOrder;
  accounting?: typeof decideAccounting;
  audit?: typeof audits;
  trust?: typeof decideTrust;
  bench?: typeof benches;
  behavior?: typeof behaviors;
}

const BENCHES_LOADED = "how benchmarks are decided about is loaded with the first of them";
const BEHAVIOR_LOADED = "how conduct is decided about is loaded with the first of it";
const AUDITS_LOADED = "how audit tokens are decided about is loaded with the first of them";

/** The only place that says what a command leads to: entries to log, or a refusal. Pure; one line per kind. */
export function decide(
  state: State,
  command: Command,
  ids: HostIds,
  moment: Moment,
  later: Later = {},
): Result<Draft[], Refusal> {
  switch (command.kind) {
    case "token":
      return decideToken(state, command, ids, moment, later);
    case "enrol":
      return decideEnrolment(state, command, ids, moment);
    case "renew":
      return decideRenewal(state, command, ids, moment);
    case "start":
      return decideStart(state, command, ids, moment);
    case "effect":
      return decideEffect(state, command, ids, moment);
    case "effect_withheld":
      return decideWithheld(state, command, ids, moment);
    case "gate_deadline":
      return decideDeadline(state, command.request, ids, moment);
    case "gate_escalation":
      return decideEscalation(state, command, ids, moment);
    case "review_due":
      return decideReviewDue(state, command.request, ids, moment);
    case "override_expiry":
      return decideExpiry(state, command.signal, ids, moment);
    case "stop_due":
      return decideStopDue(state, command, ids, moment);
    case "override_rung":
      return decideRung(state, command, ids, moment);
    case "breaker_due":
      return decideBreakerDue(state, command, ids, moment);
    case "rollback_tick":
      return decideRollbackTick(state, command, ids, moment);
    case "domain_due":
      return decideDomainDue(state, command, ids, moment);
    case "lease_due":
      return decideLeaseDue(state, command, ids, moment);
    case "link":
      return decideLink(state, command, ids, moment);
    case "agent_terminated":
      return decideTermination(state, command, ids, moment);
    case "verdict":
      return decideVerdict(state, command, ids, moment);
    case "border":
      return decideBorder(state, command, ids, moment);
    case "finding_due":
      return decideFinding(state, command, ids, moment);
    case "drill_scored":
      return decideDrillScored(state, command, ids, moment);
    case "self_tested":
      return decideSelfTested(state, command, ids, moment);
    case "bench_end":
      return must(later.bench, BENCHES_LOADED).decideBenchEnd(state, command, ids, moment);
    case "appraise":
      return must(later.behavior, BEHAVIOR_LOADED).decideAppraisal(state, command, ids, moment);
    case "behavior_stale":
      return must(later.behavior, BEHAVIOR_LOADED).decideStale(state, command, ids, moment);
    case "audit":
      return must(later.audit, AUDITS_LOADED).decideAudit(state, command, ids, moment);
    case "audit_read":
      return must(later.audit, AUDITS_LOADED).decideAuditRead(state, command, ids, moment);
    case "finish":
      return decideFinish(state, command, ids, moment);
    default:
      return assertNever(command, "command");
  }
}

function decideToken(
  state: State,
  command: Extract<Command, { kind: "token" }>,
  ids: HostIds,
  moment: Moment,
  later: Later,
): Result<Draft[], Refusal> {
  const { verified, fact, node } = command;
  const replay = replayScopeOf(fact);
  if (replay !== null && state.seen.has(replay.scope)) {
    return err(refusal("token_replayed", "this token id was used before", { jti: fact.claims.jti }));
  }
  const restricted = keyUseProblem(state, verified, fact);
  if (restricted !== null) return err(restricted);
  switch (fact.typ) {
    case "intent+jwt":
      return decideIntent(state, verified, fact, ids, moment, command.barred);
    case "exec+jwt":
      return isOverrideNode(fact, ids)
        ? decideOverrideNode(state, verified, fact, moment)
        : decideEct(state, verified, fact, moment);
    case "hitl-request+jwt":
      return decideRequest(state, verified, fact, node, moment, command.named);
    case "hitl-decision+jwt":
      return decideDecision(state, verified, fact, node, ids, moment);
    case "hitl-handling+jwt":
      return decideHandling(state, verified, fact, moment);
    case "hitl-withdrawal+jwt":
      return decideWithdrawal(state, verified, fact);
    case "hitl-review+jwt":
      return decideReview(state, verified, fact, moment);
    case "standing-grant+jwt":
      return decideGrant(state, verified, fact, moment);
    case "grant-revocation+jwt":
      return decideGrantRevocation(state, verified, fact, moment);
    case "override+jwt":
      if (fact.claims.action === "rollback") {
        const order = must(later.rollbackOrder, "how an order to roll back is decided is loaded with its verification");
        return order(state, verified, fact, command.cosigners ?? [], ids, moment, command.trails);
      }
      return decideOverride(state, verified, fact, command.cosigners ?? [], moment);
    case "override-ack+jwt":
      return decideAck(state, verified, fact);
    case "rollback-request+jwt":
      return decideRollbackRequest(state, verified, fact, moment);
    case "rollback-result+jwt":
      return decideRollbackResult(state, verified, fact, ids, moment, command.foundHash ?? null);
    case "residue-handling+jwt":
      return decideResidueHandling(state, verified, fact, moment);
    case "failure-signal+jwt":
      return decideFailureSignal(state, verified, fact, ids, moment);
    case "breaker-order+jwt":
      return decideBreakerOrder(state, verified, fact, ids, moment);
    case "evidence-request+jwt":
      return decideEvidenceRequest(state, verified, fact);
    case "lease+jwt":
      return decideLease(state, verified, fact, moment);
    case "exec-audit+jwt":
      return must(later.audit, AUDITS_LOADED).decideAuditToken(state, verified, fact, ids);
    case "behavior-profile+jwt":
      return must(later.behavior, BEHAVIOR_LOADED).decideProfile(state, verified, fact, moment);
    case "behavior-order+jwt":
      return must(later.behavior, BEHAVIOR_LOADED).decideOrder(state, verified, fact, ids, moment);
    case "bet+jwt":
      return must(later.behavior, BEHAVIOR_LOADED).decideEvidence(state, verified, fact, ids, moment, command.evidence);
    case "ear+jwt":
    case "bench-result+jwt":
      return must(later.behavior, BEHAVIOR_LOADED).decideResult(state, verified, fact, ids, moment);
    case "bench-order+jwt":
      return must(later.bench, BENCHES_LOADED).decideBenchOrder(state, verified, fact, ids, moment);
    case "crossing-handling+jwt":
      return decideHandlingOfFinding(state, verified, fact, moment);
    case "role-statement+jwt":
      return decideRoleStatement(state, verified, fact, ids, moment);
    case "trust-statement+jwt":
      return must(later.trust, "how trust is decided about is loaded with its verification")(
        state,
        verified,
        fact,
        ids,
        moment,
      );
    case "acp+jwt":
      return fact.claims.replaces === undefined
        ? decideDerived(state, verified, fact, moment)
        : decideReplacement(state, verified, fact, fact.claims.replaces, moment);
    case "acp-revocation+jwt":
      return decideRevocation(state, verified, fact, moment);
    case "usage-record+jwt":
    case "tariff+jwt":
    case "settlement+jwt":
    case "usage-correction+jwt":
    case "ledger-import+jwt": {
      const account = must(later.accounting, "how accounts are decided about is loaded with their verification");
      return account(state, verified, fact, ids, moment, command.accounting ?? {});
    }
    case "audit-handoff+jwt":
    case "audit-countersign+jwt":
    case "audit-query+jwt":
    case "audit-query-decision+jwt":
    case "domain-order+jwt":
    case "wit+jwt":
    case "record+jwt":
    case "override-compliance+jwt":
    case "circuit-state+jwt":
      return err(refusal("token_wrong_type", `a ${fact.typ} is not taken from outside`));
    default:
      return assertNever(fact, "fact");
  }
}
