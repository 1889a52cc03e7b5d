import { assertNever } from "../base/assert.ts";
import { evolveAccounting } from "./accounting/evolve.ts";
import { evolveAudit, evolveDenials } from "./audit/evolve.ts";
import { evolveBenchOrder, evolveBenchResult } from "./behavior/bench-evolve.ts";
import { evolveBehavior } from "./behavior/evolve.ts";
import { evolveCascade } from "./cascade/evolve.ts";
import { evolveFindings } from "./crossings/evolve.ts";
import type { LoggedFact } from "./fact.ts";
import { evolveDecision, evolveRecord, evolveRequest } from "./gate/evolve.ts";
import {
  evolveGrant,
  evolveGrantRevocation,
  evolveHandling,
  evolveReview,
  evolveWithdrawal,
} from "./gate/evolve-handling.ts";
import { evolveRoleStatement, evolveTrust } from "./identity/evolve.ts";
import { evolveLiveness } from "./liveness/evolve.ts";
import { evolveAck, evolveOverride, evolveVerdict } from "./override/evolve.ts";
import { evolvePolicy, evolveRevocation } from "./policy/evolve.ts";
import { replayScopeOf } from "./replay.ts";
import { evolveRollback } from "./rollback/evolve.ts";
import type { State } from "./state.ts";
import { evolveEct, evolveIntent, evolveWit } from "./workflow/evolve.ts";

/** Forgetting of replay scopes runs every so many entries, so that the fold stays deterministic. */
const SWEEP_EVERY = 4096;

/** Folds one logged fact into the state, in place, and returns it. Total: what is in the log has been decided upon. */
export function evolve(state: State, logged: LoggedFact): State {
  const { fact } = logged;
  const replay = replayScopeOf(fact);
  if (replay !== null) state.seen.set(replay.scope, replay.until);
  evolveAudit(state, logged);
  switch (fact.typ) {
    case "wit+jwt":
      evolveWit(state, logged, fact);
      break;
    case "role-statement+jwt":
      evolveRoleStatement(state, logged, fact);
      break;
    case "trust-statement+jwt":
      evolveTrust(state, logged, fact);
      break;
    case "acp+jwt":
      evolvePolicy(state, logged, fact);
      break;
    case "acp-revocation+jwt":
      evolveRevocation(state, logged, fact);
      break;
    case "exec+jwt":
      evolveEct(state, logged, fact);
      break;
    case "intent+jwt":
      evolveIntent(state, logged, fact);
      break;
    case "record+jwt":
      evolveRecord(state, logged, fact);
      break;
    case "hitl-request+jwt":
      evolveRequest(state, logged, fact);
      break;
    case "hitl-decision+jwt":
      evolveDecision(state, logged, fact);
      break;
    case "hitl-handling+jwt":
      evolveHandling(state, logged, fact);
      break;
    case "hitl-withdrawal+jwt":
      evolveWithdrawal(state, logged, fact);
      break;
    case "hitl-review+jwt":
      evolveReview(state, logged, fact);
      break;
    case "standing-grant+jwt":
      evolveGrant(state, logged, fact);
      break;
    case "grant-revocation+jwt":
      evolveGrantRevocation(state, logged, fact);
      break;
    case "override+jwt":
      evolveOverride(state, logged, fact);
      break;
    case "override-ack+jwt":
      evolveAck(state, logged, fact);
      break;
    case "override-compliance+jwt":
      evolveVerdict(state, logged, fact);
      break;
    case "usage-record+jwt":
    case "tariff+jwt":
    case "settlement+jwt":
    case "usage-correction+jwt":
    case "ledger-import+jwt":
      evolveAccounting(state, logged, fact);
      break;
    case "bench-order+jwt":
      evolveBenchOrder(state, logged, fact);
      break;
    case "bench-result+jwt":
      evolveBenchResult(state, logged, fact);
      break;
    case "behavior-profile+jwt":
    case "behavior-order+jwt":
    case "bet+jwt":
    case "ear+jwt":
    case "circuit-state+jwt":
    case "breaker-order+jwt":
    case "failure-signal+jwt":
    case "lease+jwt":
    case "evidence-request+jwt":
    case "audit-handoff+jwt":
    case "audit-countersign+jwt":
    case "crossing-handling+jwt":
    case "audit-query+jwt":
    case "audit-query-decision+jwt":
    case "domain-order+jwt":
    case "rollback-request+jwt":
    case "rollback-result+jwt":
    case "exec-audit+jwt":
    case "residue-handling+jwt":
      break;
    default:
      assertNever(fact, "fact");
  }
  evolveBehavior(state, logged);
  evolveCascade(state, logged);
  evolveLiveness(state, logged);
  evolveFindings(state, logged);
  evolveRollback(state, logged);
  evolveDenials(state, logged);
  state.size = logged.seq + 1;
  if (state.size % SWEEP_EVERY === 0) {
    for (const [scope, until] of state.seen) if (until < logged.receivedAt) state.seen.delete(scope);
  }
  return state;
}
