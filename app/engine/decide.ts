import { assertNever } from "../base/assert.ts";
import { err, type Result } from "../base/result.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import type { Command, Draft, Moment } from "./command.ts";
import { decideDeadline, decideEscalation } from "./gate/decide-deadline.ts";
import { decideDecision } from "./gate/decide-decision.ts";
import { decideEffect, decideWithheld } from "./gate/decide-effect.ts";
import { decideIntent } from "./gate/decide-intent.ts";
import { decideRequest } from "./gate/decide-request.ts";
import { decideEnrolment, decideRoleStatement } from "./identity/decide.ts";
import { keyUseProblem } from "./identity/key-use.ts";
import { decideAck, decideOverride, decideTermination, decideVerdict } from "./override/decide.ts";
import { decideDerived, decideRevocation } from "./policy/decide.ts";
import type { HostIds } from "./records.ts";
import { replayScopeOf } from "./replay.ts";
import type { State } from "./state.ts";
import { decideEct, decideFinish, decideStart } from "./workflow/decide.ts";

/** The only place that says what a command leads to: entries to log, or a refusal. Pure; one line per kind. */
export function decide(state: State, command: Command, ids: HostIds, moment: Moment): Result<Draft[], Refusal> {
  switch (command.kind) {
    case "token":
      return decideToken(state, command, ids, moment);
    case "enrol":
      return decideEnrolment(state, command, ids, moment);
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
    case "agent_terminated":
      return decideTermination(state, command, ids, moment);
    case "verdict":
      return decideVerdict(state, command, ids, moment);
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
): Result<Draft[], Refusal> {
  const { verified, fact } = command;
  const replay = replayScopeOf(fact);
  if (replay !== null && state.seen.has(replay.scope)) {
    return err(refusal("token_replayed", "this token id was used before", { jti: fact.claims.jti }));
  }
  const restricted = keyUseProblem(state, verified, fact);
  if (restricted !== null) return err(restricted);
  switch (fact.typ) {
    case "intent+jwt":
      return decideIntent(state, verified, fact, ids, moment);
    case "exec+jwt":
      return decideEct(state, verified, fact, moment);
    case "hitl-request+jwt":
      return decideRequest(state, verified, fact, moment);
    case "hitl-decision+jwt":
      return decideDecision(state, verified, fact, ids, moment);
    case "override+jwt":
      return decideOverride(state, verified, fact, moment);
    case "override-ack+jwt":
      return decideAck(state, verified, fact);
    case "role-statement+jwt":
      return decideRoleStatement(state, verified, fact, ids, moment);
    case "acp+jwt":
      return decideDerived(state, verified, fact, moment);
    case "acp-revocation+jwt":
      return decideRevocation(state, verified, fact, moment);
    case "wit+jwt":
    case "record+jwt":
    case "override-compliance+jwt":
      return err(refusal("token_wrong_type", `a ${fact.typ} is not taken from outside`));
    default:
      return assertNever(fact, "fact");
  }
}
